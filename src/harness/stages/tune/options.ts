/** Options of the search for settings. */
import * as z from "zod";
import { count, MOST_ITEMS, seed, seeds, spaceSchema, times } from "../../suite/parts.ts";

/** As a suite states them under `tune`, which `bench tune` reads and `bench run` does not. */
export const tuneOptions = z.strictObject({
  /** Of each model, the first of them the setting that the suite has. */
  trials: times.min(2).max(256).default(16),
  /** A rung keeps the best 1/eta of the trials, at eta times the budget; the last has the model's own budget. */
  eta: times.min(2).default(4),
  rungs: times.max(16).default(2),
  /** First training seed; 1000 after the suite's by default. None may be a seed that the suite reports. */
  seed: seed.optional(),
  /** Training seeds of the last rung, whose mean decides; the rungs before have one. */
  seeds: seeds.default(1),
  /** What chooses, on validation images. */
  metric: z.string().default("fid"),
  /** Images per measurement. */
  n: count.default(1000),
  /** Ids of the models that are tuned; all that are trained here where left out. */
  models: z.array(z.string()).min(1).max(MOST_ITEMS).optional(),
  /** By model and option; the options of a model that is named here replace those of its kind. */
  space: z.record(z.string(), spaceSchema).default({}),
});

/** As a run of `bench tune` has them, every default filled in. */
export const tuneStageOptions = tuneOptions.extend({
  seed,
  models: z.array(z.string()),
  space: z.record(z.string(), spaceSchema),
});

export type TuneOptions = z.infer<typeof tuneStageOptions>;
