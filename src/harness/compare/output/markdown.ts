/** A comparison for a pull request or a GitHub step summary, which takes 1 MiB. */
import { escapeMarkdown, fenced } from "../../../core/escape.ts";
import { type Comparison, type RowResult, verdicts } from "../result.ts";
import { reproduceLines } from "./reproduce.ts";
import { cellsOf, columns, isNews, levelChanges } from "./table.ts";
import { baselineText } from "./text.ts";
import { levelChangeText, mismatchMark, reasonText, runText, summaryText } from "./words.ts";

/** GitHub refuses a step's summary above 1 MiB; some of it may be written already. */
export const SUMMARY_BYTES = 1024 * 1024;

/**
 * At most `limit` bytes of UTF-8. Where that is too little, blocks are left out from the end (unchanged readings first,
 * regressions last), and the text says how many rows that were.
 */
export function comparisonMarkdown(comparison: Comparison, limit = SUMMARY_BYTES): string {
  const { head, base, rows, losses, notices, history } = comparison;
  const mark = mismatchMark(comparison);
  const changes = levelChanges(rows);
  const blocks = [
    block(`## ${title(comparison)}`),
    block(`${escapeMarkdown(runText(head))} against ${escapeMarkdown(runText(base))}`),
    history && block(escapeMarkdown(baselineText(history))),
    mark && block(`> [!WARNING]\n> ${escapeMarkdown(mark)}`),
    block(`**${summaryText(comparison)}**`),
    losses.length > 0 &&
      table(
        "Lost",
        ["what", "state", "why"],
        losses.map(({ what, state, why }) => [what, state, why]),
      ),
    ...verdicts.flatMap((verdict) => verdictBlocks(comparison, verdict)),
    changes.length > 0 &&
      table(
        "Changes of level in the history",
        ["reading", "change"],
        changes.map(({ key, change }) => [key, levelChangeText(change)]),
      ),
    ...notices.map((notice) => block(`Note: ${escapeMarkdown(notice)}`)),
  ];
  return fitted(
    blocks.filter((block) => typeof block === "object"),
    limit,
  );
}

function title({ rows, losses }: Comparison): string {
  const has = (verdict: RowResult["verdict"]) => rows.some((row) => row.verdict === verdict);
  if (losses.length > 0 || has("vanished")) return "Benchmark: something is lost";
  const worst = (["regressed", "not comparable", "improved", "inconclusive"] as const).find(has);
  return `Benchmark: ${worst ?? "unchanged"}`;
}

/** Text before and after lines that may be left out. */
interface Block {
  readonly before: string;
  readonly lines: readonly string[];
  readonly after: string;
}

const block = (text: string): Block => ({ before: `${text}\n`, lines: [], after: "\n" });

function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  folded = false,
): Block {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeMarkdown).join(" | ")} |\n`;
  const top = `${line(head)}|${head.map(() => "---").join("|")}|\n`;
  const text = escapeMarkdown(caption);
  const heading = folded ? `<details><summary>${text}</summary>` : `### ${text}`;
  return {
    before: `${heading}\n\n${top}`,
    lines: rows.map(line),
    after: folded ? "\n</details>\n\n" : "\n",
  };
}

function verdictBlocks(comparison: Comparison, verdict: RowResult["verdict"]): Block[] {
  const rows = comparison.rows.filter((row) => row.verdict === verdict);
  if (rows.length === 0) return [];
  const folded = !isNews(rows[0]!) || verdict === "inconclusive";
  const head = [...columns.slice(1), "why"];
  const cells = rows.map((row) => [...cellsOf(row).slice(1), reasonText(row, comparison)]);
  const name = `${verdict.charAt(0).toUpperCase()}${verdict.slice(1)}: ${rows.length}`;
  const first = verdict === "regressed" ? [repeat(comparison, rows[0]!)] : [];
  return [table(name, head, cells, folded), ...first];
}

const repeat = (comparison: Comparison, row: RowResult): Block =>
  block(
    `To repeat the first of them (another by its own --metric):\n\n${fenced(reproduceLines(comparison, row).join("\n"), "sh")}`,
  );

/** As many whole blocks, and whole lines of the next one, as fit together with the sentence about the rest. */
function fitted(blocks: readonly Block[], limit: number): string {
  const whole = blocks.map(({ before, lines, after }) => before + lines.join("") + after).join("");
  if (Buffer.byteLength(whole) <= limit) return whole;
  const lines = blocks.reduce((sum, { lines }) => sum + lines.length, 0);
  const remark = (left: number) =>
    `\n**Cut to ${limit} bytes: ${left} of ${lines} rows are left out. --json holds all of them.**\n`;
  let room = limit - Buffer.byteLength(remark(lines));
  let [text, kept] = ["", 0];
  for (const { before, lines, after } of blocks) {
    const frame = Buffer.byteLength(before) + Buffer.byteLength(after);
    if (frame > room) break;
    room -= frame;
    let fitting = 0;
    for (; fitting < lines.length && Buffer.byteLength(lines[fitting]!) <= room; fitting++)
      room -= Buffer.byteLength(lines[fitting]!);
    text += before + lines.slice(0, fitting).join("") + after;
    kept += fitting;
    if (fitting < lines.length) break;
  }
  return text + remark(lines - kept);
}
