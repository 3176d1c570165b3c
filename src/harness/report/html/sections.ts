/** The body's sections as markup: claim and verdict, charts, tables, pictures, and how all of it was measured. */
import type { Verdict } from "../analysis/index.ts";
import type { RenderedChart } from "../charts/index.ts";
import type { RowLink } from "../csv/rows.ts";
import type { Part, Picture, Section } from "../sections/section.ts";
import { figure } from "./figures.ts";
import { dataTable } from "./tables.ts";
import { html, type Markup } from "./template.ts";

export interface Drawn {
  /** Rendered charts by id. */
  readonly charts: ReadonlyMap<string, RenderedChart>;
  /** Data URI of each picture, by its path in the run folder. */
  readonly images: ReadonlyMap<string, string>;
  /** Where a row's numbers stand in the CSV files; without it rows are not linked. */
  readonly rowOf?: RowLink;
}

export function sectionMarkup(section: Section, drawn: Drawn): Markup {
  const { id, title, claim, verdict, introduction, parts, protocol } = section;
  return html`<section id="${id}" class="body-section" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${claim === undefined ? undefined : html`<p class="claim">The claim: “${claim}.”</p>`}
${verdict && verdictMarkup(verdict)}
${introduction === undefined ? undefined : html`<p>${introduction}</p>`}
${parts.map((part) => partMarkup(part, drawn))}
${
  protocol.length > 0
    ? html`<details class="protocol"><summary>How it was measured</summary><ul>${protocol.map((text) => html`<li>${text}</li>`)}</ul></details>`
    : undefined
}
</section>
`;
}

/** Style of each outcome. */
export const levels: Readonly<Record<Verdict["outcome"], string>> = {
  holds: "supported",
  "does not hold here": "contrary",
  inconclusive: "inconclusive",
  "not measured": "unmeasured",
};

const verdictMarkup = ({ outcome, text, pairs, rule }: Verdict): Markup =>
  html`<div class="outcome ${levels[outcome]}"><p class="finding"><strong class="level ${levels[outcome]}">${outcome}</strong> ${text}</p>
${pairsMarkup(pairs)}
<details><summary>How it is decided</summary><p class="rule">By ${rule}</p></details></div>
`;

/** Pairs of models beyond which they are folded away: the sentence above them decides. */
const PAIRS_SHOWN = 3;

function pairsMarkup(pairs: readonly string[]): Markup | undefined {
  if (pairs.length === 0) return undefined;
  const items = html`<ul>${pairs.map((pair) => html`<li>${pair}</li>`)}</ul>`;
  return pairs.length > PAIRS_SHOWN
    ? html`<details class="pairs"><summary>What each of ${pairs.length} pairs says</summary>${items}</details>`
    : items;
}

function partMarkup(part: Part, drawn: Drawn): Markup {
  switch (part.kind) {
    case "text":
      return html`<p>${part.text}</p>
`;
    case "heading":
      return html`<h3>${part.text}</h3>
`;
    case "charts":
      return html`<div class="figures">${part.charts.map(({ id }) => {
        const chart = drawn.charts.get(id);
        return chart && figure(chart, drawn.rowOf);
      })}</div>
`;
    case "table":
      return html`${dataTable(part.caption, part.table, drawn.rowOf)}${
        part.csv &&
        html`<p class="source">In full: <a href="csv/${part.csv}.csv">${part.csv}.csv</a></p>
`
      }`;
    case "pictures":
      return html`<h3>${part.title}</h3>
<div class="samples ${part.layout}">${part.pictures.map((one) => pictureMarkup(one, drawn.images))}</div>
`;
  }
}

function pictureMarkup({ label, file, caption, alt }: Picture, images: ReadonlyMap<string, string>): Markup {
  const source = images.get(file.path);
  const picture = source
    ? html`<img src="${source}" alt="${alt}">`
    : html`<p class="missing">${file.path} is missing or was changed.</p>`;
  return html`<figure>${picture}<figcaption><strong>${label}</strong><small>${caption}</small></figcaption></figure>
`;
}
