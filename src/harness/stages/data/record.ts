/** One model trained on one training-set size: quality on the way, and whether it copies. */
import * as z from "zod";
import {
  count,
  divergenceSchema,
  finite,
  gridSchema,
  qualitySchema,
  scoredSnapshotSchema,
} from "../../record/parts.ts";

export const dataRecordSchema = z.strictObject({
  kind: z.literal("data"),
  model: z.string(),
  seed: finite,
  /** Different training images. */
  trainImages: count,
  outcome: z.enum(["trained", "diverged"]),
  divergence: divergenceSchema.optional(),
  imagesSeen: count,
  seconds: finite,
  /** In order of steps, the last one final, each on the same number of samples; empty where training diverged. */
  snapshots: z.array(scoredSnapshotSchema),
  /** FID of the same samples against images that only choose; absent in older records. */
  validation: z.array(z.strictObject({ step: count, fid: finite })).optional(),
  /** The snapshot of the least FID there, sampled afresh and scored against the reference: before it learned by heart. */
  best: z.strictObject({ step: count, quality: qualitySchema }).optional(),
  /** Of final samples against the training images: metrics of copying. Absent where training diverged. */
  copying: qualitySchema.optional(),
  /** The same of as many real images that were not trained on: what no copying looks like. */
  freshCopying: qualitySchema.optional(),
  /** Samples, each above its nearest training image. */
  neighbours: gridSchema.optional(),
});

export type DataRecord = z.infer<typeof dataRecordSchema>;
