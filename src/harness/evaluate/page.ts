/** metrics.html: one file that loads nothing and runs nothing. */
import { documentHead } from "../report/html/policy.ts";
import { dataTable, facts } from "../report/html/tables.ts";
import { html } from "../report/html/template.ts";
import type { EvaluationResult } from "./result.ts";
import { columns, legend, rows } from "./table.ts";

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

export function page(result: EvaluationResult): string {
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
