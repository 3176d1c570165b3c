/** Markdown that shows what is put into it as text: GitHub's dialect, with tables. */
import type { DataTable } from "../charts/index.ts";

/** Text with everything that Markdown or HTML would read as markup made harmless; one line. */
export const text = (plain: string): string =>
  plain
    .replaceAll(/\s+/g, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/[\\`*_[\]|~$]/g, "\\$&")
    .replace(/^([#+-]|\d+[.)])/, (start) => `${start.slice(0, -1)}\\${start.at(-1)}`);

/** A piece of Markdown that is put in as it is. */
export interface Written {
  readonly markdown: string;
}

export const link = (label: string, href: string): Written => ({
  markdown: `[${text(label)}](<${href.replaceAll(/[<>\n]/g, encodeURIComponent)}>)`,
});

const cell = (content: string | Written): string =>
  typeof content === "string" ? text(content) : content.markdown;

export function table(columns: readonly string[], rows: readonly (readonly (string | Written)[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(text)),
    line(columns.map(() => "---")),
    ...rows.map((row) => line(row.map(cell))),
  ].join("\n");
}

export const dataTable = ({ columns, rows }: DataTable): string => table(columns, rows);

export const list = (items: readonly string[]): string => items.map((item) => `- ${text(item)}`).join("\n");

/** A block of code, fenced by more backticks than it holds in a row. */
export function code(content: string): string {
  const longest = Math.max(0, ...[...content.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(Math.max(3, longest + 1));
  return `${fence}\n${content}\n${fence}`;
}

/** An attribute's value, quoted. */
export const attribute = (value: string): string =>
  `"${value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;")}"`;
