/** Tables: a data table of any columns, and name-value lists. */
import type { DataTable, RowLink } from "../../../tables/index.ts";
import { html, type Markup } from "./template.ts";

const NUMERIC = /^[-−]?[\d.,]+(e[-+]?\d+)?(\s?(µs|ms|s|min|h|%|[MGT]))?$/;

/** With more columns than these, cells keep to one line and the table scrolls. */
const WIDE = 6;

/** Rows shown at most: a page of thousand cells must still open at once, and the CSV files hold every row. */
const MOST_ROWS = 300;

/**
 * A table that scrolls sideways where it is wider than the page; columns of numbers are aligned right. With
 * `rowOf` each row leads to its line in a CSV file.
 */
export function dataTable(caption: string, { columns, rows, sources }: DataTable, rowOf?: RowLink): Markup {
  const wide = columns.length > WIDE;
  const numeric = columns.map((_, i) => {
    const filled = rows.map((row) => row[i] ?? "").filter((text) => text !== "");
    return filled.length > 0 && filled.every((text) => NUMERIC.test(text) || text === "undefined");
  });
  const links = rowOf ? (sources ?? []).map((source) => source && rowOf(source.csv, source.key)) : [];
  const kind = (i: number) => (numeric[i] ? "number" : "text");
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${caption}"><table class="${wide ? "wide" : ""}">
<caption>${caption}</caption>
<thead><tr>${columns.map((name, i) => html`<th scope="col" class="${kind(i)}">${name}</th>`)}</tr></thead>
<tbody>${rows
    .slice(0, MOST_ROWS)
    .map(
      (row, y) =>
        html`<tr>${row.map((text, i) =>
          i === 0
            ? html`<th scope="row">${linked(text, links[y])}</th>`
            : html`<td class="${kind(i)}">${text}</td>`,
        )}</tr>`,
    )}</tbody>
</table>${rows.length > MOST_ROWS ? html`<p class="note">${rows.length - MOST_ROWS} more rows are in the CSV files.</p>` : undefined}</div>
`;
}

export const linked = (text: string, href: string | undefined): Markup | string =>
  href === undefined ? text : html`<a href="${href}">${text}</a>`;

/** Names and what they are; an entry without a value is left out. */
export const facts = (entries: readonly (readonly [string, string | Markup | undefined])[]): Markup =>
  html`<dl class="facts">${entries.map(([name, value]) => (value === undefined ? undefined : html`<div><dt>${name}</dt><dd>${value}</dd></div>`))}</dl>
`;
