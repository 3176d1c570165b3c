/** The CSV files of a run: one a table, named by its key. Timings live in `latency` and `training_time` only. */
import type { Cell, Run } from "../../record/index.ts";
import { diversity } from "./diversity.ts";
import { latency } from "./latency.ts";
import { modes } from "./modes.ts";
import { stability } from "./stability.ts";
import { type Column, type Table, toCsv } from "./table.ts";
import { training } from "./training.ts";
import { trainingTime } from "./training_time.ts";

export type { Column, CsvValue, Table } from "./table.ts";

export const csvTables = {
  training,
  training_time: trainingTime,
  stability,
  latency,
  diversity,
  modes,
} satisfies Record<string, Table>;

export type CsvName = keyof typeof csvTables;

/** What each column of each file holds, for documentation. */
export const csvColumns: Readonly<Record<CsvName, Readonly<Record<string, Column>>>> = {
  training: training.columns,
  training_time: trainingTime.columns,
  stability: stability.columns,
  latency: latency.columns,
  diversity: diversity.columns,
  modes: modes.columns,
};

export interface CsvFile {
  /** Path relative to the run folder. */
  readonly path: string;
  readonly text: string;
  readonly rows: number;
}

/** Every CSV file of a run; a table whose stage did not run has its header line only. */
export function csvFiles(run: Run, cells: readonly Cell[]): CsvFile[] {
  return Object.entries<Table>(csvTables).map(([name, table]) => {
    const rows = table.rows(run, cells);
    return { path: `csv/${name}.csv`, text: toCsv(table, rows), rows: rows.length };
  });
}
