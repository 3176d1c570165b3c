/** Keeping the estimate of the clean image within the range of images. */
import * as tf from "@tensorflow/tfjs-core";

export type Clipping = { readonly kind: "static" } | { readonly kind: "none" };

/** `bound`: largest value of a clean image, 1 or the input scale. */
export function clipEstimate(estimate: tf.Tensor4D, clipping: Clipping, bound: number): tf.Tensor4D {
  return clipping.kind === "none" ? estimate : tf.clipByValue(estimate, -bound, bound);
}
