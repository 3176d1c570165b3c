/** Times that stages besides latency and training took note of: one table, so that no other one holds times. */
import type { DataRecord, StabilityRecord } from "../../record/index.ts";
import { type ReadRow, table, type View } from "../../tables/index.ts";
import { holeRows, pointRows } from "../control/tables.ts";
import { costRows } from "../distill/tables.ts";
import * as c from "./columns.ts";

/** A time is compared where its row has a cell and a place. */
interface Time extends ReadRow {
  readonly stage: "stability" | "control" | "data" | "distill";
  readonly model: string;
  readonly seed: number;
  readonly setting?: string;
  readonly step?: number;
  readonly quantity: string;
  readonly value: number;
}

/** Seconds of training until each snapshot. */
const snapshotTimes = (
  { kind, model, seed }: Pick<StabilityRecord | DataRecord, "kind" | "model" | "seed">,
  snapshots: readonly { readonly step: number; readonly seconds: number }[],
  setting?: string,
): Time[] =>
  snapshots.map(({ step, seconds: value }) => {
    return { stage: kind, model, seed, setting, step, quantity: "snapshot_seconds", value };
  });

/** Of each cell first the samples asked for by label, then the holes. */
const controlTimes = (view: View): Time[] =>
  view.done("control").flatMap(({ id }) =>
    [
      ...pointRows(view).map(({ guidance, ...row }) => {
        return { ...row, setting: guidance === undefined ? undefined : `guidance=${guidance}` };
      }),
      ...holeRows(view).map((row) => ({ ...row, setting: `mask=${row.hole}` })),
    ]
      .filter(({ cell }) => cell === id)
      .map(({ cell, place, model, seed, setting, millisecondsPerImage: value }) => {
        const quantity = "milliseconds_per_image";
        return { stage: "control" as const, cell, place, model, seed, setting, quantity, value };
      }),
  );

export const stageTime = table({
  name: "stage_time",
  describe:
    "Times that stages besides latency and training took note of; one row a quantity. Differs between runs of one seed.",
  timing: true,
  rows: (view: View): Time[] => [
    ...view.records("stability").flatMap((record) => snapshotTimes(record, record.quality?.snapshots ?? [])),
    ...controlTimes(view),
    ...view
      .records("data")
      .flatMap((record) => snapshotTimes(record, record.snapshots, `train_images=${record.trainImages}`)),
    ...costRows(view).flatMap(({ model, seed, seconds, withTeacherSeconds }): Time[] => [
      { stage: "distill", model, seed, quantity: "training_seconds", value: seconds },
      { stage: "distill", model, seed, quantity: "with_teacher_seconds", value: withTeacherSeconds },
    ]),
  ],
  columns: (column) => ({
    stage: column("stage that measured it", (row) => row.stage),
    model: c.model,
    seed: c.seed,
    setting: column(
      "control: guidance=w or mask=kind, with `no label` where a conditional model was told none; data: train_images=n; distill and stability: empty",
      (row) => row.setting,
    ),
    step: column("training step, of seconds until a snapshot", (row) => row.step),
    quantity: {
      meaning:
        "milliseconds_per_image, snapshot_seconds (training until then), training_seconds, with_teacher_seconds",
      of: (row) => row.quantity,
    },
    value: column("in the quantity's own unit", (row) => row.value, { reads: { as: "ms_per_image" } }),
  }),
});
