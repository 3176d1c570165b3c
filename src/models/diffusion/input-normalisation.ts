/**
 * What the network is given of x_t. Chen 2023 (arXiv:2301.10972), section 2.2: with an input scale b below 1 the variance
 * of x_t falls with the signal, and the network sees it normalised. The paper prints the variance, (b^2 - 1) gamma + 1;
 * the divisor is its square root.
 */
import * as tf from "@tensorflow/tfjs-core";

/** How x_t is normalised on its way into the network; all but `none` leave its variance near 1. */
export const inputNormalisations = {
  none: (_: Levels) => (x: tf.Tensor4D, _t: tf.Tensor1D) => x,

  /** By the standard deviation that images of unit variance would have. t [batch] or [1], whole steps. */
  expected: (levels: Levels) => {
    const factors = expectedFactors(levels);
    return (x: tf.Tensor4D, t: tf.Tensor1D): tf.Tensor4D => {
      const factor = tf.gather(tf.tensor1d(factors), tf.cast(t, "int32"));
      return tf.mul(x, tf.reshape(factor, [-1, 1, 1, 1]));
    };
  },

  /** By its own standard deviation, over an image's pixels and channels, about their mean. */
  sample:
    (_: Levels) =>
    (x: tf.Tensor4D, _t: tf.Tensor1D): tf.Tensor4D => {
      const [, height, width, channels] = x.shape;
      const flat = tf.reshape(x, [-1, height * width * channels]);
      const variance = tf.mean(tf.square(tf.sub(flat, tf.mean(flat, 1, true))), 1, true);
      return tf.mul(x, tf.reshape(tf.rsqrt(tf.add(variance, 1e-12)), [-1, 1, 1, 1]));
    },
} satisfies Record<string, (levels: Levels) => (x: tf.Tensor4D, t: tf.Tensor1D) => tf.Tensor4D>;

export type InputNormalisation = keyof typeof inputNormalisations;

interface Levels {
  readonly alphaBar: Float64Array;
  readonly inputScale: number;
}

/** 1 / sqrt((b^2 - 1) alphaBar + 1) of every step, float64 worked out. */
export function expectedFactors({ alphaBar, inputScale }: Levels): Float32Array {
  return Float32Array.from(alphaBar, (level) => 1 / Math.sqrt((inputScale ** 2 - 1) * level + 1));
}
