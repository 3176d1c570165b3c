/** The rows of a comparison as the columns that text, Markdown and HTML share. */
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

/** Rows that a reader should see at once; the others are counted. */
export const isNews = ({ verdict }: RowResult): boolean => verdict !== "unchanged" && verdict !== "new";

/** Rows of one verdict that differ in nothing but what they measure: told together. */
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
