/** How to repeat the run and what it ran on: command, environment, engine ladder, configuration, files. */
import { stringify } from "yaml";
import type { Cell, Run } from "../../record/index.ts";
import { formatNumber, formatPercent, plural, records } from "../analysis/index.ts";
import type { CsvFile } from "../csv/index.ts";
import { dataTable, facts } from "./tables.ts";
import { html, type Markup } from "./template.ts";

/** Files up to this size travel inside the page; larger ones are linked beside it. */
const EMBED_BYTES = 256 * 1024;

export function runSection(run: Run, cells: readonly Cell[], csv: readonly CsvFile[]): Markup {
  const { environment, engine, dataset } = run;
  const { device } = engine;
  const classifier = records(cells, "classifier")[0];
  return html`<section id="run" aria-labelledby="run-title">
<h2 id="run-title">The run</h2>
<h3>Repeat it</h3>
<pre><code>${run.command}</code></pre>
<h3>Files</h3>
<ul class="files">${csv.map(download)}</ul>
<h3>Environment</h3>
${facts([
  ["Harness", environment.harness],
  ["Node", `${environment.node} on ${environment.platform}/${environment.arch}`],
  ["Processor", `${environment.cpu}, ${plural(environment.cores, "core")}`],
  ["Memory", `${formatNumber(environment.memoryGiB)} GiB`],
  ["Device", `${device.model}${device.threads === undefined ? "" : `, ${plural(device.threads, "thread")}`}`],
  ["Driver", device.driver],
  ["Sampling", engine.precision && `in ${engine.precision}; training and judging in float32`],
  [
    "Libraries",
    Object.entries(engine.runtime)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
  ],
  [
    "Dataset",
    `${dataset.name}: ${plural(dataset.train, "training image")}, ${plural(dataset.test, "test image")}, ${plural(dataset.classes.length, "class", "classes")}, ${plural(dataset.modes.length, "mode")}`,
  ],
  ["Dataset hash", html`<code>${dataset.hash}</code>`],
  [
    "Classifier",
    classifier &&
      `right on ${formatPercent(classifier.accuracy)} of held-out real images${
        classifier.channelAccuracy === undefined
          ? ""
          : `, and on ${formatPercent(classifier.channelAccuracy)} of their single channels`
      }; features of width ${classifier.featureWidth}`,
  ],
  ["Classifier hash", classifier && html`<code>${classifier.weights}</code>`],
  ["Run", html`<code>${run.id}</code>`],
])}
${dataTable("Engines tried, best first", {
  columns: ["engine", "provider", "outcome"],
  rows: [
    ...engine.refused.map(({ engine, provider, reason }) => [engine, provider, `refused: ${reason}`]),
    [engine.name, engine.provider, `taken, on ${device.software ? "a software " : ""}${device.kind}`],
  ],
})}
<details><summary>Configuration, hash ${run.configHash.slice(0, 12)}</summary><pre><code>${stringify(run.config)}</code></pre></details>
</section>
`;
}

function download({ path, text, rows }: CsvFile): Markup {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const bytes = Buffer.from(text);
  const inside = bytes.length <= EMBED_BYTES;
  const href = inside ? `data:text/csv;base64,${bytes.toString("base64")}` : path;
  const place = inside ? "" : ", beside this page";
  return html`<li><a href="${href}" download="${name}">${name}</a> ${plural(rows, "row")}${place}</li>
`;
}
