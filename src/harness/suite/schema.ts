/**
 * A suite: what is trained, on what, for how long, and what is measured. Strict: an unknown option is refused with the
 * known ones. Every default is filled in before the configuration is hashed and written into run.json.
 */
import * as z from "zod";

const count = z.int().positive();
const seed = z.int();

const samplerOptions = z.record(z.string(), z.unknown()).default({});

/** A sampler, its options, and the step counts to run it at, e.g. { sampler: ddim, steps: [5, 10, 50] }. */
const sweepSchema = z.strictObject({
  sampler: z.string(),
  steps: z.array(count).min(1),
  options: samplerOptions,
});

const share = z.number().min(0).max(1);
/** Training images seen; the model's own budget where left out. */
const budget = count.optional();

export const suiteSchema = z.strictObject({
  name: z.string().min(1),
  description: z.string().default(""),
  dataset: z
    .strictObject({
      /** `shapes`, `idx:DIR`, `mnist`, … */
      source: z.string().default("shapes"),
      size: count.multipleOf(4).default(16),
      channels: z.union([z.literal(1), z.literal(3)]).default(1),
      /** Images of each split; all of the source's where left out. */
      train: count.optional(),
      test: count.optional(),
      /** Seed of made data and of subsets. */
      seed: seed.default(0),
    })
    .prefault({}),
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
      /** What every other stage samples it at; the last setting of `sampling` where left out. */
      scoring: z.strictObject({ sampler: z.string(), steps: count, options: samplerOptions }).optional(),
      /** Id of the model that a distilled one learns from. */
      teacher: z.string().optional(),
      /** How these settings were found: a reader weighs a result by the effort behind it. */
      tuning: z.strictObject({ trials: count, how: z.string().min(1) }).optional(),
    }),
  ),
  /** What an hour of this machine costs: turns times into costs. */
  price: z
    .strictObject({ perHour: z.number().positive(), currency: z.string().min(1).default("USD") })
    .optional(),
  classifier: z
    .strictObject({ batch: count.default(64), images: count.default(40_000), seed: seed.default(0) })
    .prefault({}),
  stages: z.strictObject({
    stability: z
      .strictObject({
        /** Times that quality is measured over training, the end included; 0 for curves alone. */
        checkpoints: z.int().min(0).default(0),
        /** Images per measurement. */
        n: count.default(1000),
        /** Modes below this share of the real images' are a collapse. */
        collapseBelow: share.default(0.5),
        /** Share of images that a saturated discriminator tells apart. */
        saturatedAbove: share.default(0.99),
      })
      .optional(),
    sensitivity: z
      .strictObject({
        /** Learning rates, as multiples of the model's. */
        factors: z.array(z.number().positive()).min(2).default([0.25, 0.5, 1, 2, 4]),
        images: budget,
        n: count.default(1000),
        seeds: count.default(1),
        /** Models that it is measured for; all where left out. */
        models: z.array(z.string()).optional(),
      })
      .optional(),
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
    control: z
      .strictObject({
        /** Weights w of classifier-free guidance, epsilon = (1 + w) conditional - w unconditional. */
        guidance: z.array(z.number().min(0)).min(1).default([0, 0.5, 1, 2, 4]),
        n: count.default(1000),
        /** Holes: their kind by name. */
        masks: z.array(z.enum(["centre", "half", "random"])).default(["centre", "half"]),
        /** Test images that are filled, per mask. */
        images: count.default(50),
        /** Options of each model's inpainting, by model. */
        inpainting: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
        models: z.array(z.string()).optional(),
      })
      .optional(),
    data: z
      .strictObject({
        /** Training-set sizes, ascending; images of the smaller lie within the larger. */
        sizes: z.array(count).min(2),
        images: budget,
        n: count.default(1000),
        /** Times that quality is measured over training, the end included. */
        checkpoints: count.default(4),
        seeds: count.default(1),
        models: z.array(z.string()).optional(),
      })
      .optional(),
    /** The forward process of every diffusion model: signal over steps, terminal signal, noised strips. */
    forward: z
      .strictObject({
        /** Test images noised, and times each is shown. */
        rows: count.default(3),
        columns: count.default(11),
        /** A step teaches little where its signal-to-noise ratio is below this. */
        goneBelow: z.number().positive().default(1e-3),
      })
      .optional(),
    /** The variational bound of every diffusion model on test images. */
    likelihood: z.strictObject({ images: count.default(64), batch: count.default(32) }).optional(),
    /** Time of a network evaluation over network sizes, for the report's cost model. */
    cost: z
      .strictObject({
        batches: z.array(count).default([1, 16]),
        /** Seconds spent on a size. */
        seconds: z.number().positive().default(1),
      })
      .optional(),
    distill: z
      .strictObject({
        /** Id of the model whose students are judged. */
        teacher: z.string(),
        metric: z.string().default("fid"),
        /** The floor F: the metric's worst value that passes, or a factor on the teacher's best. */
        floor: z
          .union([
            z.strictObject({ value: z.number() }),
            z.strictObject({ ofTeachersBest: z.number().positive() }),
          ])
          .default({ ofTeachersBest: 1.25 }),
      })
      .optional(),
  }),
});

export type SamplingSweep = z.infer<typeof sweepSchema>;
export type SuiteConfig = z.infer<typeof suiteSchema>;
export type ModelConfig = SuiteConfig["models"][string];
