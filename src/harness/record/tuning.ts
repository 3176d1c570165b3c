/** How a model's settings were found: the suite states it, run.json carries it, and `bench tune` writes it. */
import * as z from "zod";
import { count, finite } from "./parts.ts";

const bounds = z
  .tuple([z.number(), z.number()])
  .refine(([low, high]) => low < high, "the first bound must be below the second");

/** From where the values of one option are drawn. */
export const rangeSchema = z.union(
  [
    z.strictObject({ log: bounds.refine(([low]) => low > 0, "bounds of a logarithm must be above 0") }),
    z.strictObject({ uniform: bounds }),
    z.array(z.unknown()).min(1, "a list needs a value"),
  ],
  {
    error: "takes { log: [low, high] }, { uniform: [low, high] } or a list of values",
  },
);

/** Options by name, each with its range. */
export const spaceSchema = z.record(z.string(), rangeSchema);

export const trialValueSchema = z.strictObject({
  /** From 0, which is the setting that the suite had before. */
  trial: count,
  /** Mean over the rung's seeds; absent where the trial has no value. */
  value: finite.optional(),
  /** Why it has none. */
  why: z.string().optional(),
  /** The options of the space; of the first rung. */
  options: z.record(z.string(), z.unknown()).optional(),
});

/** The options of a search that a suite states; the fields behind `how` are there where `bench tune` wrote it. */
export const tuningSchema = z.strictObject({
  trials: count.min(1),
  /** In words: the rule and its budgets, or what a person did. */
  how: z.string().min(1),
  /** What chose, of n generated images against as many validation images. */
  metric: z
    .strictObject({
      name: z.string(),
      direction: z.enum(["lower", "higher"]),
      n: count,
      protocol: z.string(),
    })
    .optional(),
  /** First training seed of the search: none that is reported. */
  seed: finite.optional(),
  space: spaceSchema.optional(),
  /** Absent where no trial had a value. */
  best: z
    .strictObject({ trial: count, value: finite, options: z.record(z.string(), z.unknown()) })
    .optional(),
  /** Quartiles over the drawn trials of the first rung that have a value. */
  spread: z.strictObject({ low: finite, median: finite, high: finite }).optional(),
  /** Every trial's value, rung by rung. */
  rungs: z
    .array(z.strictObject({ images: count, seeds: count, values: z.array(trialValueSchema).min(1) }))
    .min(1)
    .optional(),
});

export type Tuning = z.infer<typeof tuningSchema>;

/** A tuning that says what its search did. */
export type Search = Tuning & Required<Pick<Tuning, "metric" | "seed" | "space" | "rungs">>;

/** The search behind a tuning; undefined where only its effort is stated. */
export function searchOf(tuning: Tuning | undefined): Search | undefined {
  const { metric, seed, space, rungs } = tuning ?? {};
  if (!tuning || !metric || seed === undefined || !space || !rungs) return undefined;
  return { ...tuning, metric, seed, space, rungs };
}
