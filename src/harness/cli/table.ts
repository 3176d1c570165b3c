/** A text table: columns padded to their widest cell, two spaces apart, a rule below the head. */

export interface TableColumn {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** Lines end without blanks; every row has one cell a column. A line break in a cell starts a line of its own. */
export function formatTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ title }) => title), ...rows].flatMap(splitRow);
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  const text = lines.map((line) =>
    line
      .map((cell, i) => (columns[i]!.align === "right" ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
  return [text[0]!, widths.map((width) => "-".repeat(width)).join("  "), ...text.slice(1)].join("\n");
}

function splitRow(row: readonly string[]): string[][] {
  const cells = row.map((cell) => cell.split("\n"));
  const height = Math.max(...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, i) => cells.map((cell) => cell[i] ?? ""));
}
