/** A chart in the page: words, key, drawing, and the numbers behind it. */

import { setImmediate } from "node:timers/promises";
import type { RowLink } from "../../../tables/index.ts";
import type { LegendEntry } from "../../charts/index.ts";
import { type RenderedChart, renderChart } from "../../charts/render.ts";
import { chartsOf, type Section } from "../../section.ts";
import { dataTable } from "./tables.ts";
import { html, jsonBlock, Markup } from "./template.ts";

/** Every chart of the sections, drawn, by id; and what Vega warned of. */
export async function drawCharts(sections: readonly Section[]) {
  const drawn: RenderedChart[] = [];
  for (const chart of chartsOf(sections)) {
    await setImmediate(); // a drawing holds the process: between two of them a signal is heard
    drawn.push(await renderChart(chart));
  }
  return {
    charts: new Map(drawn.map((one) => [one.chart.id, one])),
    warnings: drawn.flatMap(({ warnings }) => warnings),
  };
}

export function figure({ chart, svg, spec }: RenderedChart, rowOf?: RowLink): Markup {
  const { id, title, description, notes, legend, size, table } = chart;
  return html`<figure class="chart-figure ${size}" id="${id}">
<figcaption><h3>${title}</h3><p>${description}</p></figcaption>
${legend.length > 0 ? html`<ul class="legend">${legend.map(key)}</ul>` : undefined}
<div class="chart" role="img" aria-label="${title}. ${description}">${new Markup(svg.replace("<svg ", `<svg aria-hidden="true" `))}</div>
<script type="application/json" class="spec">${jsonBlock(spec)}</script>
${notes.map((note) => html`<p class="note">${note}</p>`)}
<details><summary>Numbers</summary>${dataTable(title, table, rowOf)}</details>
</figure>
`;
}

/** Every shape is drawn in a 20 × 12 box; those that stand on a line have it drawn beneath. */
const shapes: Readonly<Record<LegendEntry["symbol"], Markup>> = {
  line: html`<path d="M1 6h18" stroke="currentColor" stroke-width="2"/>`,
  dashed: html`<path d="M1 6h18" stroke="currentColor" stroke-width="2" stroke-dasharray="5 4"/>`,
  circle: html`<circle cx="10" cy="6" r="4"/>`,
  square: html`<path d="M6.2 2.2h7.6v7.6H6.2z"/>`,
  triangle: html`<path d="M10 1.5l4.6 8.4H5.4z"/>`,
  diamond: html`<path d="M10 .5L15 6l-5 5.5L5 6z"/>`,
  cross: html`<path d="M8.5 1.5h3v3h3v3h-3v3h-3v-3h-3v-3h3z"/>`,
};

const key = ({ label, color, symbol, line, dash }: LegendEntry): Markup =>
  html`<li><svg viewBox="0 0 20 12" width="20" height="12" aria-hidden="true" color="${color}" fill="${color}">${
    line && symbol !== "line" && symbol !== "dashed"
      ? html`<path d="M0 6h20" stroke="currentColor" stroke-width="2" stroke-dasharray="${dash ? dash.join(" ") : "none"}"/>`
      : undefined
  }${shapes[symbol]}</svg>${label}</li>`;
