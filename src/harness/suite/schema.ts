/**
 * A suite: what is trained, on what, for how long, and what is measured. Strict: an unknown option is refused with the
 * known ones. Every default is filled in before the configuration is hashed and written into run.json.
 */
import * as z from "zod";
import { COLOUR, colourNames, fits } from "../datasets/index.ts";
import { tuningSchema } from "../record/index.ts";
import { stageOptions, tuneOptions } from "../stages/options.ts";
import {
  batch,
  count,
  imagesSeen,
  judgeSchema,
  MOST_ITEMS,
  samplerOptions,
  seed,
  seeds,
  sweepSchema,
  times,
} from "./parts.ts";

export const suiteSchema = z.strictObject({
  name: z.string().min(1),
  description: z.string().default(""),
  dataset: z
    .strictObject({
      /** `shapes`, `idx:DIR`, `mnist`, … */
      source: z.string().default("shapes"),
      size: count.multipleOf(4).max(256).default(16),
      /** 1 for grey, 3 for colour; as the data are where left out. */
      channels: z.union([z.literal(1), z.literal(3)], "expected 1 (grey) or 3 (colour)").optional(),
      /** Images of each split; all of the source's where left out. */
      train: count.optional(),
      test: count.optional(),
      /** Seed of made data and of subsets. */
      seed: seed.default(0),
      /** Whether training mirrors half of the images it sees, drawn anew each time, for every model alike (Ho et al. 2020). */
      flips: z.boolean().optional(),
      /** Of folder:DIR: `cover` takes the middle of an oblong picture, `contain` all of it between margins; cover by default. */
      fit: z.enum(fits).optional(),
      /** Of folder:DIR: what transparent places and margins become; white by default. */
      background: z
        .string()
        .regex(COLOUR, `expected ${colourNames.join(", ")} or "#rrggbb"`)
        .optional(),
      /** Of folder:DIR: leave out files that cannot be read, and count them. */
      skipBroken: z.boolean().optional(),
      /** Of folder:DIR without a folder `test`: share of the pictures that are test images; see `bench list datasets`. */
      testShare: z.number().gt(0).lt(1).optional(),
      /** Of npm:NAME/GLOB: the JSON file of the package that holds the labels, and its fields for picture and label. */
      labels: z.strictObject({ file: z.string(), key: z.string(), field: z.string() }).optional(),
    })
    .prefault({}),
  /**
   * Whether what this suite says of attention, numbers of images, judges and labels gives way where other data are smaller,
   * fewer or unlabelled. What a flag says never does; what is left out always does. See adapt.ts.
   */
  adapt: z.boolean().optional(),
  /** Seed of the first repetition; repetition i trains with seed + i. */
  seed: seed.default(0),
  seeds: seeds.default(1),
  /** Models by id; `type` names the definition, the rest are its options (see `bench list models`). */
  models: z.record(
    z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "a model id is lower-case letters, digits and dashes"),
    z.strictObject({
      type: z.string(),
      /** Images per training step. */
      batch: batch.default(64),
      /** Budget: training images seen, repeats counted. Rounded up to whole steps. */
      images: imagesSeen,
      options: z.record(z.string(), z.unknown()).default({}),
      /** What diversity and latency run it at; a one-pass generator needs none. Of ddpm by default ddim in 50 steps. */
      sampling: z.array(sweepSchema).max(MOST_ITEMS).default([]),
      /** What every other stage samples it at; the last setting of `sampling` where left out. */
      scoring: z.strictObject({ sampler: z.string(), steps: times, options: samplerOptions }).optional(),
      /** Id of the model that a distilled one learns from. */
      teacher: z.string().optional(),
      /** How these settings were found: a reader weighs a result by the effort behind it. */
      tuning: tuningSchema.optional(),
    }),
  ),
  /** What an hour of this machine costs: turns times into costs. */
  price: z
    .strictObject({ perHour: z.number().positive(), currency: z.string().min(1).default("USD") })
    .optional(),
  /**
   * Feature spaces that images are judged in. The first ranks, the others confirm: where one of them ranks otherwise, the
   * ranking is inconclusive. Where left out: the classifier, or the pixels of data without classes.
   */
  judge: z.array(judgeSchema).min(1).max(MOST_ITEMS).optional(),
  classifier: z
    .strictObject({ batch: batch.default(64), images: imagesSeen.default(40_000), seed: seed.default(0) })
    .prefault({}),
  /** How `bench tune` searches; `bench run` does not read it. */
  tune: tuneOptions.optional(),
  stages: z.strictObject(stageOptions).partial(),
});

export type SuiteConfig = z.infer<typeof suiteSchema>;
export type ModelConfig = SuiteConfig["models"][string];
