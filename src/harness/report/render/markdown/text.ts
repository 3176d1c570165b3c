/** Markdown that shows what is put into it as text, in GitHub's dialect. */
import { fenced as code, escapeHtml, escapeMarkdown as text } from "../../../../core/escape.ts";

export { code, text };

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

/** A list of items that are Markdown already. */
export const list = (items: readonly string[]): string => items.map((item) => `- ${item}`).join("\n");

/** Code within a line: nothing in it is read as markup. */
export const codeSpan = (content: string): string => `<code>${text(content)}</code>`;

/** An attribute's value, quoted. */
export const attribute = (value: string): string => `"${escapeHtml(value)}"`;
