/**
 * Two-dimensional convolution, channels first, and its two gradients. The three are closed under differentiation
 * (each one's gradients are the other two), so second-order gradients, as WGAN-GP and R1 need, come for free.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assert } from "../../core/errors.ts";
import { type Kernel, runKernel } from "./kernel.ts";

export interface Window {
  readonly stride: number;
  /** Zeros added on all four sides. */
  readonly padding: number;
}

export type Shape4 = readonly [number, number, number, number];

const CHANNELS_LAST = [0, 2, 3, 1];
const CHANNELS_FIRST = [0, 3, 1, 2];
const FILTER_LAST = [2, 3, 1, 0]; // [out, in, k, k] -> [k, k, in, out]
const FILTER_FIRST = [3, 2, 0, 1];

/** x [batch, channels, height, width] with channels last, and `p` zeros on all four sides of the pixels. */
function padded(x: tf.Tensor4D, p: number): tf.Tensor4D {
  const last = tf.transpose(x, CHANNELS_LAST);
  const around: [number, number] = [p, p];
  return p === 0 ? last : tf.pad(last, [[0, 0], around, around, [0, 0]]);
}

export const convolutionKernel: Kernel<Window> = {
  name: "ChannelsFirstConv2D",
  compose({ x, filter, bias }, { stride, padding }) {
    const y = tf.conv2d(padded(x!, padding), tf.transpose(filter!, FILTER_LAST), stride, "valid");
    const first = tf.transpose(y, CHANNELS_FIRST);
    return bias ? tf.add(first, tf.reshape(bias, [1, -1, 1, 1])) : first;
  },
};

export const inputGradientKernel: Kernel<Window & { readonly inputShape: Shape4 }> = {
  name: "ChannelsFirstConv2DInputGradient",
  compose({ dy, filter }, { stride, padding, inputShape }) {
    const [batch, channels, height, width] = inputShape;
    // pixels that the window reaches; a stride that does not divide evenly leaves some untouched
    const reached = (size: number, out: number) =>
      Math.max((out - 1) * stride + filter!.shape[2], size + 2 * padding);
    const whole = [batch, reached(height, dy!.shape[2]), reached(width, dy!.shape[3]), channels];
    const dx = tf
      .engine()
      .runKernel(
        "Conv2DBackpropInput",
        { dy: tf.transpose(dy!, CHANNELS_LAST), filter: tf.transpose(filter!, FILTER_LAST) },
        { strides: stride, pad: "valid", dataFormat: "NHWC", inputShape: whole },
      ) as tf.Tensor4D;
    const inner = tf.slice(dx, [0, padding, padding, 0], [batch, height, width, channels]);
    return tf.transpose(inner, CHANNELS_FIRST);
  },
};

export const filterGradientKernel: Kernel<Window & { readonly filterShape: Shape4 }> = {
  name: "ChannelsFirstConv2DFilterGradient",
  compose({ x, dy }, { stride, padding, filterShape }) {
    const [out, channels, kernel] = filterShape;
    const gradient = tf
      .engine()
      .runKernel(
        "Conv2DBackpropFilter",
        { x: padded(x!, padding), dy: tf.transpose(dy!, CHANNELS_LAST) },
        { strides: stride, pad: "valid", dataFormat: "NHWC", filterShape: [kernel, kernel, channels, out] },
      ) as tf.Tensor4D;
    return tf.transpose(gradient, FILTER_FIRST);
  },
};

/** Rows (or columns) that a convolution leaves of `size`: floor((size + 2 padding - kernel) / stride) + 1. */
export function convolvedSize(size: number, kernel: number, { stride, padding }: Window): number {
  return Math.floor((size + 2 * padding - kernel) / stride) + 1;
}

/**
 * Cross-correlation as in every deep-learning library.
 * x [batch, in, height, width], filter [out, in, kernel, kernel], bias [out] -> [batch, out, height', width'].
 */
export function conv2d(x: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor1D | undefined, window: Window) {
  assert(
    x.rank === 4 && filter.rank === 4 && x.shape[1] === filter.shape[1],
    `conv2d: filter [${filter.shape}] does not fit input [${x.shape}]; channels come first`,
  );
  return runKernel<tf.Tensor4D, Window>(
    convolutionKernel,
    bias ? { x, filter, bias } : { x, filter },
    window,
  );
}

/** Gradient of conv2d in its input: dy [batch, out, h', w'], filter [out, in, k, k] -> `inputShape` [batch, in, h, w]. */
export function conv2dInputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: Shape4,
  window: Window,
): tf.Tensor4D {
  return runKernel(inputGradientKernel, { dy, filter }, { ...window, inputShape });
}

/** Gradient of conv2d in its filter: x [batch, in, h, w], dy [batch, out, h', w'] -> `filterShape` [out, in, k, k]. */
export function conv2dFilterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, filterShape: Shape4, window: Window) {
  return runKernel<tf.Tensor4D, Window & { readonly filterShape: Shape4 }>(
    filterGradientKernel,
    { x, dy },
    { ...window, filterShape },
  );
}

/**
 * Transposed convolution: conv2d's input gradient used forwards.
 * x [batch, in, h, w], filter [in, out, k, k], bias [out] -> [batch, out, (h - 1) stride - 2 padding + k, ...].
 */
export function convTranspose2d(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  bias: tf.Tensor1D | undefined,
  window: Window,
): tf.Tensor4D {
  const [batch, , height, width] = x.shape;
  const [, out, kernel] = filter.shape;
  const grown = (size: number) => (size - 1) * window.stride - 2 * window.padding + kernel;
  const y = conv2dInputGradient(x, filter, [batch, out, grown(height), grown(width)], window);
  return bias ? tf.add(y, tf.reshape(bias, [1, -1, 1, 1])) : y;
}

const window = (attributes: unknown): Window => {
  const { stride, padding } = attributes as Window;
  return { stride, padding };
};
const four = (tensor: unknown) => tensor as tf.Tensor4D;

export const convolutionGradients: tf.GradConfig[] = [
  {
    kernelName: convolutionKernel.name,
    inputsToSave: ["x", "filter"],
    gradFunc: (dy, [x, filter], attributes) => ({
      x: () => conv2dInputGradient(four(dy), four(filter), four(x).shape, window(attributes)),
      filter: () => conv2dFilterGradient(four(x), four(dy), four(filter).shape, window(attributes)),
      bias: () => tf.sum(dy as tf.Tensor, [0, 2, 3]),
    }),
  },
  {
    kernelName: inputGradientKernel.name,
    inputsToSave: ["dy", "filter"],
    gradFunc: (dz, [dy, filter], attributes) => ({
      dy: () => conv2d(four(dz), four(filter), undefined, window(attributes)),
      filter: () => conv2dFilterGradient(four(dz), four(dy), four(filter).shape, window(attributes)),
    }),
  },
  {
    kernelName: filterGradientKernel.name,
    inputsToSave: ["x", "dy"],
    gradFunc: (dz, [x, dy], attributes) => ({
      x: () => conv2dInputGradient(four(dy), four(dz), four(x).shape, window(attributes)),
      dy: () => conv2d(four(x), four(dz), undefined, window(attributes)),
    }),
  },
];
