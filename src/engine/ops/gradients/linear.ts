import * as tf from "@tensorflow/tfjs-core";
import { type Gradients, ofPair } from "./define.ts";

/**
 * y = A B, where A is a or its transpose and B likewise: dA = dy B' and dB = A' dy, and the gradient of a transpose is the
 * transpose of the gradient. Batches of one that were spread are summed.
 */
export const linear: Gradients = {
  BatchMatMul: ofPair(
    (dy, _a, b, { transposeA, transposeB }) =>
      transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB),
    (dy, a, _b, { transposeA, transposeB }) =>
      transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false),
  ),
};
