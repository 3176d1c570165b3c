/** The CSV files of a run: one a table, named by its key. A table that holds times says so; no other one does. */
import type { Cell, Run } from "../../record/index.ts";
import { control, controlLabels, controlQuality, inpainting } from "./control.ts";
import { costTime } from "./cost_time.ts";
import { data } from "./data.ts";
import { distill, distillTraining } from "./distill.ts";
import { diversity } from "./diversity.ts";
import { forward } from "./forward.ts";
import { latency } from "./latency.ts";
import { likelihood, likelihoodProfile } from "./likelihood.ts";
import { modes } from "./modes.ts";
import { overTraining } from "./over_training.ts";
import { sensitivity } from "./sensitivity.ts";
import { stability } from "./stability.ts";
import { stageTime } from "./stage_time.ts";
import { type Column, type Table, toCsv } from "./table.ts";
import { training } from "./training.ts";
import { trainingTime } from "./training_time.ts";
import { trainings } from "./trainings.ts";

export type { Column, CsvValue, Table } from "./table.ts";

export const csvTables = {
  training,
  training_time: trainingTime,
  trainings,
  stability,
  over_training: overTraining,
  sensitivity,
  latency,
  diversity,
  modes,
  control,
  control_quality: controlQuality,
  control_labels: controlLabels,
  inpainting,
  data,
  distill,
  distill_training: distillTraining,
  forward,
  likelihood,
  likelihood_profile: likelihoodProfile,
  cost_time: costTime,
  stage_time: stageTime,
} satisfies Record<string, Table>;

export type CsvName = keyof typeof csvTables;

/** What each column of each file holds, for documentation. */
export const csvColumns = Object.fromEntries(
  Object.entries<Table>(csvTables).map(([name, { columns }]) => [name, columns]),
) as Readonly<Record<CsvName, Readonly<Record<string, Column>>>>;

/** Files that hold times, and so differ between runs of one seed; all others are the same byte for byte. */
export const timingCsvs: readonly string[] = Object.entries<Table>(csvTables).flatMap(([name, { timing }]) =>
  timing ? [name] : [],
);

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
