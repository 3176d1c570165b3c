/**
 * Dropout (Srivastava et al. 2014) whose randomness is an input and the same on every engine. Drawing every mask on the
 * host would upload as much as all activations, so the host draws factors: an odd whole number below 2^12 for every
 * channel and for every position of an image. A value is dropped where the product of its two factors, modulo 2^12, is
 * below the rate's share. The products stay below 2^24, so float32 holds them exactly. Modulo 2^12 an odd factor permutes
 * the odd numbers, so any two values of a layer are dropped independently of each other.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assert } from "../../core/errors.ts";
import type { Rng } from "../../core/rng.ts";

/** 2^12: factors are odd numbers below it. */
const MODULUS = 4096;

/** Factors that a layer of this shape takes for an image. */
export function dropoutFactors(channels: number, size: number): number {
  return channels + size ** 2;
}

/** `count` factors, two from each draw of the stream: what the network's input of dropout holds. */
export function drawFactors(stream: Rng, count: number): Float32Array {
  const factors = new Float32Array(count);
  const odd = (bits: number) => (bits % MODULUS) | 1;
  for (let i = 0; i < count; i += 2) {
    const bits = stream.uint32();
    factors[i] = odd(bits);
    if (i + 1 < count) factors[i + 1] = odd(bits >>> 16);
  }
  return factors;
}

/** Hands out the columns of `factors` [batch, total] to one layer after another. */
export function dropoutFrom(factors: tf.Tensor2D, rate: number) {
  let used = 0;
  return {
    /** Probability that a value is dropped. */
    rate,
    /** The factors not yet used by a layer, [batch, rest]. */
    take(count: number): tf.Tensor2D {
      assert(used + count <= factors.shape[1], `dropout: ${factors.shape[1]} factors are too few`);
      const taken = tf.slice(factors, [0, used], [-1, count]) as tf.Tensor2D;
      used += count;
      return taken;
    },
  };
}

export type Dropout = ReturnType<typeof dropoutFrom>;

/** x [batch, channels, h, w] with values set to 0 at the rate, the others divided by what is kept. */
export function dropout(x: tf.Tensor4D, { rate, take }: Dropout): tf.Tensor4D {
  const [, channels, height, width] = x.shape;
  const ofChannel = tf.reshape(take(channels), [-1, channels, 1, 1]);
  const ofPosition = tf.reshape(take(height * width), [-1, 1, height, width]);
  const product = tf.mul(tf.mul(ofChannel, ofPosition), 1 / MODULUS);
  const uniform = tf.sub(product, tf.floor(product)); // exact: a multiple of 2^-12 in [0, 1)
  const kept = tf.cast(tf.greaterEqual(uniform, rate), "float32");
  return tf.mul(x, tf.mul(kept, 1 / (1 - rate)));
}
