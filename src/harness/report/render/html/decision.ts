/** The decision as markup: question, controls, and under them the answer of each run. */
import { answered, candidateTable, type DecisionData, type Requirements } from "../../decide/index.ts";
import type { Decided } from "../../section.ts";
import { controls } from "./controls.ts";
import { facts, linked } from "./tables.ts";
import { html, jsonBlock, type Markup } from "./template.ts";

/** One run with its scope beside the answer; several, which have names, in columns. */
export function decisionMarkup({ asked, runs }: Decided, scope: readonly Markup[]): Markup {
  const { name, data: first } = runs[0]!;
  const answerable = first.options.length > 0;
  const region = (of: keyof typeof regions, data: DecisionData) =>
    html`<div class="${of}"${of === "answer" ? html` role="status" aria-live="polite" aria-atomic="true"` : undefined}>${regions[of](data, asked)}</div>
`;
  const candidates = (data: DecisionData, open: boolean) =>
    html`<details class="candidates"${open ? html` open` : undefined}><summary>All settings under these requirements</summary>
<div class="scroll" role="region" tabindex="0" aria-label="All settings under these requirements">${region("settings", data)}</div></details>
`;
  const question = html`<p class="asked">${answered(first, asked).asked}</p>
`;
  const form = answerable ? controls(first, asked) : undefined;
  const block = html`<script type="application/json" class="decision-data">${jsonBlock(runs.map(({ data }) => data))}</script>
`;
  if (name !== undefined)
    return html`${question}${form}
<div class="answers">${runs.map(
      ({ name, data }, i) => html`<div data-answer="${i}"><h3>${name}</h3>
${region("answer", data)}<details><summary>What would change the answer</summary>
${region("changes", data)}</details>
${candidates(data, false)}</div>`,
    )}</div>
${block}`;
  return html`<div class="decision" data-answer="0">
<div>
${question}${region("answer", first)}${form}
${answerable ? html`<h3>What would change the answer</h3>${region("changes", first)}` : undefined}
</div>
<aside class="scope" aria-labelledby="scope-title">
<h3 id="scope-title">The answer holds for</h3>
${scope}</aside>
${answerable ? candidates(first, true) : undefined}
</div>
${answerable ? block : undefined}`;
}

/** What depends on the requirements, by the class of its place: the page's script fills these places again. */
export const regions = {
  answer(data: DecisionData, asked: Requirements): Markup {
    const { verdict, reason, certainty, notes } = answered(data, asked);
    return html`<p class="verdict">${verdict}</p>
<p class="reason">${reason}</p>
<p class="certainty"><strong class="level ${certainty.level}">${certainty.level}</strong> <span>${certainty.text}</span></p>${
      notes.length === 0
        ? undefined
        : html`
<ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul>`
    }`;
  },

  changes: (data: DecisionData, asked: Requirements): Markup =>
    facts(answered(data, asked).changes.map(({ claim, text }) => [claim, text])),

  /** Every setting; each number links to its row of the CSV files. */
  settings(data: DecisionData, asked: Requirements): Markup {
    const { columns, rows } = candidateTable(data, asked);
    return html`<table class="wide">
<caption>Settings that qualify first; each number links to its row in the CSV files beside this page</caption>
<thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map(
      ({ state, cells }) =>
        html`<tr class="${state}">${cells.map(({ text, href }, i) =>
          i === 0 ? html`<th scope="row">${text}</th>` : html`<td>${linked(text, href)}</td>`,
        )}</tr>`,
    )}</tbody>
</table>`;
  },
};
