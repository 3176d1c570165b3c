/** Options of the stage that describes training. */
import * as z from "zod";
import { count, share } from "../../suite/parts.ts";

export const stabilityOptions = z.strictObject({
  /** How often quality is measured over training, the end included; 0 for curves alone. */
  checkpoints: z.int().min(0).max(1000).default(0),
  /** Images per measurement. */
  n: count.default(1000),
  /** A model has collapsed if it reaches less than this share of the modes that real images reach. */
  collapseBelow: share.default(0.5),
  /** A mode is reached with at least this share of the images of it that as many real images have on average. */
  modeShare: share.default(0.2),
  /**
   * A model has failed if its images lie at least this share of the way from real images to noise, in the distance that
   * FID is the square of; at 0.5 they are nearer to noise.
   */
  qualityBound: share.default(0.5),
  /** A discriminator is saturated if it classifies at least this share of images correctly. */
  saturatedAbove: share.default(0.99),
});

export type StabilityOptions = z.infer<typeof stabilityOptions>;
