/** A comparison for a terminal. */
import { plural } from "../../../core/format.ts";
import { type Comparison, verdicts } from "../result.ts";
import { reproduceLines } from "./reproduce.ts";
import { cellsOf, columns, isNews, levelChanges, reasons } from "./table.ts";
import { levelChangeText, lossText, mismatchMark, runText, summaryText } from "./words.ts";

type FormatTable = (
  columns: readonly { title: string; align?: "left" | "right" }[],
  rows: string[][],
) => string;

/** `table` formats a table; the command passes its own. */
export function comparisonText(comparison: Comparison, table: FormatTable): string {
  const { base, head, rows, losses, notices, history } = comparison;
  const shown = rows.filter(isNews);
  const regressed = rows.find(({ verdict }) => verdict === "regressed");
  const changes = levelChanges(rows).map(({ key, change }) => `  ${key}, ${levelChangeText(change)}`);
  const paragraphs = [
    `${runText(head)} against ${runText(base)}`,
    history && baselineText(history),
    mismatchMark(comparison),
    summaryText(comparison),
    losses.map((loss) => `lost: ${lossText(loss)}`).join("\n"),
    shown.length > 0 && table(columns.map(columnOf), shown.map(cellsOf)),
    ...verdicts.flatMap((verdict) =>
      reasons(
        comparison,
        shown.filter((row) => row.verdict === verdict && row.detects?.needs === undefined),
      ).map(({ reason, keys }) => `${verdict}: ${listed(keys)}: ${reason}`),
    ),
    changes.length > 0 && ["Changes of level:", ...changes].join("\n"),
    regressed &&
      [
        "To repeat the first regression (another by its own --metric):",
        ...reproduceLines(comparison, regressed).map((line) => `  ${line}`),
      ].join("\n"),
    ...notices.map((notice) => `note: ${notice}`),
  ];
  return `${paragraphs.filter(Boolean).join("\n\n")}\n`;
}

const columnOf = (title: (typeof columns)[number]) => ({
  title,
  align: title === "old" || title === "new" || title === "p" ? ("right" as const) : ("left" as const),
});

export const baselineText = ({ nights, baseline }: NonNullable<Comparison["history"]>): string =>
  `${plural(nights, "night")}; the baseline begins at night ${baseline.night} (run ${baseline.id})${
    baseline.reason === undefined ? "" : `, accepted ${baseline.accepted}: ${baseline.reason}`
  }`;

const listed = (keys: readonly string[]): string =>
  keys.length > 3 ? `${keys.slice(0, 3).join(", ")} and ${keys.length - 3} more` : keys.join(", ");
