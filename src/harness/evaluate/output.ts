/** The files that an evaluation leaves: metrics.json, metrics.csv and metrics.html. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { csvText } from "../../core/csv.ts";
import { checkCreatable, unwritable } from "../../core/disk.ts";
import { outputExists } from "../../core/errors.ts";
import { publish } from "../checkpoints/files.ts";
import { documentHead } from "../report/render/html/policy.ts";
import { dataTable, facts } from "../report/render/html/tables.ts";
import { html } from "../report/render/html/template.ts";
import { columns, type EvaluationResult, legend, type Measured, rows } from "./result.ts";

const files = { "metrics.json": toJson, "metrics.csv": toCsv, "metrics.html": toHtml };

/** Checks before any work whether the files can be written. @throws OUTPUT_EXISTS, OUTPUT_UNWRITABLE */
export async function checkOutput(folder: string, force: boolean): Promise<void> {
  await checkCreatable(folder);
  if (force) return;
  for (const file of Object.keys(files))
    if (await stat(join(folder, file)).catch(() => undefined))
      throw outputExists(`${join(folder, file)} exists. Replace it with --force, or choose another --out.`);
}

/** Writes each file whole or not at all, and returns their names. @throws OUTPUT_UNWRITABLE */
export async function writeOutput(folder: string, result: EvaluationResult): Promise<readonly string[]> {
  for (const [file, textOf] of Object.entries(files))
    await publish(folder, file, Buffer.from(textOf(result))).catch((cause: unknown) => {
      throw unwritable(join(folder, file), cause);
    });
  return Object.keys(files);
}

function toJson(result: EvaluationResult): string {
  return `${JSON.stringify(result, null, 2)}\n`;
}

/** A row for each metric; an undefined one has its reason and no value. RFC 4180, full precision. */
function toCsv(result: EvaluationResult): string {
  const row = (metric: string, measured: Partial<Measured>, why?: string) => ({
    metric,
    value: measured.value,
    low: measured.interval?.[0],
    high: measured.interval?.[1],
    confidence: measured.confidence,
    better: measured.direction,
    floor: measured.floor,
    floor_n: measured.floor === undefined ? undefined : result.floor?.n.generated,
    ceiling: measured.ceiling,
    n_real: result.n.real,
    n_generated: result.n.generated,
    features: result.features.name,
    seed: result.seed,
    undefined_because: why,
  });
  const table = [
    ...Object.entries(result.metrics).map(([metric, measured]) => row(metric, measured)),
    ...result.undefined.map(({ metric, why }) => row(metric, {}, why)),
  ];
  return csvText([Object.keys(row("", {})), ...table.map((cells) => Object.values(cells))]);
}

const style = `
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  background: light-dark(#fff, #16181c); color: light-dark(#1c1e21, #e4e6ea); }
h1 { font-size: 1.5rem; line-height: 1.2; }
h2 { font-size: 1.125rem; margin-top: 2rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: .5rem; color: light-dark(#5a5f68, #a3a8b1); }
th, td { text-align: left; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid light-dark(#d9dce1, #34383f);
  font-weight: normal; vertical-align: top; }
thead th { font-weight: 600; }
.number { text-align: right; }
.facts > div { display: flex; gap: 1rem; padding: .15rem 0; }
.facts dt { flex: 0 0 10rem; color: light-dark(#5a5f68, #a3a8b1); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
`;

/** One page that loads nothing and runs nothing. */
function toHtml(result: EvaluationResult): string {
  const { inputs, n, features, undefined: without, notes, seed } = result;
  const title = `${inputs.generated.name} against ${inputs.real.name}`;
  return html`<!doctype html>
<html lang="en">
${documentHead(title, style)}
<body>
<main>
<h1>${title}</h1>
${notes.map((note) => html`<p><strong>Note:</strong> ${note}.</p>\n`)}
${dataTable(`${n.generated} generated against ${n.real} real images; features: ${features.name}`, {
  columns: [...columns],
  rows: rows(result),
})}
<p>↓ lower is better, ↑ higher, ↕ near the floor. ${legend(result)
    .map((line) => `${line}.`)
    .join(" ")}</p>
${
  without.length > 0
    ? [
        html`<h2>Undefined here</h2>\n`,
        dataTable("Metrics without a value, and why", {
          columns: ["metric", "why"],
          rows: without.map(({ metric, why }) => [metric, why]),
        }),
      ]
    : undefined
}
<h2>Protocol</h2>
${facts([
  ["real", `${inputs.real.name} (${inputs.real.read})`],
  ["generated", `${inputs.generated.name} (${inputs.generated.read})`],
  ...(inputs.training
    ? [["training", `${inputs.training.name} (${inputs.training.read}), ${n.training} images of it`] as const]
    : []),
  ...Object.entries(features).map(
    ([key, value]) =>
      [key === "name" ? "features" : `features, ${key.replaceAll("_", " ")}`, String(value)] as const,
  ),
  ["seed of draws", String(seed)],
  ["harness", result.harness],
])}
</main>
</body>
</html>
`.html;
}
