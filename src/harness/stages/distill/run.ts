/** How few steps before the quality of a teacher's students falls below the floor: a reading of what diversity and training cells have measured. */
import { BenchError } from "../../../core/errors.ts";
import type { DistillRecord, DiversityRecord, ModelFacts, TrainRecord } from "../../record/index.ts";
import type { SuiteConfig } from "../../suite/index.ts";
import type { PlannedCell, Stage } from "../contract.ts";
import { createModel } from "../shared/models.ts";
import { cellIds } from "../shared/names.ts";
import { noWork } from "../shared/work.ts";
import { seedsOf } from "../train/run.ts";

type Arm = DistillRecord["arms"][number];
type Floor = DistillRecord["floor"];

export const distillStage: Stage = {
  kind: "distill",
  title: "finds the fewest steps that keep quality above the floor, for a teacher and its students",

  plan(config) {
    const { distill } = config.stages;
    if (!distill) return [];
    return seedsOf(config, config.seeds).map(
      (seed): PlannedCell => ({
        id: cellIds.distill(seed),
        kind: "distill",
        needs: lineOf(config).flatMap((id) => [cellIds.train(id, seed), cellIds.diversity(id, seed)]),
        settings: { seed, ...distill },
      }),
    );
  },

  check({ stages: { distill, diversity }, models }) {
    if (!distill) return;
    if (!diversity)
      throw new BenchError(
        "BAD_CONFIG",
        "stages.distill reads the diversity stage's numbers; add stages.diversity",
      );
    if (!Object.values(models).some(({ teacher }) => teacher === distill.teacher))
      throw new BenchError(
        "BAD_CONFIG",
        `stages.distill.teacher is "${distill.teacher}", and no model of the suite has it as its teacher`,
      );
  },

  work: () => noWork,

  async run({ cell, config, labels, record }): Promise<DistillRecord> {
    const { seed } = cell.settings as { seed: number };
    const { teacher, metric } = config.stages.distill!;
    const ids = lineOf(config);
    const diversity = new Map(ids.map((id) => [id, record("diversity", cellIds.diversity(id, seed))]));
    const trained = new Map(ids.map((id) => [id, record("train", cellIds.train(id, seed))]));
    const floor = floorOf(config, diversity.get(teacher)!);
    const arms = ids.flatMap((id) => armsOf(diversity.get(id)!, metric, floor));
    const facts = ids.map((id) => ({ id, ...createModel(config, id, labels) }));
    return {
      kind: "distill",
      seed,
      teacher,
      floor,
      arms,
      fewest: ids.map((id) => fewestOf(id, arms)),
      cost: ids.map((id) => costOf(id, config, trained, facts)),
    };
  },
};

/** The teacher and its students. */
function lineOf({ models, stages: { distill } }: SuiteConfig): string[] {
  const { teacher } = distill!;
  return [teacher, ...Object.keys(models).filter((id) => models[id]!.teacher === teacher)];
}

/** The floor as the suite sets it, in the metric's own unit. */
export function floorOf({ stages: { distill } }: SuiteConfig, teacher: DiversityRecord): Floor {
  const { metric, floor } = distill!;
  const values = teacher.settings.flatMap(({ metrics }) =>
    metrics.filter((entry) => entry.metric === metric),
  );
  const direction = values[0]?.direction;
  if (direction === undefined || direction === "two-sided")
    throw new BenchError(
      "BAD_CONFIG",
      `stages.distill.metric is "${metric}", which ${direction ? "has no better direction" : "diversity does not measure"}; try fid`,
    );
  if ("value" in floor) return { metric, direction, value: floor.value, rule: "set by the suite" };
  const all = values.map(({ value }) => value);
  const best = direction === "lower" ? Math.min(...all) : Math.max(...all);
  const factor = floor.ofTeachersBest;
  return {
    metric,
    direction,
    value: direction === "lower" ? best * factor : best / factor,
    rule: `the best of ${teacher.model} ${direction === "lower" ? "times" : "divided by"} ${factor}`,
  };
}

function armsOf({ model, settings }: DiversityRecord, metric: string, floor: Floor): Arm[] {
  return settings.flatMap(({ sampler, steps, networkEvaluations, metrics }) => {
    const value = metrics.find((entry) => entry.metric === metric)?.value;
    if (value === undefined) return [];
    const meets = floor.direction === "lower" ? value <= floor.value : value >= floor.value;
    return [{ model, sampler, steps, networkEvaluations, value, meets }];
  });
}

/** The setting of fewest network evaluations that meets the floor. */
export function fewestOf(model: string, arms: readonly Arm[]): DistillRecord["fewest"][number] {
  const meeting = arms.filter((arm) => arm.model === model && arm.meets);
  const [best] = meeting.toSorted((a, b) => a.networkEvaluations - b.networkEvaluations);
  return best ? { model, steps: best.steps, sampler: best.sampler } : { model };
}

function costOf(
  id: string,
  config: SuiteConfig,
  trained: ReadonlyMap<string, TrainRecord>,
  facts: readonly Pick<ModelFacts, "id" | "flopsPerTrainingImage">[],
): DistillRecord["cost"][number] {
  const own = (model: string) => {
    const { seconds, imagesSeen } = trained.get(model)!;
    const { flopsPerTrainingImage } = facts.find((entry) => entry.id === model)!;
    return { seconds, imagesSeen, flops: imagesSeen * flopsPerTrainingImage };
  };
  const cost = own(id);
  const { teacher } = config.models[id]!;
  const before = teacher === undefined ? { seconds: 0, flops: 0 } : own(teacher);
  return {
    model: id,
    ...cost,
    withTeacherSeconds: cost.seconds + before.seconds,
    withTeacherFlops: cost.flops + before.flops,
  };
}
