/** The verdict in words, the choice by time budget, and how far both carry. */
import type { Run } from "../../record/index.ts";
import {
  type BatchChoices,
  type Decision,
  describeSetting,
  formatMs,
  formatNumber,
  metricText,
  RANKING,
  readingNamed,
} from "../analysis/index.ts";
import type { DataTable } from "../charts/index.ts";
import { dataTable, facts } from "./tables.ts";
import { html, type Markup } from "./template.ts";

export function decisionSection(run: Run, decision: Decision): Markup {
  const { headline, certainty, findings, choices, scope, caveats, stages } = decision;
  const measured = choices.filter((one) => one.choices.length > 0);
  return html`<section id="decision" aria-labelledby="decision-title">
<h2 id="decision-title">Decision</h2>
<p class="verdict">${headline}</p>
<p class="certainty"><strong class="level ${certainty.level}">${certainty.level}</strong> ${certainty.text}</p>
${facts(findings.map(({ claim, text }) => [claim, text] as const))}
${measured.length > 0 ? html`<h3>What a time budget buys</h3>` : undefined}
<div class="pair">${measured.map((one) => dataTable(budgetCaption(one), budgetTable(run, one)))}</div>
<h3>How sure</h3>
<p>${scope}</p>
<ul class="caveats">${caveats.map((text) => html`<li>${text}</li>`)}</ul>
<h3>What was measured</h3>
${dataTable("Claims and the stages that measure them", {
  columns: ["claim", "stage", "in this run"],
  rows: stages.map(({ claim, stage, text }) => [claim, stage, text]),
})}
</section>
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
