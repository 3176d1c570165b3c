import type { Scalar, Tensor1D } from "@tensorflow/tfjs-core";

/** What generator and discriminator minimise; scores [batch], higher for more real. */
export interface GanLoss {
  readonly title: string;
  readonly paper: string;
  /** Whether real images have a target that label smoothing can lower. */
  readonly labelled: boolean;
  /** `target` of real images: 1, or less under one-sided label smoothing, which only labelled losses know. */
  discriminator(real: Tensor1D, fake: Tensor1D, target?: number): Scalar;
  generator(fake: Tensor1D): Scalar;
  /** A score as it is recorded: a probability where the loss makes it one. */
  shown(scores: Tensor1D): Tensor1D;
  /** The score above which an image counts as real, for these two halves of a batch. */
  threshold(real: Tensor1D, fake: Tensor1D): Scalar | number;
}
