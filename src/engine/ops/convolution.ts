/**
 * Two-dimensional convolution, channels first, and its two gradients. The three are closed under differentiation
 * (each one's gradients are the other two), so second-order gradients, as WGAN-GP and R1 need, come for free.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assert } from "../../core/errors.ts";
import { kernelNames } from "./kernel-names.ts";

export interface Window {
  readonly stride: number;
  /** Zeros added on all four sides. */
  readonly padding: number;
}

export type Shape4 = readonly [number, number, number, number];

type Attributes = Window & { readonly inputShape?: Shape4; readonly filterShape?: Shape4 };

function run(kernel: string, inputs: Record<string, tf.Tensor>, attributes: Attributes): tf.Tensor4D {
  return tf.engine().runKernel(
    kernel,
    inputs as tf.NamedTensorMap,
    {
      ...attributes,
    } as unknown as tf.NamedAttrMap,
  ) as tf.Tensor4D;
}

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
  return run(kernelNames.convolution, bias ? { x, filter, bias } : { x, filter }, window);
}

/** Gradient of conv2d in its input: dy [batch, out, h', w'], filter [out, in, k, k] -> `inputShape` [batch, in, h, w]. */
export function conv2dInputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: Shape4,
  window: Window,
): tf.Tensor4D {
  return run(kernelNames.convolutionInputGradient, { dy, filter }, { ...window, inputShape });
}

/** Gradient of conv2d in its filter: x [batch, in, h, w], dy [batch, out, h', w'] -> `filterShape` [out, in, k, k]. */
export function conv2dFilterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  filterShape: Shape4,
  window: Window,
): tf.Tensor4D {
  return run(kernelNames.convolutionFilterGradient, { x, dy }, { ...window, filterShape });
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
const four = (tensor: tf.Tensor | undefined) => tensor as tf.Tensor4D;

export const convolutionGradients: tf.GradConfig[] = [
  {
    kernelName: kernelNames.convolution,
    inputsToSave: ["x", "filter"],
    gradFunc: (dy, [x, filter], attributes) => ({
      x: () => conv2dInputGradient(four(dy as tf.Tensor), four(filter), four(x).shape, window(attributes)),
      filter: () =>
        conv2dFilterGradient(four(x), four(dy as tf.Tensor), four(filter).shape, window(attributes)),
      bias: () => tf.sum(dy as tf.Tensor, [0, 2, 3]),
    }),
  },
  {
    kernelName: kernelNames.convolutionInputGradient,
    inputsToSave: ["dy", "filter"],
    gradFunc: (dz, [dy, filter], attributes) => ({
      dy: () => conv2d(four(dz as tf.Tensor), four(filter), undefined, window(attributes)),
      filter: () =>
        conv2dFilterGradient(four(dz as tf.Tensor), four(dy), four(filter).shape, window(attributes)),
    }),
  },
  {
    kernelName: kernelNames.convolutionFilterGradient,
    inputsToSave: ["x", "dy"],
    gradFunc: (dz, [x, dy], attributes) => ({
      x: () => conv2dInputGradient(four(dy), four(dz as tf.Tensor), four(x).shape, window(attributes)),
      dy: () => conv2d(four(x), four(dz as tf.Tensor), undefined, window(attributes)),
    }),
  },
];
