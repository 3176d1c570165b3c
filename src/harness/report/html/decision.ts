/** The verdict first, then what is asked, what would change it, and how far it carries. */
import type { Cell, Run } from "../../record/index.ts";
import {
  answered,
  type BatchChoices,
  type Decision,
  describeSetting,
  formatMs,
  formatNumber,
  metricText,
  RANKING,
  readingNamed,
} from "../analysis/index.ts";
import type { DecisionData, Requirements } from "../assets/decide.js";
import { defaultRequirements } from "../assets/requirements.js";
import { questionOf } from "../assets/words.js";
import type { DataTable } from "../charts/index.ts";
import type { Section } from "../sections/index.ts";
import { candidatesMarkup, changesMarkup, presetsTable, verdictMarkup } from "./answer.ts";
import { controls } from "./controls.ts";
import { scopeAside } from "./scope.ts";
import { levels } from "./sections.ts";
import { dataTable, facts } from "./tables.ts";
import { html, jsonBlock, type Markup } from "./template.ts";

export function decisionSection(
  run: Run,
  cells: readonly Cell[],
  decision: Decision,
  data: DecisionData,
  sections: readonly Section[],
): Markup {
  const asked = defaultRequirements(data);
  const answer = answered(data, asked);
  const answerable = data.options.length > 0;
  return html`<section id="decision" aria-labelledby="decision-title">
<h2 id="decision-title" class="visually-hidden">Decision</h2>
<div class="decision" data-answer="0">
<div class="decided">
${askedMarkup(data, asked)}
${verdictMarkup(answer)}
${answerable ? controls(data, asked) : undefined}
${answer.changes.length > 0 ? html`<h3>What would change the answer</h3>${changesMarkup(answer)}` : undefined}
</div>
${scopeAside(run, cells)}
${answerable ? html`<div class="weighed">${candidatesMarkup(data, asked)}</div>` : undefined}
</div>
${answerable ? html`<script type="application/json" class="decision-data">${jsonBlock([data])}</script>` : undefined}
${answerable ? presetsTable(data, asked) : undefined}
${budgetsMarkup(run, decision)}
${foundMarkup(decision)}
${claimsMarkup(decision, sections)}
</section>
`;
}

export const askedMarkup = (data: DecisionData, asked: Requirements): Markup =>
  html`<p class="asked">${questionOf(data, asked)}</p>
`;

function budgetsMarkup(run: Run, { headline, choices }: Decision): Markup {
  const measured = choices.filter((one) => one.choices.length > 0);
  return html`<h3>What a time budget buys</h3>
<p class="headline">${headline}</p>
<div class="pair">${measured.map((one) => dataTable(budgetCaption(one), budgetTable(run, one)))}</div>
`;
}

function foundMarkup({ findings, caveats }: Decision): Markup {
  return html`<h3>What was found</h3>
${facts(findings.map(({ claim, text }) => [claim, text] as const))}
<h3>What weakens it</h3>
<ul class="caveats">${caveats.map((text) => html`<li>${text}</li>`)}</ul>
`;
}

/** Every claim with what this run says to it, and the way to the section that shows it. */
function claimsMarkup({ stages }: Decision, sections: readonly Section[]): Markup {
  const items = stages.map(({ stage, claim, text }) => {
    const section = sections.find(({ id }) => id === stage);
    const outcome = section?.verdict?.outcome ?? "not measured";
    return html`<li><strong class="level ${levels[outcome]}">${outcome}</strong> ${
      section ? html`<a href="#${section.id}">${section.claim ?? claim}</a>` : claim
    }${text === "measured" || text.startsWith("not measured") ? undefined : html` (${text})`}</li>`;
  });
  return html`<h3>The claims, and what this run says to them</h3>
<ul class="claims">${items}</ul>
`;
}

const budgetCaption = ({ batch }: BatchChoices): string =>
  batch === 1 ? "One image at a time" : `In batches of ${batch}, time per image`;

/** The choice for each budget, from what is too small for anything to what any budget beyond buys. */
export function budgetTable(run: Run, { choices }: BatchChoices): DataTable {
  const read = (name: string) => (choice: BatchChoices["choices"][number]) => {
    const reading = readingNamed(choice.choose.point, name);
    return reading ? formatNumber(reading.value) : "";
  };
  const extra = ["coverage", "mode_count"].filter((name) =>
    choices.some((choice) => read(name)(choice) !== ""),
  );
  const first = choices[0]!;
  return {
    columns: [
      "budget per image",
      "choose",
      metricText(RANKING).title,
      ...extra.map((name) => metricText(name).title),
    ],
    rows: [
      [`below ${formatMs(first.from)}`, "nothing measured", "", ...extra.map(() => "")],
      ...choices.map((choice) => [
        choice.to === undefined
          ? `from ${formatMs(choice.from)}`
          : `${formatMs(choice.from)} to ${formatMs(choice.to)}`,
        describeSetting(run, choice.choose),
        formatNumber(choice.choose.quality),
        ...extra.map((name) => read(name)(choice)),
      ]),
    ],
  };
}
