/** The decision: the answer, what time budgets buy, what was found beside it, and what the run says to the claims. */
import { formatMs, formatNumber, plural } from "../../../core/format.ts";
import type { DataTable, View } from "../../tables/index.ts";
import {
  type BatchBudgets,
  BEYOND_SCOPE,
  budgetsOf,
  caveats,
  findings,
  scopeOf,
  stagesOf,
  tuningNotes,
} from "../analysis/index.ts";
import {
  answered,
  type DecisionData,
  defaultRequirements,
  metricOf,
  presetReason,
  presets,
  type Requirements,
  withPreset,
} from "../decide/index.ts";
import { facts, factsOf, heading, type Item, list, type Part, type Section, tablePart } from "../section.ts";

/** `sections` are those of the claims; `asked` is answered until a reader asks otherwise. */
export function decisionSection(
  view: View,
  data: DecisionData,
  sections: readonly Section[],
  asked: Requirements = defaultRequirements(data),
): Section {
  const metric = metricOf(data, asked.metric)?.title ?? "quality";
  return {
    id: "decision",
    title: "Decision",
    parts: [
      { kind: "decision", asked, runs: [{ data }], scope: scopeParts(view) },
      ...(data.options.length === 0
        ? []
        : [
            ...tablePart("The answer for each preset, other requirements as above", presetTable(data, asked)),
            heading("What a time budget buys"),
            ...budgetsOf(data, asked).flatMap((budgets) =>
              tablePart(
                `The best ${metric} within each time budget, whatever its cost; time is the ${budgets.percentile} of requests of ${plural(budgets.batch, "image")}`,
                budgetTable(budgets, metric),
              ),
            ),
          ]),
      heading("What was found"),
      facts(findings(view).map(({ claim, text }) => ({ name: claim, text }))),
      heading("What weakens these results"),
      ...list(caveats(view)),
      heading("The claims, and what this run says to them"),
      { kind: "list", items: claimItems(view, sections) },
    ],
  };
}

function scopeParts(view: View): Part[] {
  const absent = stagesOf(view).filter(({ state }) => state !== "measured");
  return [
    facts(factsOf(scopeOf(view))),
    ...tuningNotes(view).map((text) => ({ kind: "warning" as const, text })),
    ...(absent.length === 0 ? [] : [heading("Not measured")]),
    ...list(
      absent.map(({ claim, state, text }) => (state === "partly measured" ? `${claim} (${text})` : claim)),
    ),
    { kind: "text", text: BEYOND_SCOPE },
  ];
}

function presetTable(data: DecisionData, asked: Requirements): DataTable {
  return {
    columns: ["preset", "requirement", "answer"],
    rows: Object.entries(presets).map(([name, { title }]) => {
      const { verdict, reason } = answered(data, withPreset(data, name, asked));
      return [
        title,
        presetReason(data, name, asked),
        verdict.startsWith("Deploy") ? verdict : `${verdict} ${reason}`,
      ];
    }),
  };
}

function budgetTable({ ranges }: BatchBudgets, metric: string): DataTable {
  return {
    columns: ["budget per request", "best setting", metric],
    rows: ranges.map(({ fromMs, toMs, setting, value }) => [
      toMs === undefined
        ? `from ${formatMs(fromMs)}`
        : fromMs === 0
          ? `below ${formatMs(toMs)}`
          : `${formatMs(fromMs)} to ${formatMs(toMs)}`,
      setting ?? "no setting is fast enough",
      value === undefined ? "" : formatNumber(value),
    ]),
  };
}

/** Every claim with its outcome and a link to the section that tests it. */
const claimItems = (view: View, sections: readonly Section[]): Item[] =>
  stagesOf(view).map(({ stage, claim, state, text }) => {
    const section = sections.find(({ id }) => id === stage);
    return {
      text: section?.claim ?? claim,
      outcome: section?.verdict?.outcome ?? "not measured",
      href: section && `#${section.id}`,
      note: state === "partly measured" ? text : undefined,
    };
  });
