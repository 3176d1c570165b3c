/** A comparison as JUnit XML: one test case per reading, so that every viewer of test results shows regressions. */
import { escapeXml } from "../../../core/escape.ts";
import type { Comparison, RowResult } from "../result.ts";
import { reproduceLines } from "./reproduce.ts";
import {
  changeText,
  levelChangeText,
  mismatchMark,
  pText,
  reasonText,
  summaryText,
  thresholdText,
  valueText,
  verdictText,
} from "./words.ts";

export function comparisonJunit(comparison: Comparison): string {
  const { rows, losses } = comparison;
  const suites = new Map<string, Case[]>();
  if (losses.length > 0) suites.set("losses", losses.map(lossCase));
  for (const row of rows) {
    const stage = row.key.split("/")[0]!;
    suites.set(stage, [...(suites.get(stage) ?? []), caseOf(comparison, row)]);
  }
  const mark = mismatchMark(comparison);
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites name="bench ${comparison.kind}: ${escapeXml(summaryText(comparison))}" ${counts([...suites.values()].flat())}>`,
    ...[...suites].map(([name, cases]) =>
      [
        `<testsuite name="${escapeXml(name)}" ${counts(cases)}>`,
        ...(mark
          ? [`<properties><property name="mismatch allowed" value="${escapeXml(mark)}"/></properties>`]
          : []),
        ...cases.map(({ text }) => text),
        "</testsuite>",
      ].join("\n"),
    ),
    "</testsuites>\n",
  ].join("\n");
}

interface Case {
  readonly outcome: "passed" | "failure" | "error" | "skipped";
  readonly text: string;
}

function counts(cases: readonly Case[]): string {
  const count = (outcome: Case["outcome"]) => cases.filter((one) => one.outcome === outcome).length;
  return `tests="${cases.length}" failures="${count("failure")}" errors="${count("error")}" skipped="${count("skipped")}"`;
}

/** Regressed fails; what is gone or cannot be compared is an error; inconclusive is skipped, with what it needs. */
const outcomes: Readonly<Record<RowResult["verdict"], Case["outcome"]>> = {
  regressed: "failure",
  vanished: "error",
  "not comparable": "error",
  improved: "passed",
  inconclusive: "skipped",
  new: "passed",
  unchanged: "passed",
};

function caseOf(comparison: Comparison, row: RowResult): Case {
  const outcome =
    row.verdict === "not comparable" && comparison.mismatchAllowed ? "skipped" : outcomes[row.verdict];
  const parts = row.key.split("/");
  const head = `<testcase classname="${escapeXml(parts.slice(0, -1).join("."))}" name="${escapeXml(parts.at(-1)!)}">`;
  const facts = escapeXml(factsOf(comparison, row));
  const message = escapeXml(
    `${verdictText(row)}: ${[changeText(row), reasonText(row, comparison)].filter(Boolean).join("; ")}`,
  );
  const body =
    outcome === "passed"
      ? `<system-out>${facts}</system-out>`
      : outcome === "skipped"
        ? `<skipped message="${message}"/><system-out>${facts}</system-out>`
        : `<${outcome} type="${escapeXml(row.verdict)}" message="${message}">${facts}</${outcome}>`;
  return { outcome, text: `${head}${body}</testcase>` };
}

function factsOf(comparison: Comparison, row: RowResult): string {
  const facts = [
    ["verdict", verdictText(row)],
    ["old", valueText(row.old)],
    ["new", valueText(row.now)],
    ["change", changeText(row)],
    ["p (Holm)", pText(row)],
    ["threshold", thresholdText(row)],
    ...row.steps.map((change) => ["change of level", levelChangeText(change)]),
    ["to repeat", row.verdict === "regressed" ? `\n${reproduceLines(comparison, row).join("\n")}` : ""],
  ];
  return facts
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}

const lossCase = ({ what, state, why }: Comparison["losses"][number]): Case => ({
  outcome: "error",
  text: `<testcase classname="losses" name="${escapeXml(what)}"><error type="${state}" message="${escapeXml(why)}"/></testcase>`,
});
