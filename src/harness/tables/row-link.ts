/** Where a number stands in the CSV files: a link to the file and its row (RFC 7111, the header being row 1). */
import type { RowKey } from "./numbers.ts";
import type { CsvValue, Table } from "./table.ts";
import type { View } from "./view.ts";

/** `csv/latency.csv#row=12`: the first row of table `name` that holds every value of `key`; undefined where none does. */
export type RowLink = (name: string, key: RowKey) => string | undefined;

/** Links into the tables of one run. Each table is indexed once for each set of columns that is asked for. */
export function rowLinks(view: View, tables: readonly Table[]): RowLink {
  const indexes = new Map<string, Map<string, number>>();
  const indexOf = (name: string, columns: readonly string[]): Map<string, number> => {
    const table = tables.find((one) => one.name === name);
    const index = new Map<string, number>();
    if (!table) return index;
    for (const [i, row] of table.rows(view).entries()) {
      const at = keyText(columns.map((column) => table.columns[column]?.of(row)));
      if (!index.has(at)) index.set(at, i + 2);
    }
    return index;
  };
  return (name, key) => {
    const columns = Object.keys(key).toSorted();
    const id = JSON.stringify([name, columns]);
    if (!indexes.has(id)) indexes.set(id, indexOf(name, columns));
    const row = indexes.get(id)!.get(keyText(columns.map((column) => key[column])));
    return row === undefined ? undefined : `csv/${name}.csv#row=${row}`;
  };
}

const keyText = (values: readonly CsvValue[]): string => JSON.stringify(values.map((value) => value ?? null));
