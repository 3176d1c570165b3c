/** How well a model does as it is told: classes over guidance, and holes filled. */
import * as z from "zod";
import { count, estimateSchema, finite, gridSchema, qualitySchema } from "../../record/parts.ts";

/** Samples asked for by label, at one guidance weight. */
export const controlPointSchema = z.strictObject({
  /** w of classifier-free guidance; absent for a model that has none. */
  guidance: finite.optional(),
  /** Share of samples that the classifier gives the label asked for, with its Wilson interval. */
  accuracy: estimateSchema,
  /** The same by the second classifier, whose architecture is another. */
  secondAccuracy: estimateSchema,
  /** Samples asked for with each label, and those of them that are classified as it. */
  perLabel: z.array(z.strictObject({ asked: count, right: count })),
  millisecondsPerImage: finite,
  networkEvaluations: count,
  quality: qualitySchema,
});

/** Holes of one kind in test images, filled. */
export const inpaintingSchema = z.strictObject({
  mask: z.string(),
  /** Share of pixels that are missing. */
  missing: finite,
  images: count,
  /** Root mean squared error of the missing pixels against the truth, pixel range [-1, 1], with a bootstrap interval over images. */
  error: estimateSchema,
  /** The same with the hole filled by the training images' mean: what no model has to beat. */
  meanFillError: finite,
  /** Share of filled images that the classifier gives the true label. */
  accuracy: finite,
  millisecondsPerImage: finite,
  networkEvaluations: count,
  /** Rows: truth, with the hole, filled. */
  grid: gridSchema,
});

export const controlRecordSchema = z.strictObject({
  kind: z.literal("control"),
  model: z.string(),
  seed: finite,
  sampler: z.string(),
  steps: count,
  /** In order of guidance; empty for an unconditional model. */
  points: z.array(controlPointSchema),
  inpainting: z.array(inpaintingSchema),
});

export type ControlPoint = z.infer<typeof controlPointSchema>;
export type Inpainting = z.infer<typeof inpaintingSchema>;
export type ControlRecord = z.infer<typeof controlRecordSchema>;
