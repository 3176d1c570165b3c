/** Keeping the estimate of the clean image within the range of images. */
import * as tf from "@tensorflow/tfjs-core";

export type Clipping =
  | { readonly kind: "static" }
  | { readonly kind: "none" }
  | { readonly kind: "dynamic"; readonly percentile: number };

/** Halvings of the interval that the quantile lies in: to 2^-20 of the largest value. */
const HALVINGS = 20;

/**
 * The p-quantile of |x| of each image, [batch, 1, 1, 1]: the smallest value, to 2^-20 of the largest, that at least a
 * share p of the values does not exceed. By bisection on counts: sorting is no operation of every engine.
 */
export function magnitudeQuantile(x: tf.Tensor4D, p: number): tf.Tensor4D {
  const magnitudes = tf.reshape(tf.abs(x), [x.shape[0], -1]);
  let high: tf.Tensor = tf.max(magnitudes, 1, true);
  let low: tf.Tensor = tf.zerosLike(high);
  for (let i = 0; i < HALVINGS; i++) {
    const middle = tf.mul(tf.add(low, high), 0.5);
    const share = tf.mean(tf.cast(tf.lessEqual(magnitudes, middle), "float32"), 1, true);
    const enough = tf.cast(tf.greaterEqual(share, p), "float32");
    const move = tf.mul(tf.sub(high, low), 0.5);
    high = tf.sub(high, tf.mul(move, enough));
    low = tf.add(low, tf.mul(move, tf.sub(1, enough)));
  }
  return tf.reshape(high, [-1, 1, 1, 1]) as tf.Tensor4D;
}

/**
 * `bound`: largest value of a clean image, 1 or the input scale. Dynamic thresholding: Saharia et al. 2022
 * (arXiv:2205.11487), section 2.3: what exceeds the quantile s of an image is clipped to it, and where s exceeds the
 * bound the image is scaled back by s.
 */
export function clipEstimate(estimate: tf.Tensor4D, clipping: Clipping, bound: number): tf.Tensor4D {
  if (clipping.kind === "none") return estimate;
  if (clipping.kind === "static") return tf.clipByValue(estimate, -bound, bound);
  const threshold = tf.maximum(magnitudeQuantile(estimate, clipping.percentile), bound);
  const clipped = tf.maximum(tf.minimum(estimate, threshold), tf.neg(threshold));
  return tf.mul(clipped, tf.div(bound, threshold));
}
