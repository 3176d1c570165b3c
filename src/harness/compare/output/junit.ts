/** A comparison as JUnit XML: a test case a reading, so that whatever shows test results shows regressions. */
import type { Comparison, RowResult } from "../result.ts";
import { reproduceLines } from "./reproduce.ts";
import {
  changeText,
  mismatchMark,
  pText,
  reasonText,
  stepText,
  summaryText,
  thresholdText,
  valueText,
  verdictText,
} from "./words.ts";

export function comparisonJunit(comparison: Comparison): string {
  const { rows, losses } = comparison;
  const suites = new Map<string, RowResult[]>();
  for (const row of rows) {
    const name = row.key.split("/")[0]!;
    suites.set(name, [...(suites.get(name) ?? []), row]);
  }
  const bodies = [...suites].map(([name, members]) => ({
    name,
    cases: members.map((row) => caseOf(comparison, row)),
  }));
  if (losses.length > 0) bodies.unshift({ name: "losses", cases: losses.map(lossCase) });
  const all = bodies.flatMap(({ cases }) => cases);
  const mark = mismatchMark(comparison);
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites name="bench ${comparison.kind}: ${xml(summaryText(comparison))}" ${counts(all)}>`,
    ...bodies.map(({ name, cases }) =>
      [
        `<testsuite name="${xml(name)}" ${counts(cases)}>`,
        ...(mark
          ? [`<properties><property name="mismatch allowed" value="${xml(mark)}"/></properties>`]
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
  const head = `<testcase classname="${xml(parts.slice(0, -1).join("."))}" name="${xml(parts.at(-1)!)}">`;
  const facts = factsOf(comparison, row)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
  const message = xml(
    `${verdictText(row)}: ${[changeText(row), reasonText(row, comparison)].filter(Boolean).join("; ")}`,
  );
  const body =
    outcome === "passed"
      ? `<system-out>${xml(facts)}</system-out>`
      : outcome === "skipped"
        ? `<skipped message="${message}"/><system-out>${xml(facts)}</system-out>`
        : `<${outcome} type="${xml(row.verdict)}" message="${message}">${xml(facts)}</${outcome}>`;
  return { outcome, text: `${head}${body}</testcase>` };
}

function factsOf(comparison: Comparison, row: RowResult): [string, string][] {
  const facts: [string, string][] = [
    ["verdict", verdictText(row)],
    ["old", valueText(row.old)],
    ["new", valueText(row.now)],
    ["change", changeText(row)],
    ["p (Holm)", pText(row)],
    ["threshold", thresholdText(row)],
    ...row.steps.map((step): [string, string] => ["step", stepText(step)]),
    ...(row.verdict === "regressed"
      ? [["to repeat", `\n${reproduceLines(comparison, row).join("\n")}`] as [string, string]]
      : []),
  ];
  return facts.filter(([, value]) => value !== "");
}

const lossCase = ({ what, state, why }: Comparison["losses"][number]): Case => ({
  outcome: "error",
  text: `<testcase classname="losses" name="${xml(what)}"><error type="${state}" message="${xml(why)}"/></testcase>`,
});

/** Escaped; characters that XML 1.0 cannot hold become U+FFFD. */
const xml = (text: string): string =>
  text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
