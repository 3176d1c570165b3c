/** A CSV table: its columns with unit and meaning, and its rows in a stable order. */
import { stringify } from "csv-stringify/sync";
import type { Cell, Run } from "../../record/index.ts";

export interface Column {
  /** Unit of the values; none for names and counts. */
  readonly unit?: string;
  readonly meaning: string;
}

/** A number is written in full precision, the shortest text that reads back as the same float64. */
export type CsvValue = string | number | undefined;

export interface Table<Name extends string = string> {
  readonly describe: string;
  /** Holds times: differs between runs of one seed, as no other table does. */
  readonly timing?: true;
  readonly columns: Readonly<Record<Name, Column>>;
  /** Rows in the plan's order, then the order stated in `describe`. An undefined value is an empty field. */
  rows(run: Run, cells: readonly Cell[]): Readonly<Record<Name, CsvValue>>[];
}

/** Binds the row type to the declared columns, so that a row lacking one does not compile. */
export const table = <Name extends string>(definition: Table<Name>): Table<Name> => definition;

/** The file's text: header line and rows, comma separated, `\n` line ends, RFC 4180 quotes. */
export function toCsv({ columns }: Table, rows: readonly Readonly<Record<string, CsvValue>>[]): string {
  return stringify([...rows], {
    header: true,
    columns: Object.keys(columns),
    record_delimiter: "\n",
    cast: { number: (value) => String(value) },
  });
}
