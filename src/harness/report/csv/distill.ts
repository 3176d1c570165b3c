import { records } from "../analysis/index.ts";
import * as c from "./columns.ts";
import { table } from "./table.ts";

export const distill = table({
  describe: "A teacher and its students against the floor; one row a seed, model, sampler and step count.",
  columns: {
    seed: c.seed,
    teacher: { meaning: "id of the model that the students learn from" },
    model: c.model,
    sampler: c.sampler,
    steps: c.steps,
    network_evaluations: c.networkEvaluations,
    metric: { meaning: "metric of the floor" },
    value: { meaning: "its value at this setting" },
    floor: { meaning: "worst value that passes" },
    floor_rule: { meaning: "how the floor was set" },
    meets: { meaning: "1 where the setting passes, else 0" },
  },
  rows(_run, cells) {
    return records(cells, "distill").flatMap(({ seed, teacher, floor, arms }) =>
      arms.map(({ model, sampler, steps, networkEvaluations, value, meets }) => ({
        seed,
        teacher,
        model,
        sampler,
        steps,
        network_evaluations: networkEvaluations,
        metric: floor.metric,
        value,
        floor: floor.value,
        floor_rule: floor.rule,
        meets: Number(meets),
      })),
    );
  },
});

export const distillTraining = table({
  describe:
    "Fewest steps above the floor and the training behind them; one row a seed and model. Seconds stand in stage_time.csv.",
  columns: {
    seed: c.seed,
    teacher: { meaning: "id of the model that the students learn from" },
    model: c.model,
    fewest_steps: {
      meaning: "steps of the setting of fewest network evaluations that passes; empty where none does",
    },
    fewest_sampler: { meaning: "its sampler" },
    images_seen: c.imagesSeen,
    training_flops: { unit: "FLOPs", meaning: "of the model's own training" },
    with_teacher_flops: { unit: "FLOPs", meaning: "with its teacher's" },
  },
  rows(_run, cells) {
    return records(cells, "distill").flatMap(({ seed, teacher, fewest, cost }) =>
      cost.map(({ model, imagesSeen, flops, withTeacherFlops }) => {
        const found = fewest.find((one) => one.model === model);
        return {
          seed,
          teacher,
          model,
          fewest_steps: found?.steps,
          fewest_sampler: found?.sampler,
          images_seen: imagesSeen,
          training_flops: flops,
          with_teacher_flops: withTeacherFlops,
        };
      }),
    );
  },
});
