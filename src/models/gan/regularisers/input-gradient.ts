import * as tf from "@tensorflow/tfjs-core";
import type { Scorer } from "./contract.ts";

/** |grad D(x)|^2 of each image, [batch]: images do not see each other, so the gradient of the sum is each one's own. */
export function squaredGradientNorms(score: Scorer, images: tf.Tensor4D): tf.Tensor1D {
  const gradient = tf.grad((x: tf.Tensor) => tf.sum(score(x as tf.Tensor4D)))(images);
  return tf.sum(tf.reshape(tf.square(gradient), [images.shape[0], -1]), 1);
}
