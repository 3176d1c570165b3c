/** The fewest steps at which a teacher and its students stay above a quality floor, read from diversity and training cells. */
import { BenchError } from "../../../core/errors.ts";
import type { Model } from "../../../models/index.ts";
import type { DistillRecord, DiversityRecord, TrainRecord } from "../../record/index.ts";
import type { SuiteConfig } from "../../suite/index.ts";
import { defineStage } from "../shared/define.ts";
import { createModel } from "../shared/models.ts";
import { cellIds, seedsOf } from "../shared/plan.ts";
import type { DistillOptions } from "./options.ts";

type Arm = DistillRecord["arms"][number];
type Floor = DistillRecord["floor"];

export const distillStage = defineStage({
  kind: "distill",
  title: "finds the fewest steps that keep quality above the floor, for a teacher and its students",

  options: ({ stages }) => stages.distill,

  plan: (distill, config) =>
    seedsOf(config, config.seeds).map((seed) => ({
      id: cellIds.distill(seed),
      needs: lineOf(config, distill).flatMap((id) => [cellIds.train(id, seed), cellIds.diversity(id, seed)]),
      settings: { seed, ...distill },
    })),

  check({ teacher }, _dataset, { models, stages }) {
    if (!stages.diversity)
      throw new BenchError(
        "BAD_CONFIG",
        "stages.distill reads the diversity stage's numbers; add stages.diversity",
      );
    if (!Object.values(models).some((model) => model.teacher === teacher))
      throw new BenchError(
        "BAD_CONFIG",
        `stages.distill.teacher is "${teacher}", and no model of the suite has it as its teacher`,
      );
  },

  async run({ cell, config, labels, record }, distill) {
    const { seed } = cell.settings;
    const { teacher, metric } = distill;
    const line = lineOf(config, distill).map((id) => ({
      id,
      diversity: record("diversity", cellIds.diversity(id, seed)),
      training: trainingCost(record("train", cellIds.train(id, seed)), createModel(config, id, labels)),
    }));
    const [first] = line; // the teacher
    const floor = floorOf(distill, first!.diversity);
    const arms = line.flatMap(({ diversity }) => armsOf(diversity, metric, floor));
    return {
      kind: "distill",
      seed,
      teacher,
      floor,
      arms,
      fewest: line.map(({ id }) => fewestOf(id, arms)),
      cost: line.map(({ id, training }) => {
        const before = id === teacher ? { seconds: 0, flops: 0 } : first!.training;
        return {
          model: id,
          ...training,
          withTeacherSeconds: training.seconds + before.seconds,
          withTeacherFlops: training.flops + before.flops,
        };
      }),
    };
  },
});

/** The teacher and its students. */
function lineOf({ models }: SuiteConfig, { teacher }: DistillOptions): string[] {
  return [teacher, ...Object.keys(models).filter((id) => models[id]!.teacher === teacher)];
}

/** The floor as the suite sets it, in the metric's own unit. */
export function floorOf({ metric, floor }: DistillOptions, teacher: DiversityRecord): Floor {
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

function trainingCost(
  { seconds, imagesSeen }: TrainRecord,
  { flopsPerTrainingImage }: Pick<Model, "flopsPerTrainingImage">,
) {
  return { seconds, imagesSeen, flops: imagesSeen * flopsPerTrainingImage };
}
