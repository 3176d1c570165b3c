/** Numbers as a person reads them: what stands in a table of the report or under a chart. */
import { type CsvValue, shownAs, type Table } from "./table.ts";

/** The first line of a CSV file that holds every value of `key`. */
export interface RowSource {
  readonly csv: string;
  readonly key: RowKey;
}

export type RowKey = Readonly<Record<string, CsvValue>>;

export interface DataTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Where each row's numbers stand in full; a row may have no such place. */
  readonly sources?: readonly (RowSource | undefined)[];
}

/** What each column shows of a row, by its heading. A number is shown in four significant digits. */
export type Shown<Row> = Readonly<Record<string, (row: Row) => CsvValue>>;

/** Where a row's numbers stand. */
export type SourceOf<Row> = (row: Row) => RowSource | undefined;

export const inCsv =
  <Row>({ name }: Pick<Table, "name">, keyOf: (row: Row) => RowKey): SourceOf<Row> =>
  (row) => ({ csv: name, key: keyOf(row) });

export function numbers<Row>(rows: readonly Row[], columns: Shown<Row>, source?: SourceOf<Row>): DataTable {
  const readers = Object.values(columns);
  return {
    columns: Object.keys(columns),
    rows: rows.map((row) => readers.map((read) => shownAs(read(row)))),
    sources: source && rows.map(source),
  };
}
