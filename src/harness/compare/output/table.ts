/** Rows of a comparison as text, in columns that several outputs share. */
import type { Comparison, RowResult } from "../result.ts";
import { sparkText } from "./sparkline.ts";
import { changeText, pText, reasonText, thresholdText, valueText, verdictText } from "./words.ts";

export const columns = ["verdict", "reading", "old", "new", "change", "p", "threshold", "course"] as const;

export const cellsOf = (row: RowResult): string[] => [
  verdictText(row),
  row.key,
  valueText(row.old),
  valueText(row.now),
  changeText(row),
  pText(row),
  thresholdText(row),
  sparkText(row.series),
];

/** True for rows that outputs show at once; the others are folded or only counted. */
export const isNews = ({ verdict }: RowResult): boolean => verdict !== "unchanged" && verdict !== "new";

/** Every lasting change of level, with the reading that shows it; a comparison of two runs has none. */
export const levelChanges = (rows: readonly RowResult[]) =>
  rows.flatMap(({ key, steps }) => steps.map((change) => ({ key, change })));

/** The reasons of rows of one verdict, each with the readings that share it. */
export function reasons(
  comparison: Comparison,
  rows: readonly RowResult[],
): { reason: string; keys: string[] }[] {
  const groups = new Map<string, string[]>();
  for (const row of rows) {
    const reason = reasonText(row, comparison);
    if (reason !== "") groups.set(reason, [...(groups.get(reason) ?? []), row.key]);
  }
  return [...groups].map(([reason, keys]) => ({ reason, keys }));
}
