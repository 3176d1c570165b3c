/** A comparison as GitHub Actions' workflow commands: marks on the run's page. */
import type { Comparison } from "../result.ts";
import { changeText, mismatchMark, reasonText, summaryText } from "./words.ts";

/** GitHub shows ten of each kind a step; more would be dropped without a word. */
const MOST = 9;

export function annotations(comparison: Comparison): string[] {
  const { rows, losses } = comparison;
  const of = (verdict: string) => rows.filter((row) => row.verdict === verdict);
  const errors = [
    ...losses.map(({ what, state, why }) => [`${state}`, `${what}: ${why}`] as const),
    ...of("vanished").map((row) => ["vanished", `${row.key}: ${reasonText(row, comparison)}`] as const),
    ...of("regressed").map((row) => ["regressed", `${row.key}: ${changeText(row)}`] as const),
  ];
  const mark = mismatchMark(comparison);
  const warnings = [
    ...(mark ? [["mismatch allowed", mark] as const] : []),
    ...of("not comparable").map(
      (row) => ["not comparable", `${row.key}: ${reasonText(row, comparison)}`] as const,
    ),
    ...of("improved").map(
      (row) =>
        ["improved", `${row.key}: ${changeText(row)}; better than expected: check that it is meant`] as const,
    ),
  ];
  return [
    ...some("error", errors),
    ...some("warning", warnings),
    `::notice title=bench ${comparison.kind}::${data(summaryText(comparison))}`,
  ];
}

function some(kind: string, all: readonly (readonly [string, string])[]): string[] {
  const lines = all
    .slice(0, MOST)
    .map(([title, text]) => `::${kind} title=${property(title)}::${data(text)}`);
  return all.length > MOST
    ? [...lines, `::${kind} title=more::${all.length - MOST} more, in the step summary`]
    : lines;
}

const data = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
