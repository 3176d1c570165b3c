/** A teacher and its students against the floor, and what each cost to train. */
import type { DistillRecord } from "../../record/index.ts";
import {
  byKey,
  derived,
  seedsOfModel,
  settingKey,
  settingPart,
  table,
  type View,
} from "../../tables/index.ts";
import * as c from "../readout/columns.ts";

/** One row a seed and setting. */
export const armRows = derived((view: View) =>
  view.done("distill").flatMap(({ id: cell, record: { seed, teacher, floor, arms } }) =>
    arms.map((arm) => ({
      ...arm,
      cell,
      place: ["distill", arm.model, settingPart(arm)],
      seed,
      teacher,
      floor,
      metric: floor.metric,
      direction: floor.direction,
      protocol: "of the samples that diversity scored",
    })),
  ),
);

/** Each setting over the seeds. */
export const armsOverSeeds = derived((view: View) =>
  byKey(
    armRows(view),
    settingKey,
    ({ value }) => value,
    ({ model }) => seedsOfModel(view, model).asked.length,
  ),
);

export type Cost = DistillRecord["cost"][number] & {
  readonly seed: number;
  readonly teacher: string;
  readonly floor: number;
  readonly fewest: DistillRecord["fewest"][number] | undefined;
};

/** One row a seed and model: its training, and the fewest steps that meet the floor. */
export const costRows = derived((view: View): Cost[] =>
  view.records("distill").flatMap(({ seed, teacher, floor, fewest, cost }) =>
    cost.map((spent) => ({
      ...spent,
      seed,
      teacher,
      floor: floor.value,
      fewest: fewest.find(({ model }) => model === spent.model),
    })),
  ),
);

const teacher = {
  meaning: "id of the model that the students learn from",
  of: (row: { readonly teacher: string }) => row.teacher,
};

export const distill = table({
  name: "distill",
  describe: "A teacher and its students against the floor; one row a seed, model, sampler and step count.",
  rows: armRows,
  columns: (column) => ({
    seed: c.seed,
    teacher,
    model: c.model,
    sampler: c.sampler,
    steps: c.steps,
    network_evaluations: c.networkEvaluations,
    metric: column("metric of the floor", (row) => row.metric),
    value: column("its value at this setting", (row) => row.value, { reads: { judge: 1 } }),
    floor: column("worst value that passes", (row) => row.floor.value),
    floor_rule: column("how the floor was set", (row) => row.floor.rule),
    meets: column("1 where the setting passes, else 0", (row) => Number(row.meets)),
  }),
});

export const distillTraining = table({
  name: "distill_training",
  describe:
    "Fewest steps above the floor and the training behind them; one row a seed and model. Seconds stand in stage_time.csv.",
  rows: costRows,
  columns: (column) => ({
    seed: c.seed,
    teacher,
    model: c.model,
    fewest_steps: column(
      "steps of the setting of fewest network evaluations that passes; empty where none does",
      (row) => row.fewest?.steps,
    ),
    fewest_sampler: column("its sampler", (row) => row.fewest?.sampler),
    images_seen: c.imagesSeen,
    training_flops: column("of the model's own training", (row) => row.flops, {
      unit: "FLOPs",
      title: "FLOPs",
    }),
    with_teacher_flops: column("with its teacher's", (row) => row.withTeacherFlops, {
      unit: "FLOPs",
      title: "FLOPs, the teacher's too",
    }),
  }),
});
