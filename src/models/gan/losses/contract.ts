import type { Scalar, Tensor1D } from "@tensorflow/tfjs-core";

/** What generator and discriminator minimise; logits [batch], higher for more real. */
export interface GanLoss {
  readonly title: string;
  readonly paper: string;
  discriminator(real: Tensor1D, fake: Tensor1D): Scalar;
  generator(fake: Tensor1D): Scalar;
}
