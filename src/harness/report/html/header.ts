/** Title, what was run where, and the marks a reader must see before any number. */
import type { Cell, Run } from "../../record/index.ts";
import { engineWords, formatDate, formatList, formatSeconds, type Mark, marksOf } from "../analysis/index.ts";
import { facts } from "./tables.ts";
import { html, type Markup } from "./template.ts";

export function header(run: Run, cells: readonly Cell[], notices: readonly string[]): Markup {
  const { dataset, engine, models } = run;
  return html`<header>
${themeSwitch()}
<h1>GAN or diffusion, for this deployment?</h1>
<p class="lead">${formatList(models.map(({ title }) => title))}, trained on the same data and measured on the same machine.</p>
${facts([
  ["Suite", run.suite],
  ["Dataset", `${dataset.name}, ${dataset.size} × ${dataset.size} × ${dataset.channels}`],
  ["Device", `${engine.device.model} (${engineWords(engine)})`],
  ["Date", formatDate(run.startedAt)],
  ["Took", run.seconds === undefined ? undefined : formatSeconds(run.seconds)],
])}
${marksMarkup(marksOf(run, cells, notices))}
</header>
`;
}

/** The name of the harness, and the switch of colours, which the page's script shows. */
export const themeSwitch = (): Markup =>
  html`<div class="bar"><p class="eyebrow">gan-vs-diffusion-bench</p>
<fieldset class="theme" hidden><legend>Colours</legend>${["auto", "light", "dark"].map(
    (theme) => html`<label><input type="radio" name="theme" value="${theme}"><span>${theme}</span></label>`,
  )}</fieldset></div>`;

/** What a reader must know before any number. */
export const marksMarkup = (marks: readonly Mark[]): Markup | undefined =>
  marks.length === 0
    ? undefined
    : html`<ul class="alerts">${marks.map(({ label, detail }) => html`<li><strong>${label}</strong> ${detail}</li>`)}</ul>`;
