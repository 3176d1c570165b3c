/** What a command prints: JSON, lines, tables, and numbers and decisions as people read them. */
import { relative } from "node:path";
import { printableJson } from "../../core/escape.ts";
import type { Decision } from "../report/index.ts";
import type { Io } from "./command.ts";

export function printJson(io: Io, value: unknown): void {
  io.stdout.write(`${printableJson(JSON.stringify(value, null, 2))}\n`);
}

export function printLine(io: Io, text = ""): void {
  io.stdout.write(`${text}\n`);
}

/** The report's answer and its certainty, what would change it, what was found, and where it holds. */
export function printDecision(io: Io, { answer, findings, scope }: Decision): void {
  printLine(io, `${answer.asked}:`);
  printLine(io, `${answer.verdict} ${answer.reason}`);
  printLine(io, `${answer.certainty.level}: ${answer.certainty.text}`);
  for (const note of answer.notes) printLine(io, `note: ${note}`);
  printLine(io);
  for (const { claim, text } of [...answer.changes, ...findings]) printLine(io, `  ${claim}: ${text}`);
  printLine(io, scope);
  printLine(io);
}

/** A path as the user would type it. */
export const shownPath = ({ cwd }: Io, path: string): string => relative(cwd, path) || ".";

export interface TableColumn {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** A column of numbers, aligned to the right. */
export const right = (title: string): TableColumn => ({ title, align: "right" });

/**
 * Columns padded to their widest cell, two spaces apart, a rule below the head. Lines end without blanks; every row has
 * one cell per column; a line break in a cell starts a line of its own.
 */
export function formatTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ title }) => title), ...rows].flatMap(splitRow);
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  const pad = (cell: string, i: number) =>
    columns[i]!.align === "right" ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!);
  const [head, ...body] = lines.map((line) => line.map(pad).join("  ").trimEnd());
  return [head, widths.map((width) => "-".repeat(width)).join("  "), ...body].join("\n");
}

function splitRow(row: readonly string[]): string[][] {
  const cells = row.map((cell) => cell.split("\n"));
  const height = Math.max(...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, i) => cells.map((cell) => cell[i] ?? ""));
}

/** Prints a table; a column that is only a title is aligned to the left. */
export function printTable(
  io: Io,
  columns: readonly (string | TableColumn)[],
  rows: readonly (readonly string[])[],
): void {
  const full = columns.map((column) => (typeof column === "string" ? { title: column } : column));
  printLine(io, formatTable(full, rows));
}

/** `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const pad = (n: number) => String(n).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** A whole number with its thousands grouped; empty for 0, which a table need not show. */
export const grouped = (count: number): string =>
  count === 0 ? "" : Math.round(count).toLocaleString("en-US");
