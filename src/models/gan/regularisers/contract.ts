/**
 * What keeps a discriminator from outrunning its generator. Regularisers enter at different places, so only those of one
 * place have a common form: penalties are added to the discriminator's loss.
 */
import type { Scalar, Tensor, Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";

/** Scores [batch] of images [batch, channels, size, size], each image's a function of itself alone. */
export type Scorer = (images: Tensor4D) => Tensor1D;

export interface PenaltyBatch {
  readonly real: Tensor4D;
  readonly fake: Tensor4D;
  /** Uniform in [0, 1), [batch, 1, 1, 1]. */
  readonly mix: Tensor;
}

export interface Penalty {
  readonly title: string;
  readonly paper: string;
  /** Passes of the discriminator per real image, counted as forward passes, with the gradient of the penalty. */
  readonly passes: number;
  /** Without its weight. */
  penalty(score: Scorer, batch: PenaltyBatch): Scalar;
}
