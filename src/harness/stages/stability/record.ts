/** How training behaved: its curves, its quality on the way, and whether it failed. */
import * as z from "zod";
import { count, divergenceSchema, finite, qualitySchema, scoredSnapshotSchema } from "../../record/parts.ts";

export const curveStatisticsSchema = z.strictObject({
  quantity: z.string(),
  count,
  mean: finite,
  sd: finite,
  /** sd / |mean| over the second half of training; absent where the mean is 0. */
  coefficientOfVariation: finite.optional(),
  /** Share of values at least 7 sd from the rolling mean of up to 1,000 before them; absent below 128 values. */
  spikeScore: finite.optional(),
  /** Training steps of these values. */
  spikes: z.array(count),
  /** The strongest periodic part, and how likely a curve without one shows as strong a part. */
  oscillation: z
    .strictObject({ period: finite, share: finite, p: finite, significant: z.boolean() })
    .optional(),
  first: finite,
  last: finite,
});

/** Quality over training: chosen on one set of samples, estimated again on fresh ones. */
export const trainingQualitySchema = z.strictObject({
  /** What the snapshots were sampled at. */
  sampler: z.string(),
  steps: count,
  /** In order of steps, the last one final; scored against images that only choose. */
  snapshots: z.array(scoredSnapshotSchema),
  /** The snapshot of the lowest FID there, and the final one, on fresh samples against the reference. */
  best: z.strictObject({ step: count, quality: qualitySchema }),
  final: z.strictObject({ step: count, quality: qualitySchema }),
  /** FID of final over FID of best, both fresh. */
  finalOverBest: finite,
});

export const collapseSchema = z.strictObject({
  /** Modes that final samples reach, and those that as many real images reach. */
  modes: count,
  realModes: count,
  /** Collapsed below this share of the real ones. */
  threshold: finite,
  /** A mode is reached with at least this share of its expected images; absent in older records: one image was enough. */
  modeShare: finite.optional(),
  collapsed: z.boolean(),
});

/** Whether final samples are too bad to be of use. */
export const qualityBoundSchema = z.strictObject({
  metric: z.string(),
  value: finite,
  /** Of other real images, and of noise, at the same n against the same reference. */
  floor: finite,
  noise: finite,
  /** How far from the floor to noise the worst usable value lies, in the distance that the metric is the square of. */
  share: finite,
  worst: finite,
  /** Whether the value is as bad as the worst or worse. */
  exceeded: z.boolean(),
});

export const stabilityRecordSchema = z.strictObject({
  kind: z.literal("stability"),
  model: z.string(),
  seed: finite,
  outcome: z.enum(["trained", "diverged"]),
  divergence: divergenceSchema.optional(),
  statistics: z.array(curveStatisticsSchema),
  /** Share of the second half's steps at which the discriminator tells nearly all images apart; a GAN's alone. */
  saturation: z.strictObject({ threshold: finite, share: finite }).optional(),
  /** Absent where the suite keeps no snapshots, and where training diverged. */
  quality: trainingQualitySchema.optional(),
  collapse: collapseSchema.optional(),
  /** Absent in older records, which called every finite model with modes enough usable. */
  bound: qualityBoundSchema.optional(),
});

export type QualityBound = z.infer<typeof qualityBoundSchema>;
export type Collapse = z.infer<typeof collapseSchema>;
export type CurveStatistics = z.infer<typeof curveStatisticsSchema>;
export type StabilityRecord = z.infer<typeof stabilityRecordSchema>;
