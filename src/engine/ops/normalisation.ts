/** Normalisation layers with lean gradients. */
import * as tf from "@tensorflow/tfjs-core";
import { assert } from "../../core/errors.ts";
import { withGradient } from "./custom-gradient.ts";
import { type Kernel, runKernel } from "./kernel.ts";

export const standardiseKernel: Kernel<{ readonly epsilon: number }> = {
  name: "Standardise",
  compose({ x }, { epsilon }) {
    const centred = tf.sub(x!, tf.mean(x!, 1, true));
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), epsilon));
    return [tf.mul(centred, inverse), inverse];
  },
};

/**
 * Each row less its mean, over its standard deviation: x [rows, ...rest], all axes after the first reduced.
 * Returns the result and the inverse deviations 1/sqrt(var + epsilon), [rows, 1]. Not differentiable by itself.
 */
export function standardise(x: tf.Tensor2D, epsilon: number) {
  type Result = [standardised: tf.Tensor2D, inverse: tf.Tensor2D];
  return runKernel<Result, { epsilon: number }>(standardiseKernel, { x }, { epsilon });
}

/**
 * Group normalisation (Wu & He 2018, arXiv:1803.08494, eq. 1 and 7).
 * x [batch, channels, height, width], scale and offset [channels]; channels divisible by groups.
 */
export function groupNorm(
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  groups: number,
  epsilon = 1e-5,
): tf.Tensor4D {
  const [batch, channels, height, width] = x.shape;
  assert(channels % groups === 0, `groupNorm: ${channels} channels do not divide into ${groups} groups`);
  const pixels = height * width;
  const within = channels / groups;
  const perGroup = within * pixels;
  const standardised = (x: tf.Tensor4D) => standardise(tf.reshape(x, [batch * groups, perGroup]), epsilon);
  return withGradient(
    "groupNorm",
    [x, scale, offset],
    (x, scale, offset) =>
      affine(tf.reshape(standardised(x)[0], [batch, channels, pixels]), scale, offset, x.shape),
    (dy, x, scale) => {
      const [rows, deviation] = standardised(x);
      const split = [batch, groups, within, pixels];
      const [d, hat] = [tf.reshape(dy, split), tf.reshape(rows, split)];
      const weight = tf.reshape(scale, [groups, within, 1]);
      const inverse = tf.reshape(deviation, [batch, groups, 1, 1]);
      const share = tf.div(inverse, perGroup);
      const [sums, products] = [tf.sum(d, 3, true), tf.sum(tf.mul(d, hat), 3, true)]; // of each channel's pixels
      const ofGroup = (perChannel: tf.Tensor) => tf.mul(tf.sum(tf.mul(perChannel, weight), 2, true), share);
      const towardsMean = tf.add(tf.mul(hat, ofGroup(products)), ofGroup(sums));
      const dx = tf.sub(tf.mul(d, tf.mul(inverse, weight)), towardsMean);
      const overBatch = (perChannel: tf.Tensor) => tf.sum(tf.reshape(perChannel, [batch, channels]), 0);
      return [tf.reshape(dx, x.shape), overBatch(products), overBatch(sums)];
    },
  ) as tf.Tensor4D;
}

/** hat [batch, channels, pixels] times scale plus offset, each [channels], in the given shape. */
function affine(hat: tf.Tensor, scale: tf.Tensor1D, offset: tf.Tensor1D, shape: number[]): tf.Tensor {
  const scaled = tf.mul(hat, tf.reshape(scale, [1, -1, 1]));
  return tf.reshape(tf.add(scaled, tf.reshape(offset, [1, -1, 1])), shape);
}

/** Mean and biased variance of each channel over the batch and all pixels: x [batch, channels, h, w] -> two [channels]. */
export function channelMoments(x: tf.Tensor4D): { mean: tf.Tensor1D; variance: tf.Tensor1D } {
  const [batch, channels, height, width] = x.shape;
  const count = batch * height * width;
  const flat = tf.reshape(x, [batch, channels, height * width]);
  const channelMean = (values: tf.Tensor) => tf.div(tf.sum(tf.sum(values, 2), 0), count);
  const mean = channelMean(flat) as tf.Tensor1D;
  const centred = tf.sub(flat, tf.reshape(mean, [1, channels, 1]));
  return { mean, variance: channelMean(tf.square(centred)) as tf.Tensor1D };
}

/**
 * Batch normalisation in training form (Ioffe & Szegedy 2015, arXiv:1502.03167, algorithm 1): statistics of this batch.
 * x [batch, channels, h, w], scale and offset [channels].
 */
export function batchNorm(x: tf.Tensor4D, scale: tf.Tensor1D, offset: tf.Tensor1D, epsilon = 1e-5) {
  const [batch, channels, height, width] = x.shape;
  const pixels = height * width;
  const count = batch * pixels;
  const standardised = (x: tf.Tensor4D) => {
    const { mean, variance } = channelMoments(x);
    const inverse = tf.reshape(tf.rsqrt(tf.add(variance, epsilon)), [1, channels, 1]);
    const centred = tf.sub(tf.reshape(x, [batch, channels, pixels]), tf.reshape(mean, [1, channels, 1]));
    return { hat: tf.mul(centred, inverse), inverse };
  };
  return withGradient(
    "batchNorm",
    [x, scale, offset],
    (x, scale, offset) => affine(standardised(x).hat, scale, offset, x.shape),
    (dy, x, scale) => {
      const { hat, inverse } = standardised(x);
      const d = tf.reshape(dy, [batch, channels, pixels]);
      const dOffset = tf.sum(tf.sum(d, 2), 0); // [channels]
      const dScale = tf.sum(tf.sum(tf.mul(d, hat), 2), 0);
      const mean = (sum: tf.Tensor) => tf.reshape(tf.div(sum, count), [1, channels, 1]);
      const factor = tf.mul(inverse, tf.reshape(scale, [1, channels, 1]));
      const dx = tf.mul(tf.sub(tf.sub(d, mean(dOffset)), tf.mul(hat, mean(dScale))), factor);
      return [tf.reshape(dx, x.shape), dScale, dOffset];
    },
  ) as tf.Tensor4D;
}

/** Batch normalisation in evaluation form: running statistics, folded into one multiply and one add. */
export function batchNormEval(
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  mean: tf.Tensor1D,
  variance: tf.Tensor1D,
  epsilon = 1e-5,
): tf.Tensor4D {
  const factor = tf.mul(scale, tf.rsqrt(tf.add(variance, epsilon)));
  const shift = tf.sub(offset, tf.mul(mean, factor));
  return tf.add(tf.mul(x, tf.reshape(factor, [1, -1, 1, 1])), tf.reshape(shift, [1, -1, 1, 1]));
}
