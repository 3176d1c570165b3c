/**
 * A number is described once: as a column of a table that is made from records. Its CSV file, the numbers under a chart,
 * the links from there to rows, and the readings of a comparison all come from that description.
 */
import { csvText } from "../../core/csv.ts";
import { formatCount, formatMs, formatNumber, formatPercent, formatSeconds } from "../../core/format.ts";
import type { Reads } from "./reads.ts";
import { derived, type View } from "./view.ts";

/** A number is written in full precision, the shortest text that reads back as the same float64. */
export type CsvValue = string | number | undefined;

export interface Column<Row> {
  /** Unit of the values; it also decides how a person reads them. None for names and plain numbers. */
  readonly unit?: string;
  readonly meaning: string;
  /** Heading under a chart; the column's name where absent. */
  readonly title?: string;
  /** The value of a row; undefined is an empty field. */
  of(row: Row): CsvValue;
  /** Makes the column a reading of a comparison. */
  readonly reads?: Reads<Row>;
}

interface Rows<Row> {
  /** Of its CSV file, without `.csv`. */
  readonly name: string;
  /** What a row is. */
  readonly describe: string;
  /** Holds times: differs between runs of one seed, as no other table does. */
  readonly timing?: true;
  /** Has no file: it is there for readings and charts. */
  readonly internal?: true;
  /** Rows in the plan's order, then the order stated in `describe`. */
  rows(view: View): readonly Row[];
}

export interface Table<Row = unknown> extends Rows<Row> {
  readonly columns: Readonly<Record<string, Column<Row>>>;
}

/** A column by its meaning, the value of a row, and what else there is. */
type MakeColumn<Row> = (
  meaning: string,
  of: (row: Row) => CsvValue,
  more?: Pick<Column<Row>, "unit" | "title" | "reads">,
) => Column<Row>;

/** A table whose columns are made for the rows that `rows` makes, once for each view. */
export const table = <Row, Name extends string>({
  columns,
  rows,
  ...facts
}: Rows<Row> & {
  columns(column: MakeColumn<NoInfer<Row>>): Readonly<Record<Name, Column<NoInfer<Row>>>>;
}): Table<Row> & { readonly columns: Readonly<Record<Name, Column<Row>>> } => ({
  ...facts,
  rows: derived(rows),
  columns: columns((meaning, of, more) => ({ meaning, of, ...more })),
});

/** The file's text: header line and rows. */
export function toCsv({ columns }: Pick<Table, "columns">, rows: readonly unknown[]): string {
  const readers = Object.values(columns);
  return csvText([Object.keys(columns), ...rows.map((row) => readers.map(({ of }) => of(row)))]);
}

export interface CsvFile {
  /** Path relative to the run folder. */
  readonly path: string;
  readonly text: string;
  readonly rows: number;
}

/** The CSV files of a run, one a table; a table whose stage did not run has its header line only. */
export const csvFiles = (view: View, tables: readonly Table[]): CsvFile[] =>
  tables
    .filter(({ internal }) => !internal)
    .map((table) => {
      const rows = table.rows(view);
      return { path: `csv/${table.name}.csv`, text: toCsv(table, rows), rows: rows.length };
    });

/** How a person reads a number of each unit; a plain number has four significant digits. */
const formats: Readonly<Record<string, (value: number) => string>> = {
  ms: formatMs,
  s: formatSeconds,
  share: formatPercent,
  images: formatCount,
  steps: (value) => formatNumber(value, 6),
  parameters: formatCount,
  FLOPs: formatCount,
  values: formatCount,
};

/** A value as a person reads it; nothing where there is none. */
export function shownAs(value: CsvValue, unit?: string): string {
  if (typeof value !== "number") return value ?? "";
  if (Number.isInteger(value) && (unit === undefined || !Object.hasOwn(formats, unit)))
    return formatNumber(value, 9);
  return (unit === undefined ? undefined : formats[unit])?.(value) ?? formatNumber(value, 4);
}

/** Columns of a table as headings with what they show of a row, for `numbers`; a model is shown by its title. */
export function shown<Row>(
  view: View,
  { columns }: Pick<Table<Row>, "columns">,
  ...names: readonly string[]
): Readonly<Record<string, (row: Row) => string>> {
  return Object.fromEntries(
    names.map((name) => {
      const { title = name.replaceAll("_", " "), unit, of } = columns[name]!;
      const read = (row: Row) => shownAs(of(row), unit);
      return [title, name === "model" ? (row: Row) => view.title(read(row)) : read];
    }),
  );
}
