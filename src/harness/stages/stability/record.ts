/** How training behaved: its curves, its quality on the way, and whether it collapsed. */
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
  collapsed: z.boolean(),
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
});

export type Collapse = z.infer<typeof collapseSchema>;
export type CurveStatistics = z.infer<typeof curveStatisticsSchema>;
export type StabilityRecord = z.infer<typeof stabilityRecordSchema>;
