/** How well a model does as it is told: classes over guidance, holes filled, and what a classifier learns from its images. */
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
  /** Of other samples, which only choose the weight: their quality is against validation images. */
  validation: z.strictObject({ accuracy: estimateSchema, quality: qualitySchema }).optional(),
});

/** What images can be measured by, generated or real. */
const scoresSchema = z.strictObject({
  /** Share that the classifier gives the true label, with its Wilson interval. */
  accuracy: estimateSchema,
  fid: finite,
  kid: finite,
});

/** What filled images should be: of their image's label, distributed as real images, and as unlike each other as the truth is. */
export const filledSchema = z.strictObject({
  /** Whether the model was told the true label. */
  told: z.boolean(),
  ...scoresSchema.shape,
  /** Of the same images before they had holes: what FID is at this n for real images. */
  real: scoresSchema,
  /** Images of the reference that FID and KID are taken against. */
  reference: count,
  /**
   * Root mean squared difference of two fills of one hole over the missing pixels. To a model that draws from the true
   * conditional distribution the truth is one more draw: its diversity is its error.
   */
  diversity: finite,
  /** Fills of each hole that diversity is taken over, and the holes that were filled so often. */
  fills: count,
  repeated: count,
});

/** Holes of one kind in real images, filled. */
export const inpaintingSchema = z.strictObject({
  mask: z.string(),
  /** Share of pixels that are missing. */
  missing: finite,
  images: count,
  /** Root mean squared error of the missing pixels against the truth, pixel range [-1, 1], with a bootstrap interval over images. */
  error: estimateSchema,
  /** The same with the hole filled by the training images' mean. The error of a perfect model may lie above it. */
  meanFillError: finite,
  /** Share of filled images that the classifier gives the true label. */
  accuracy: finite,
  filled: filledSchema.optional(),
  millisecondsPerImage: finite,
  networkEvaluations: count,
  /** Rows: truth, with the hole, fills. */
  grid: gridSchema,
});

/**
 * Classification accuracy score (Ravuri & Vinyals 2019, arXiv:1905.10887): what a classifier knows of real images that has
 * seen generated ones only, under the labels they were asked for.
 */
export const casSchema = z.strictObject({
  /** Images that it learned from. */
  n: count,
  /** Training images that it saw, repeats counted. */
  imagesSeen: count,
  /** Real images that it was tested on, of the reference. */
  tested: count,
  /** Share of them classified rightly, with its Wilson interval. */
  accuracy: estimateSchema,
  /** The same by a classifier that learned from n real training images instead. */
  real: estimateSchema,
});

export const controlRecordSchema = z.strictObject({
  kind: z.literal("control"),
  model: z.string(),
  seed: finite,
  sampler: z.string(),
  steps: count,
  /** In order of guidance; empty for an unconditional model. */
  points: z.array(controlPointSchema),
  /** The weight that the validation samples choose; absent where there is none to choose. */
  chosenGuidance: finite.optional(),
  /** A conditional model that can do without the label fills each mask twice: told it, and not. */
  inpainting: z.array(inpaintingSchema),
  cas: casSchema.optional(),
});

export type ControlPoint = z.infer<typeof controlPointSchema>;
export type Filled = z.infer<typeof filledSchema>;
export type Cas = z.infer<typeof casSchema>;
export type Inpainting = z.infer<typeof inpaintingSchema>;
export type ControlRecord = z.infer<typeof controlRecordSchema>;
