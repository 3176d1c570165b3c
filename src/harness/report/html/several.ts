/** The page of several runs. */
import type { Cell, Run } from "../../record/index.ts";
import {
  answered,
  engineWords,
  formatDate,
  formatList,
  marksOf,
  plural,
  records,
} from "../analysis/index.ts";
import type { DecisionData } from "../assets/decide.js";
import { defaultRequirements } from "../assets/requirements.js";
import type { AssetName } from "../assets.ts";
import type { RenderedChart } from "../charts/index.ts";
import type { RowLink } from "../csv/rows.ts";
import type { Section } from "../sections/index.ts";
import { candidatesMarkup, changesMarkup, verdictMarkup } from "./answer.ts";
import { controls } from "./controls.ts";
import { askedMarkup } from "./decision.ts";
import { document } from "./document.ts";
import { marksMarkup, themeSwitch } from "./header.ts";
import { sectionMarkup } from "./sections.ts";
import { dataTable } from "./tables.ts";
import { html, jsonBlock, type Markup } from "./template.ts";

export interface RunInPage {
  readonly name: string;
  /** Its folder, relative to the page. */
  readonly folder: string;
  readonly run: Run;
  readonly cells: readonly Cell[];
  readonly notices: readonly string[];
  /** Its sections, with ids of their own. */
  readonly sections: readonly Section[];
  readonly images: ReadonlyMap<string, string>;
  /** Where a row of numbers stands in the run's CSV files, from this page. */
  readonly rowOf: RowLink;
  readonly data: DecisionData;
}

export interface SeveralInput {
  readonly runs: readonly RunInPage[];
  /** Sections of all runs together. */
  readonly together: readonly Section[];
  readonly charts: ReadonlyMap<string, RenderedChart>;
  readonly assets: Readonly<Record<AssetName, string>>;
}

export function severalPage({ runs, together, charts, assets }: SeveralInput): string {
  const titles = [...new Set(runs.flatMap(({ sections }) => sections.map(({ title }) => title)))];
  const turns = titles.map((title) => ({
    title,
    id: `each-${titles.indexOf(title) + 1}`,
    members: runs.flatMap((run) =>
      run.sections.flatMap((section) => (section.title === title ? [{ run, section }] : [])),
    ),
  }));
  return document({
    title: `GAN or diffusion? ${plural(runs.length, "run")} side by side`,
    assets,
    links: [
      ["decision", "Decision"],
      ["runs", "Runs"],
      ...together.map(({ id, title }) => [id, title] as const),
      ...turns.map(({ id, title }) => [id, title] as const),
    ],
    header: html`<header>
${themeSwitch()}
<h1>GAN or diffusion, for this deployment?</h1>
<p class="lead">${plural(runs.length, "run")} side by side: ${formatList(runs.map(({ name }) => name))}.</p>
${marksMarkup(
  runs.flatMap(({ name, run, cells, notices }) =>
    marksOf(run, cells, notices).map(({ label, detail }) => ({ label: `${name}: ${label}`, detail })),
  ),
)}
${marksMarkup(differences(runs))}
</header>`,
    main: html`${decisionOfEach(runs)}
${runsMarkup(runs)}
${together.map((section) => sectionMarkup(section, { charts, images: new Map() }))}
${turns.map(
  ({ id, members }) =>
    html`<div id="${id}">${members.map(({ run, section }) =>
      sectionMarkup(
        { ...section, title: `${section.title}: ${run.name}` },
        { charts, images: run.images, rowOf: run.rowOf },
      ),
    )}</div>`,
)}`,
    footer: `Made by gan-vs-diffusion-bench from ${plural(runs.length, "run")}. This page loads nothing: it can be mailed, kept and opened anywhere.`,
  });
}

/** The same question to every run; the controls take metrics, batch sizes and price from the first. */
function decisionOfEach(runs: readonly RunInPage[]): Markup {
  const answerable = runs.filter(({ data }) => data.options.length > 0);
  const first = answerable[0];
  if (!first)
    return html`<section id="decision"><h2>Decision</h2><p>No run has settings with both a time and a quality.</p></section>
`;
  const asked = defaultRequirements(first.data);
  return html`<section id="decision" aria-labelledby="decision-title">
<h2 id="decision-title" class="visually-hidden">Decision</h2>
${askedMarkup(first.data, asked)}
${controls(first.data, asked)}
<div class="answers">${answerable.map(({ name, data }, i) => {
    const answer = answered(data, asked);
    return html`<div class="decided" data-answer="${i}"><h3>${name}</h3>
${verdictMarkup(answer)}
<details><summary>What would change the answer</summary>
${changesMarkup(answer)}</details>
${candidatesMarkup(data, asked, false)}
</div>`;
  })}</div>
<script type="application/json" class="decision-data">${jsonBlock(answerable.map(({ data }) => data))}</script>
</section>
`;
}

function runsMarkup(runs: readonly RunInPage[]): Markup {
  const facts: readonly (readonly [string, (one: RunInPage) => string])[] = [
    ["suite", ({ run }) => run.suite],
    [
      "dataset",
      ({ run: { dataset } }) => `${dataset.name}, ${dataset.size} × ${dataset.size} × ${dataset.channels}`,
    ],
    ["device", ({ run: { engine } }) => `${engine.device.model}, ${engineWords(engine)}`],
    ["seeds", ({ cells }) => [...new Set(records(cells, "train").map(({ seed }) => seed))].join(", ")],
    ["state", ({ run }) => run.state],
    ["date", ({ run }) => formatDate(run.startedAt)],
    ["harness", ({ run }) => run.environment.harness],
    ["command", ({ run }) => run.command],
  ];
  return html`<section id="runs" aria-labelledby="runs-title">
<h2 id="runs-title">Runs</h2>
${dataTable("What each run is", {
  columns: ["", ...runs.map(({ name }) => name)],
  rows: facts.map(([name, read]) => [name, ...runs.map(read)]),
})}
<p>Their own pages: ${runs.map(({ name, folder }, i) => html`${i > 0 ? ", " : ""}<a href="${folder}/report.html">${name}</a>`)}.</p>
</section>
`;
}

/** What makes numbers of these runs incomparable, each a mark at the top. */
function differences(runs: readonly RunInPage[]): { label: string; detail: string }[] {
  const differing = (read: (one: RunInPage) => string) => new Set(runs.map(read)).size > 1;
  const found: { label: string; detail: string }[] = [];
  if (differing(({ run }) => run.dataset.hash))
    found.push({ label: "Different data", detail: "The runs' datasets differ: quality does not compare." });
  else if (differing(({ cells }) => records(cells, "classifier")[0]?.weights ?? ""))
    found.push({
      label: "Different features",
      detail: "The runs' classifiers differ, and with them the features: quality does not compare.",
    });
  if (differing(({ run: { engine } }) => engine.precision ?? "float32"))
    found.push({
      label: "Different precisions",
      detail: "The runs sampled in different precisions: quality and times show that too.",
    });
  if (differing(({ run: { engine } }) => `${engine.name} ${engine.provider} ${engine.device.model}`))
    found.push({
      label: "Different devices",
      detail:
        "The runs were timed on different devices or engines: times show both the models and the machines.",
    });
  return found;
}
