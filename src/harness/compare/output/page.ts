/** A comparison as one HTML file that loads nothing and runs nothing, in the report's style. */
import { formatDate } from "../../../core/format.ts";
import { documentHead } from "../../report/render/html/policy.ts";
import { facts } from "../../report/render/html/tables.ts";
import { html, type Markup } from "../../report/render/html/template.ts";
import { type Comparison, type RowResult, type RunLabel, verdicts } from "../result.ts";
import { reproduceLines } from "./reproduce.ts";
import { sparkSvg } from "./sparkline.ts";
import { isNews, levelChanges } from "./table.ts";
import { baselineText } from "./text.ts";
import {
  changeText,
  levelChangeText,
  lossText,
  mismatchMark,
  pText,
  reasonText,
  shortCommit,
  summaryText,
  thresholdText,
  valueText,
} from "./words.ts";

const ownStyle = `
body { max-width: 84rem; }
tbody th, tbody td { vertical-align: top; }
td:last-child { min-width: 18rem; }
.spark { display: block; overflow: visible; }
.spark polyline { fill: none; stroke: var(--muted); stroke-width: 1.25; stroke-linejoin: round; }
.spark circle { fill: var(--accent); }
.spark .step { stroke: var(--alarm); stroke-width: 1; stroke-dasharray: 2 2; }
.rows-regressed .spark circle { fill: var(--alarm); }
.rows-regressed th code { color: var(--alarm); }
td pre { margin: 0.5rem 0 0; white-space: pre-wrap; }
`;

const titles: Readonly<Record<RowResult["verdict"], string>> = {
  regressed: "Regressed",
  vanished: "Vanished",
  "not comparable": "Not comparable",
  improved: "Improved: check that it is intended",
  inconclusive: "Inconclusive",
  new: "New",
  unchanged: "Unchanged",
};

/** `reportStyle` is the report's own style sheet. */
export function comparisonPage(comparison: Comparison, reportStyle: string): string {
  const { kind, head, base, history, losses, notices, rows } = comparison;
  const style = reportStyle + ownStyle;
  const mark = mismatchMark(comparison);
  const alarms = [mark ?? [], losses.map(lossText)].flat();
  const changes = levelChanges(rows);
  return html`<!doctype html>
<html lang="en">
${documentHead(`${summaryText(comparison)}: ${head.label} against ${base.label}`, style)}
<body>
<a class="skip" href="#verdicts">To the verdicts</a>
<header>
<p class="eyebrow">bench ${kind}</p>
<h1>${capital(head.label)} against ${base.label}</h1>
<p class="lead">${summaryText(comparison)}.</p>
${history ? html`<p>${baselineText(history)}.</p>` : undefined}
${alarms.length > 0 ? html`<ul class="alerts">${alarms.map((text) => html`<li><strong>Note</strong> ${text}</li>`)}</ul>` : undefined}
</header>
<main id="verdicts">
${verdicts.map((verdict) => section(comparison, verdict))}
${
  changes.length > 0
    ? html`<section aria-labelledby="steps"><h2 id="steps">Changes of level</h2><ul>${changes.map(
        ({ key, change }) =>
          html`<li><code>${key}</code>, ${levelChangeText(change)}${change.p === undefined ? "" : `; p = ${change.p}`}</li>`,
      )}</ul></section>`
    : undefined
}
<section aria-labelledby="runs"><h2 id="runs">The two sides</h2>
${[base, head].map(runFacts)}
${notices.map((notice) => html`<p class="note">${notice}</p>`)}
${history && history.accepts.length > 0 ? html`<h3>Moves of the baseline</h3><ul>${history.accepts.map(({ night, reason, at }) => html`<li>to night ${night}, ${formatDate(at)}: ${reason}</li>`)}</ul>` : undefined}
</section>
</main>
<footer><p>${rulesText(comparison)}</p></footer>
</body>
</html>
`.html;
}

function section(comparison: Comparison, verdict: RowResult["verdict"]): Markup | undefined {
  const rows = comparison.rows.filter((row) => row.verdict === verdict);
  if (rows.length === 0) return undefined;
  const name = `${titles[verdict]}: ${rows.length}`;
  const id = verdict.replace(" ", "-");
  const table = html`<div class="scroll" role="region" tabindex="0" aria-label="${name}"><table class="rows-${id}">
<thead><tr>${["reading", "old, median", "new, median", "change, 95%", "p (Holm)", "threshold", "course", "why"].map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${rows.map((row) => tableRow(comparison, row))}</tbody>
</table></div>`;
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${name}</h2>
${isNews(rows[0]!) ? table : html`<details><summary>Show them</summary>${table}</details>`}
</section>
`;
}

function tableRow(comparison: Comparison, row: RowResult): Markup {
  const { series, steps, key } = row;
  const label = `${series.values.length} values, the last ${series.values.length - series.head} of them the new ones`;
  const betweenSides = series.head > 0 && series.head < series.values.length ? [series.head] : [];
  const marks = comparison.kind === "compare" ? betweenSides : steps.map(({ at }) => at);
  const repeat =
    row.verdict === "regressed"
      ? html`<details><summary>Repeat it</summary><pre><code>${reproduceLines(comparison, row).join("\n")}</code></pre></details>`
      : undefined;
  return html`<tr><th scope="row"><code>${key}</code></th><td class="number">${valueText(row.old)}</td><td class="number">${valueText(row.now)}</td><td class="number">${changeText(row)}</td><td class="number">${pText(row)}</td><td>${thresholdText(row)}</td><td>${sparkSvg(series, marks, label)}</td><td>${reasonText(row, comparison)}${steps.map((change) => html` ${levelChangeText(change)}.`)}${repeat}</td></tr>
`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const runFacts = ({
  label,
  id,
  suite,
  command,
  startedAt,
  commit,
  machine,
}: RunLabel): Markup => html`<h3>${label}</h3>
${facts([
  ["Run", html`<code>${id}</code>`],
  ["Suite", suite],
  ["Commit", commit === undefined ? undefined : html`<code>${shortCommit(commit)}</code>`],
  ["Started", formatDate(startedAt)],
  ["Command", html`<code>${command}</code>`],
  ...Object.entries(machine).map(([field, value]) => [field, value] as const),
])}`;

const rulesText = ({ options }: Comparison): string =>
  `Regressed: significant at ${options.alpha * 100}% over all readings (Holm) and beyond max(floor, k x noise of the history). ` +
  `Unchanged: a change of the size to detect would have been found in ${options.power * 100}% of cases. This page loads nothing.`;
