/**
 * A suite: what is trained, on what, for how long, and what is measured. Strict: an unknown option is refused with the
 * known ones. Every default is filled in before the configuration is hashed and written into run.json.
 */
import * as z from "zod";

const count = z.int().positive();
const seed = z.int();

/** A sampler and the step counts to run it at, e.g. { sampler: ddim, steps: [5, 10, 50] }. */
const sweepSchema = z.strictObject({ sampler: z.string(), steps: z.array(count).min(1) });

export const suiteSchema = z.strictObject({
  name: z.string().min(1),
  description: z.string().default(""),
  dataset: z.strictObject({
    /** `shapes`, `idx:DIR`, `mnist`, … */
    source: z.string().default("shapes"),
    size: count.multipleOf(4).default(16),
    channels: z.union([z.literal(1), z.literal(3)]).default(1),
    /** Images of each split; all of the source's where left out. */
    train: count.optional(),
    test: count.optional(),
    /** Seed of made data and of subsets. */
    seed: seed.default(0),
  }),
  /** Seed of the first repetition; repetition i trains with seed + i. */
  seed: seed.default(0),
  seeds: count.default(1),
  /** Models by id; `type` names the definition, the rest are its options (see `bench list models`). */
  models: z.record(
    z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "a model id is lower-case letters, digits and dashes"),
    z.strictObject({
      type: z.string(),
      /** Images per training step. */
      batch: count.default(64),
      /** Budget: training images seen, repeats counted. Rounded up to whole steps. */
      images: count,
      options: z.record(z.string(), z.unknown()).default({}),
      /** What diversity and latency run it at; a one-pass generator needs none. */
      sampling: z.array(sweepSchema).default([]),
    }),
  ),
  classifier: z
    .strictObject({ batch: count.default(64), images: count.default(40_000), seed: seed.default(0) })
    .prefault({}),
  stages: z.strictObject({
    stability: z.strictObject({}).optional(),
    latency: z
      .strictObject({
        /** Images per request. */
        batches: z.array(count).default([1, 16]),
        /** Processes per setting, each one an independent repetition. */
        processes: count.default(5),
        /** Timed requests per setting and process: until this many … */
        requests: count.default(20),
        /** … or this many seconds, whichever comes first (at least 3 requests). */
        seconds: z.number().positive().default(1),
        /** Step counts timed besides those of diversity, per sampler. */
        sampling: z.array(sweepSchema).default([]),
      })
      .optional(),
    diversity: z
      .strictObject({
        /** Images generated per setting, and real images compared with. */
        n: count.default(1000),
        /** Images per request while generating. */
        batch: count.default(64),
        /** Neighbours of precision, recall, density and coverage. */
        k: count.default(5),
        /** Images in a sample grid. */
        grid: count.default(40),
      })
      .optional(),
  }),
});

export type SuiteConfig = z.infer<typeof suiteSchema>;
export type ModelConfig = SuiteConfig["models"][string];
