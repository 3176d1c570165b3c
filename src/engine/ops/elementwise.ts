import * as tf from "@tensorflow/tfjs-core";
import { withGradient } from "./custom-gradient.ts";

/** SiLU, x sigmoid(x) (Hendrycks & Gimpel 2016, arXiv:1606.08415). Any shape. */
export function silu<T extends tf.Tensor>(x: T): T {
  return withGradient(
    [x],
    (x) => tf.mul(x, tf.sigmoid(x)),
    (dy, x) => {
      const gate = tf.sigmoid(x);
      return [tf.mul(dy, tf.add(gate, tf.mul(tf.mul(x, gate), tf.sub(1, gate))))];
    },
  ) as T;
}

/** Nearest-neighbour upsampling by two: x [batch, channels, h, w] -> [batch, channels, 2h, 2w]. */
export function upsampleNearest(x: tf.Tensor4D): tf.Tensor4D {
  const [batch, channels, height, width] = x.shape;
  const doubled = [batch, channels, 2 * height, 2 * width];
  return withGradient(
    [x],
    (x) => {
      const pixels = tf.reshape(x, [batch * channels, height, 1, width, 1]);
      return tf.reshape(tf.tile(pixels, [1, 1, 2, 1, 2]), doubled);
    },
    (dy) => {
      const rows = tf.sum(tf.reshape(dy, [batch * channels * height, 2, 2 * width]), 1);
      return [tf.reshape(tf.sum(tf.reshape(rows, [-1, 2]), 1), x.shape)];
    },
  ) as tf.Tensor4D;
}
