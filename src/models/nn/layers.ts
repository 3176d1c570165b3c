/** Leaves of networks. Activations are channels-first, [batch, channels, height, width]. */
import * as tf from "@tensorflow/tfjs-core";
import {
  batchNorm,
  batchNormEval,
  channelMoments,
  conv2d,
  convolvedSize,
  convTranspose2d,
  groupNorm,
} from "../../engine/ops/index.ts";
import { type Layer, noFlops, parameter } from "./layer.ts";
import { glorotUniform, type Initialiser, normal, ones, type ParameterSpecs, zeros } from "./parameters.ts";

export type Map4 = Layer<[x: tf.Tensor4D], tf.Tensor4D>;

export interface WeightOptions {
  /** Start of the weights; default Glorot's uniform. Biases start at 0. */
  readonly weights?: Initialiser;
  /** Default true. */
  readonly bias?: boolean;
}

export interface ConvolutionOptions extends WeightOptions {
  readonly in: number;
  readonly out: number;
  /** Edge of the input in pixels: what the count of operations needs. */
  readonly size: number;
  readonly kernel: number;
  /** Default 1. */
  readonly stride?: number;
  /** Default kernel >> 1, which keeps the size at an odd kernel and stride 1. */
  readonly padding?: number;
}

/** A layer that holds values of its own; without statistics and counted work but for those given. */
const leaf = <Inputs extends readonly unknown[], Output>(
  layer: Partial<Layer<Inputs, Output>> & Pick<Layer<Inputs, Output>, "parameters" | "apply">,
): Layer<Inputs, Output> => ({ statistics: {}, flops: noFlops, ...layer });

const weighted = (
  name: string,
  shape: number[],
  outputs: number,
  options: WeightOptions,
): ParameterSpecs => ({
  [name]: { shape, initialise: options.weights ?? glorotUniform },
  ...(options.bias === false ? {} : { bias: { shape: [outputs], initialise: zeros } }),
});

/** x [batch, inputs] -> x kernel + bias, [batch, outputs]. */
export function dense(
  inputs: number,
  outputs: number,
  options: WeightOptions = {},
): Layer<[x: tf.Tensor2D], tf.Tensor2D> {
  return leaf({
    parameters: weighted("kernel", [inputs, outputs], outputs, options),
    flops: { ...noFlops, dense: 2 * inputs * outputs },
    apply(scope, x) {
      const y = tf.matMul(x, parameter<tf.Tensor2D>(scope, "kernel")) as tf.Tensor2D;
      return options.bias === false ? y : tf.add(y, parameter(scope, "bias"));
    },
  });
}

/** Whole numbers 0..rows-1 [batch] -> rows of a table, [batch, width], which start as N(0, 1), as PyTorch's Embedding. */
export function embedding(rows: number, width: number): Layer<[indices: tf.Tensor1D], tf.Tensor2D> {
  return leaf({
    parameters: { table: { shape: [rows, width], initialise: normal(0, 1) } },
    apply(scope, indices) {
      const chosen = tf.oneHot(tf.cast(indices, "int32"), rows, 1, 0, "float32") as tf.Tensor2D;
      return tf.matMul(chosen, parameter<tf.Tensor2D>(scope, "table"));
    },
  });
}

/** x [batch, in, size, size] -> [batch, out, size', size'], size' = floor((size + 2 padding - kernel) / stride) + 1. */
export function convolution(options: ConvolutionOptions): Map4 {
  const { in: inputs, out, size, kernel, stride = 1, padding = kernel >> 1, bias = true } = options;
  const window = { stride, padding };
  const shape = [out, inputs, kernel, kernel];
  return leaf({
    parameters: weighted("filter", shape, out, options),
    flops: {
      ...noFlops,
      convolution: 2 * out * inputs * kernel ** 2 * convolvedSize(size, kernel, window) ** 2,
    },
    apply: (scope, x) =>
      conv2d(x, parameter(scope, "filter"), bias ? parameter(scope, "bias") : undefined, window),
  });
}

/** x [batch, in, size, size] -> [batch, out, size', size'], size' = (size - 1) stride - 2 padding + kernel. */
export function transposedConvolution(options: ConvolutionOptions): Map4 {
  const { in: inputs, out, size, kernel, stride = 1, padding = kernel >> 1, bias = true } = options;
  const shape = [inputs, out, kernel, kernel];
  return leaf({
    parameters: weighted("filter", shape, out, options),
    flops: { ...noFlops, convolution: 2 * out * inputs * kernel ** 2 * size ** 2 },
    apply: (scope, x) =>
      convTranspose2d(x, parameter(scope, "filter"), bias ? parameter(scope, "bias") : undefined, {
        stride,
        padding,
      }),
  });
}

const affine = (channels: number, gain: Initialiser): ParameterSpecs => ({
  scale: { shape: [channels], initialise: gain },
  offset: { shape: [channels], initialise: zeros },
});

const LAYER_NORM_EPSILON = 1e-5;

/** Group normalisation (Wu & He 2018); channels divisible by groups. */
export function groupNormalisation(channels: number, groups: number): Map4 {
  return leaf({
    parameters: affine(channels, ones),
    apply: (scope, x) => groupNorm(x, parameter(scope, "scale"), parameter(scope, "offset"), groups),
  });
}

/**
 * Layer normalisation (Ba et al. 2016, arXiv:1607.06450) of each image over channels and pixels, gain and offset per
 * channel. Written in operations that differentiate any number of times, which `groupNormalisation` does not.
 */
export function layerNormalisation(channels: number): Map4 {
  return leaf({
    parameters: affine(channels, ones),
    apply(scope, x) {
      const flat = tf.reshape(x, [x.shape[0], -1]);
      const centred = tf.sub(flat, tf.mean(flat, 1, true));
      const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centred), 1, true), LAYER_NORM_EPSILON));
      const each = (name: string) => tf.reshape(parameter(scope, name), [1, channels, 1, 1]);
      const standardised = tf.reshape(tf.div(centred, deviation), x.shape);
      return tf.add(tf.mul(standardised, each("scale")), each("offset"));
    },
  });
}

/**
 * Batch normalisation (Ioffe & Szegedy 2015). In training form it records this batch's mean and unbiased variance as
 * what the running statistics, which start at 0 and 1, move towards (algorithm 2).
 */
export function batchNormalisation(channels: number, gain: Initialiser = ones): Map4 {
  return leaf({
    parameters: affine(channels, gain),
    statistics: {
      mean: { shape: [channels], initialise: zeros },
      variance: { shape: [channels], initialise: ones },
    },
    apply(scope, x) {
      const scale = parameter<tf.Tensor1D>(scope, "scale");
      const offset = parameter<tf.Tensor1D>(scope, "offset");
      if (!scope.training)
        return batchNormEval(x, scale, offset, parameter(scope, "mean"), parameter(scope, "variance"));
      if (scope.record) {
        const { mean, variance } = channelMoments(x);
        const count = x.size / channels;
        scope.record(`${scope.path}mean`, mean);
        scope.record(`${scope.path}variance`, tf.mul(variance, count / (count - 1)));
      }
      return batchNorm(x, scale, offset);
    },
  });
}
