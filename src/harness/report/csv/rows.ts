/** Where a number stands in the CSV files: a link to the file and its row (RFC 7111, the header being row 1). */
import type { Cell, Run } from "../../record/index.ts";
import type { CsvName } from "./index.ts";
import { csvTables } from "./index.ts";
import type { CsvValue, Table } from "./table.ts";

export type RowKey = Readonly<Record<string, CsvValue>>;

/** `csv/latency.csv#row=12`: the first row of table `name` that holds every value of `key`; undefined where none does. */
export type RowLink = (name: CsvName, key: RowKey) => string | undefined;

/** Links into the tables of one run. Each table is indexed once for each set of columns that is asked for. */
export function rowLinks(run: Run, cells: readonly Cell[]): RowLink {
  const rows = new Map<CsvName, ReturnType<Table["rows"]>>();
  const indexes = new Map<string, Map<string, number>>();
  return (name, key) => {
    const columns = Object.keys(key).toSorted();
    const id = JSON.stringify([name, columns]);
    let index = indexes.get(id);
    if (!index) {
      const table: Table = csvTables[name];
      const held = rows.get(name) ?? table.rows(run, cells);
      rows.set(name, held);
      index = new Map();
      for (const [i, row] of held.entries()) {
        const at = valuesAt(row, columns);
        if (!index.has(at)) index.set(at, i + 2);
      }
      indexes.set(id, index);
    }
    const row = index.get(valuesAt(key, columns));
    return row === undefined ? undefined : `csv/${name}.csv#row=${row}`;
  };
}

const valuesAt = (row: RowKey, columns: readonly string[]): string =>
  JSON.stringify(columns.map((column) => row[column] ?? null));
