/** Tables of trainings: every recorded value, and what training cost. */
import type { DataRecord, TrainRecord } from "../../record/index.ts";
import { type ReadRow, table, type View } from "../../tables/index.ts";
import * as c from "../readout/columns.ts";

export const training = table({
  name: "training",
  describe: "Every recorded value over training; one row a cell, quantity and step.",
  rows: (view: View) =>
    view.done("train").flatMap(({ id, record: { model, seed, curves } }) => {
      const batch = view.model(model)?.batch;
      return curves.flatMap(({ quantity, steps, values }) =>
        values.map((value, i) => {
          const step = steps[i]!;
          return { cell: id, model, seed, step, imagesSeen: batch && step * batch, quantity, value };
        }),
      );
    }),
  columns: (column) => ({
    cell: column("id of the train cell", (row) => row.cell),
    model: c.model,
    seed: c.seed,
    step: column("training step, from 1", (row) => row.step),
    images_seen: c.imagesSeen,
    quantity: c.quantity,
    value: column("value at this step", (row) => row.value),
  }),
});

type Trained = ReadRow &
  Pick<DataRecord, "model" | "seed" | "outcome" | "imagesSeen" | "seconds"> &
  Partial<Pick<TrainRecord, "steps" | "compileSeconds" | "imagesPerSecond" | "peakRssMiB">> & {
    readonly cell: string;
    readonly stage: "train" | "sensitivity" | "data";
    readonly beside?: number;
    /** Cells that the run took at once, where it was more than one. */
    readonly jobs?: number;
  };

/** Trainings of the train stage, then those of sensitivity and data. */
function trained(view: View): Trained[] {
  const rate = ({ seconds, imagesSeen }: { readonly seconds: number; readonly imagesSeen: number }) =>
    seconds > 0 ? imagesSeen / seconds : undefined;
  const besides = new Map(view.cells.map(({ id, beside }) => [id, beside]));
  const { jobs } = view.run;
  const all: Omit<Trained, "beside" | "jobs">[] = [
    ...view.done("train").map(({ id, record }) => ({
      ...record,
      cell: id,
      stage: record.kind,
      place: ["train", record.model],
    })),
    ...view.done("sensitivity").map(({ id, record }) => ({
      ...record,
      cell: id,
      stage: record.kind,
      place: ["sensitivity", record.model, `rate-x${record.factor}`],
      imagesPerSecond: rate(record),
    })),
    ...view.done("data").map(({ id, record }) => ({
      ...record,
      cell: id,
      stage: record.kind,
      place: ["data", record.model, `images-${record.trainImages}`],
      imagesPerSecond: rate(record),
    })),
  ];
  return all.map((row) => ({ ...row, jobs, beside: besides.get(row.cell) }));
}

export const trainingTime = table({
  name: "training_time",
  describe:
    "What training cost; one row a training: of the train stage, then those of sensitivity and data. Differs between runs of one seed.",
  timing: true,
  rows: trained,
  columns: (column) => ({
    cell: column("id of the cell", (row) => row.cell),
    stage: column("train, sensitivity or data", (row) => row.stage),
    model: c.model,
    seed: c.seed,
    outcome: c.comparedOutcome,
    steps: column("training steps done; empty where the record does not say", (row) => row.steps, {
      unit: "steps",
    }),
    images_seen: c.imagesSeen,
    seconds: column("wall-clock of the training steps", (row) => row.seconds, { unit: "s" }),
    compile_seconds: column(
      "tracing and session creation, not counted in seconds",
      (row) => row.compileSeconds,
      { unit: "s", title: "compile" },
    ),
    images_per_second: column("training throughput", (row) => row.imagesPerSecond, {
      unit: "images/s",
      title: "images/s",
      reads: {
        direction: "higher",
        when: (row) => row.stage === "train",
        protocol: ({ jobs }) => (jobs === undefined ? "" : `one thread, up to ${jobs} cells at once`),
      },
    }),
    beside: column(
      "mean number of other cells that ran at the same time, all on one thread each; empty where one cell ran at a time",
      (row) => row.beside,
      { unit: "cells" },
    ),
    peak_rss_mib: column("highest resident memory of the process", (row) => row.peakRssMiB, {
      unit: "MiB",
      title: "peak memory, MiB",
      reads: {},
    }),
  }),
});
