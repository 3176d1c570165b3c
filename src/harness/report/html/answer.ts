/** The answer under what is asked: two sentences, how sure, what would change it, and every setting that was weighed. */
import type { Answered } from "../analysis/index.ts";
import { candidateColumns, candidateRows } from "../assets/candidates.js";
import { choose, type DecisionData, type Requirements } from "../assets/decide.js";
import { presets, withPreset } from "../assets/requirements.js";
import { answerOf } from "../assets/words.js";
import { dataTable } from "./tables.ts";
import { html, type Markup } from "./template.ts";

export function verdictMarkup({ verdict, reason, certainty }: Answered): Markup {
  return html`<div class="answer" role="status" aria-live="polite" aria-atomic="true">
<p class="verdict">${verdict}</p>
<p class="reason">${reason}</p>
<p class="certainty"><strong class="level ${certainty.level}">${certainty.level}</strong> <span>${certainty.text}</span></p>
</div>
`;
}

export const changesMarkup = ({ changes }: Answered): Markup =>
  html`<dl class="facts changes">${changes.map(({ claim, text }) => html`<div><dt>${claim}</dt><dd>${text}</dd></div>`)}</dl>
`;

/** Every setting under the requirements; each number leads to its row of the CSV files. */
export function candidatesMarkup(data: DecisionData, asked: Requirements, open = true): Markup {
  const rows = candidateRows(data, asked, choose(data, asked));
  return html`<details class="candidates"${open ? html` open` : undefined}><summary>Every setting that was weighed</summary>
<div class="scroll" role="region" tabindex="0" aria-label="Settings under what is asked"><table class="wide">
<caption>Settings under what is asked, those that qualify first; a number leads to its row of the CSV files beside this page</caption>
<thead><tr>${candidateColumns(data, asked).map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map(
    ({ state, cells }) =>
      html`<tr class="${state}">${cells.map(({ text, href }, i) => {
        const content = href === undefined ? text : html`<a href="${href}">${text}</a>`;
        return i === 0 ? html`<th scope="row">${content}</th>` : html`<td>${content}</td>`;
      })}</tr>`,
  )}</tbody>
</table></div></details>
`;
}

/** The answer of each preset, the rest as asked: what is read on paper and without JavaScript. */
export function presetsTable(data: DecisionData, asked: Requirements): Markup {
  return dataTable("The answer for each preset, the rest as asked at first", {
    columns: ["preset", "asks", "answer"],
    rows: Object.entries(presets).map(([name, { title, why }]) => {
      const requirements = withPreset(data, name, asked);
      const [verdict, reason] = answerOf(data, requirements, choose(data, requirements));
      return [title, why, choose(data, requirements).chosen ? verdict : `${verdict} ${reason}`];
    }),
  });
}
