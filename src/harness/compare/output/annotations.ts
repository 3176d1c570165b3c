/** A comparison as workflow commands of GitHub Actions, which annotate the page of the workflow's run. */
import { printable } from "../../../core/escape.ts";
import type { Comparison, RowResult, Verdict } from "../result.ts";
import { changeText, mismatchMark, reasonText, summaryText } from "./words.ts";

/** GitHub shows ten of each kind per workflow step and drops the others; the tenth says how many more there are. */
const MOST = 9;

export function annotations(comparison: Comparison): string[] {
  const { rows, losses } = comparison;
  const mark = mismatchMark(comparison);
  const marks = (verdict: Verdict, text: (row: RowResult) => string): Mark[] =>
    rows.filter((row) => row.verdict === verdict).map((row) => [verdict, `${row.key}: ${text(row)}`]);
  const reason = (row: RowResult) => reasonText(row, comparison);
  return [
    ...some("error", [
      ...losses.map(({ what, state, why }): Mark => [state, `${what}: ${why}`]),
      ...marks("vanished", reason),
      ...marks("regressed", changeText),
    ]),
    ...some("warning", [
      ...(mark ? [["mismatch allowed", mark] as const] : []),
      ...marks("not comparable", reason),
      ...marks("improved", (row) => `${changeText(row)}; better than expected: check that it is intended`),
    ]),
    `::notice title=bench ${comparison.kind}::${data(summaryText(comparison))}`,
  ];
}

type Mark = readonly [title: string, text: string];

function some(kind: string, all: readonly Mark[]): string[] {
  const lines = all
    .slice(0, MOST)
    .map(([title, text]) => `::${kind} title=${property(title)}::${data(text)}`);
  return all.length > MOST
    ? [...lines, `::${kind} title=more::${all.length - MOST} more, in the step summary`]
    : lines;
}

const data = (text: string): string =>
  printable(text).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
