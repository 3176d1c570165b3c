/** Parts that several records share. */
import * as z from "zod";

/**
 * A number; infinities and NaN are no results. Nor is what only a damaged record can hold: float32 ends at 3.4e38, and sums
 * and squares of larger numbers leave float64 where they are drawn.
 */
export const finite = z.number().min(-1e100).max(1e100);
export const count = z.number().int().nonnegative();
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Names below `samples/` and `checkpoints/`, none of which leads upwards or is hidden. */
const RUN_PATH = /^(samples|checkpoints)(\/[\w(][\w .,+=()@%-]*)+$/;
const RUN_ENDING = /\.(png|safetensors|onnx|json)$/;

/** Whether a run writes a file there: a record from elsewhere may name any. */
export const isRunPath = (path: string): boolean => RUN_PATH.test(path) && RUN_ENDING.test(path);

export const fileSchema = z.strictObject({
  /** Path relative to the run folder, with forward slashes. */
  path: z.string().refine(isRunPath, "not a file that a run writes, such as samples/NAME.png"),
  sha256,
  bytes: count,
});

/** A picture of sample images, all of one model, drawn with the same seeds as every other model's. */
export const gridSchema = z.strictObject({
  file: fileSchema,
  rows: count,
  columns: count,
  caption: z.string(),
});

/** One recorded quantity over training, e.g. `loss`, `gradient_norm`, `discriminator_loss`. */
export const curveSchema = z.strictObject({
  quantity: z.string(),
  /** Training step of each value, from 1. */
  steps: z.array(count),
  values: z.array(finite),
});

/** An estimate of one metric with its protocol. */
export const metricValueSchema = z.strictObject({
  metric: z.string(),
  value: finite,
  low: finite.optional(),
  high: finite.optional(),
  confidence: finite.optional(),
  method: z.string().optional(),
  /** What was computed from what: values compare where these agree. */
  protocol: z.string(),
  direction: z.enum(["lower", "higher", "two-sided"]),
});

/** A value with its interval. */
export const estimateSchema = z.strictObject({
  value: finite,
  low: finite,
  high: finite,
  confidence: finite,
});

export const undefinedMetricSchema = z.strictObject({ metric: z.string(), why: z.string() });

/** What a judge that does not rank makes of the same samples. */
export const confirmedSchema = z.strictObject({
  judge: z.string(),
  metrics: z.array(metricValueSchema),
  undefinedMetrics: z.array(undefinedMetricSchema),
});

/** Quality of one set of samples. */
export const qualitySchema = z.strictObject({
  sampler: z.string(),
  steps: count,
  /** Passes through the network per image; 0 for images that no model made. */
  networkEvaluations: count,
  n: count,
  metrics: z.array(metricValueSchema),
  undefinedMetrics: z.array(undefinedMetricSchema),
  /** Images assigned to each mode, in the order of `dataset.modes`; empty where no judge assigns any. */
  modeCounts: z.array(count),
  /** By the judges that confirm; absent where the suite names none, and for sets that are not compared. */
  confirmed: z.array(confirmedSchema).optional(),
  grid: gridSchema.optional(),
});

/** Where and how training left the finite numbers. */
export const divergenceSchema = z.strictObject({
  step: count,
  /** The recorded quantity that was no number first; absent where only a tensor was. */
  quantity: z.string().optional(),
  /** First parameter, moment or average that holds a value that is not finite, after that step. */
  tensor: z.string().optional(),
  /** Share of all state values that are not finite, after that step. */
  share: finite.optional(),
  /** The same share after each of the next steps, which were taken only to see whether it spreads or heals. */
  next: z.array(z.strictObject({ step: count, share: finite })).optional(),
  reason: z.string(),
});

/** Quality of a model part way through training. */
export const scoredSnapshotSchema = z.strictObject({
  step: count,
  /** Training images seen so far, and seconds of training so far. */
  imagesSeen: count,
  seconds: finite,
  quality: qualitySchema,
});

export type FileEntry = z.infer<typeof fileSchema>;
export type Grid = z.infer<typeof gridSchema>;
export type Curve = z.infer<typeof curveSchema>;
export type MetricValue = z.infer<typeof metricValueSchema>;
export type Quality = z.infer<typeof qualitySchema>;
export type DivergenceEntry = z.infer<typeof divergenceSchema>;
export type ScoredSnapshot = z.infer<typeof scoredSnapshotSchema>;

/** Every file that a record names, at any depth. */
export function filesIn(value: unknown): FileEntry[] {
  if (typeof value !== "object" || value === null) return [];
  const { path, sha256: hash } = value as Partial<FileEntry>;
  if (typeof path === "string" && typeof hash === "string") return [value as FileEntry];
  return Object.values(value).flatMap(filesIn);
}
