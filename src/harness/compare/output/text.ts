/** A comparison for a terminal. */
import { type Comparison, verdicts } from "../result.ts";
import { reproduceLines } from "./reproduce.ts";
import { cellsOf, columns, isNews, reasons } from "./table.ts";
import { lossText, mismatchMark, runText, stepText, summaryText } from "./words.ts";

type FormatTable = (
  columns: readonly { title: string; align?: "left" | "right" }[],
  rows: string[][],
) => string;

/** `table` sets a table: the command's own. */
export function comparisonText(comparison: Comparison, table: FormatTable): string {
  const { base, head, rows, losses, notices, history } = comparison;
  const shown = rows.filter(isNews);
  const regressed = rows.filter(({ verdict }) => verdict === "regressed");
  const stepped = rows.filter(({ steps }) => steps.length > 0);
  const mark = mismatchMark(comparison);
  const parts = [
    `${runText(head)} against ${runText(base)}`,
    ...(history ? [baselineText(history)] : []),
    ...(mark ? [mark] : []),
    summaryText(comparison),
    ...(losses.length > 0 ? [losses.map((loss) => `lost: ${lossText(loss)}`).join("\n")] : []),
    ...(shown.length > 0
      ? [
          table(
            columns.map((title) => ({
              title,
              align: title === "old" || title === "new" || title === "p" ? "right" : "left",
            })),
            shown.map(cellsOf),
          ),
        ]
      : []),
    ...verdicts.flatMap((verdict) =>
      reasons(
        comparison,
        rows.filter((row) => row.verdict === verdict && isNews(row) && row.detects?.needs === undefined),
      ).map(({ reason, keys }) => `${verdict}: ${listed(keys)}: ${reason}`),
    ),
    ...(stepped.length > 0
      ? [
          [
            "Steps:",
            ...stepped.flatMap(({ key, steps }) => steps.map((step) => `  ${key}, ${stepText(step)}`)),
          ].join("\n"),
        ]
      : []),
    ...(regressed.length > 0
      ? [
          [
            "To repeat the first regression (another by its own --metric):",
            ...reproduceLines(comparison, regressed[0]!).map((line) => `  ${line}`),
          ].join("\n"),
        ]
      : []),
    ...notices.map((notice) => `note: ${notice}`),
  ];
  return `${parts.join("\n\n")}\n`;
}

export const baselineText = ({ nights, baseline }: NonNullable<Comparison["history"]>): string =>
  `${nights} nights; the baseline begins at night ${baseline.night} (run ${baseline.id})${
    baseline.reason === undefined ? "" : `, accepted ${baseline.accepted}: ${baseline.reason}`
  }`;

const listed = (keys: readonly string[]): string =>
  keys.length > 3 ? `${keys.slice(0, 3).join(", ")} and ${keys.length - 3} more` : keys.join(", ");
