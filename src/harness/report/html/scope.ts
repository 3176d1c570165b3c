/** How far the verdict carries: what it holds for, the effort behind each model, and what was not measured. */
import type { Cell, Run } from "../../record/index.ts";
import { engineWords, formatCount, formatList, plural, records, stagesOf } from "../analysis/index.ts";
import { facts } from "./tables.ts";
import { html, type Markup } from "./template.ts";

export function scopeAside(run: Run, cells: readonly Cell[]): Markup {
  const { dataset, engine, models } = run;
  const seeds = [...new Set(records(cells, "train").map(({ seed }) => seed))];
  const absent = stagesOf(run, cells).filter(({ state }) => state !== "measured");
  return html`<aside class="scope" aria-labelledby="scope-title">
<h3 id="scope-title">Holds for this scope</h3>
${facts([
  ["Dataset", dataset.name],
  ["Image", `${dataset.size} × ${dataset.size} px, ${plural(dataset.channels, "channel")}`],
  [
    "Budget",
    models.map(
      ({ title, imagesSeen, parameters }) =>
        html`<span class="line">${title}: ${formatCount(imagesSeen)} images seen, ${formatCount(parameters)} parameters</span>`,
    ),
  ],
  [
    "Device",
    `${engine.device.model}, ${engineWords(engine)}${engine.device.software ? ", a software GPU" : ""}`,
  ],
  ["Seeds", seeds.length > 0 ? formatList(seeds.map(String)) : "none"],
  [
    "Tuning",
    models.map(
      ({ title, tuning }) =>
        html`<span class="line">${title}: ${tuning ? `${plural(tuning.trials, "trial")}, ${tuning.how}` : "not stated"}</span>`,
    ),
  ],
])}
${tuningNote(run)}
${
  absent.length > 0
    ? html`<h3>Not measured</h3>
<ul class="absent">${absent.map(({ claim, state, text }) => html`<li>${claim}${state === "partly measured" ? html` (${text})` : undefined}</li>`)}</ul>`
    : undefined
}
<p class="carry">A larger image, budget or model may turn it around.</p>
</aside>
`;
}

/** Unequal effort weakens a comparison; effort that nobody stated weakens it as well. */
function tuningNote({ models }: Run): Markup | undefined {
  const stated = models.flatMap(({ tuning, title }) => (tuning ? [{ title, trials: tuning.trials }] : []));
  if (stated.length < models.length)
    return html`<p class="warning">How much each model was tuned is not stated for ${
      stated.length === 0 ? "any" : "all"
    } of them: a lead may be the tuning's.</p>`;
  const most = stated.toSorted((a, b) => b.trials - a.trials)[0];
  if (!most || stated.every(({ trials }) => trials === most.trials)) return undefined;
  return html`<p class="warning">Tuning was not equal, which weakens any lead of ${most.title}.</p>`;
}
