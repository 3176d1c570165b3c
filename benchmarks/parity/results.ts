/** What a check found, as it is written to a file, docs/parity.json among them. */
import * as z from "zod";

/** Who trained: our engine; PyTorch in float32, in float64, and in float32 from weights moved in their last place. */
export const arms = ["ours", "torch", "torch64", "nudged"] as const;
export type Arm = (typeof arms)[number];

const scoreSchema = z.strictObject({
  fid: z.number(),
  /** 95% interval of the images' sampling error. */
  low: z.number(),
  high: z.number(),
});
export type Score = z.infer<typeof scoreSchema>;

/** See `agreement`: two arms' curves of one quantity. */
const comparedSchema = z.strictObject({
  seed: z.number(),
  arms: z.tuple([z.enum(arms), z.enum(arms)]),
  quantity: z.string(),
  within: z.array(z.strictObject({ steps: z.number(), largest: z.number() })),
  leaves: z.number().optional(),
});
export type Compared = z.infer<typeof comparedSchema>;

const scoresSchema = z.strictObject({
  seed: z.number(),
  ours: scoreSchema,
  torch: scoreSchema,
  nudged: scoreSchema,
  /** Distance of the final sampling weights of ours and PyTorch's, over PyTorch's distance from the start. */
  apart: z.number(),
});
export type Scores = z.infer<typeof scoresSchema>;

/** See `toldApart`. */
const toldSchema = z.strictObject({
  differences: z.array(z.number()),
  difference: z.number(),
  half: z.number(),
  spread: z.tuple([z.number(), z.number()]),
  apart: z.boolean(),
});
export type ToldApart = z.infer<typeof toldSchema>;

const resultSchema = z.strictObject({
  made: z.strictObject({
    processor: z.string(),
    cores: z.number(),
    threads: z.number(),
    node: z.string(),
    /** Versions of what our engine runs on. */
    runtime: z.record(z.string(), z.string()),
    torch: z.string(),
  }),
  title: z.string(),
  options: z.record(z.string(), z.unknown()),
  batch: z.number(),
  steps: z.number(),
  bar: z.strictObject({ steps: z.number(), tolerance: z.number(), losses: z.array(z.string()) }),
  /** Whether our losses and PyTorch's stay within the tolerance over the bar's steps, with every seed. */
  met: z.boolean(),
  compared: z.array(comparedSchema),
  /** Images that each FID is of, and the share that its classifier gets right; where images were scored. */
  judged: z.strictObject({ images: z.number(), accuracy: z.number() }).optional(),
  scores: z.array(scoresSchema),
  /** Ours against PyTorch, and PyTorch against itself from weights moved in their last place. */
  told: z.strictObject({ ours: toldSchema, nudged: toldSchema }).optional(),
});
export type CaseResult = z.infer<typeof resultSchema>;

/** By the name of the case. */
export const resultsSchema = z.record(z.string(), resultSchema);
