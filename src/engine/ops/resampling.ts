/** Doubling and halving of maps, channels first. Each is the other's gradient, so gradients of gradients come for free. */
import * as tf from "@tensorflow/tfjs-core";
import { kernelNames } from "./kernel-names.ts";

const run = (kernel: string, x: tf.Tensor) => tf.engine().runKernel(kernel, { x }) as tf.Tensor4D;

/** Nearest-neighbour upsampling by two: x [batch, channels, h, w] -> [batch, channels, 2h, 2w]. */
export function upsampleNearest(x: tf.Tensor4D): tf.Tensor4D {
  return run(kernelNames.upsample, x);
}

/** Sums of two by two pixels: x [batch, channels, 2h, 2w] -> [batch, channels, h, w]. */
export function sumPool(x: tf.Tensor4D): tf.Tensor4D {
  return run(kernelNames.sumPool, x);
}

export const resamplingGradients: tf.GradConfig[] = [
  {
    kernelName: kernelNames.upsample,
    gradFunc: (dy) => ({ x: () => sumPool(dy as tf.Tensor4D) }),
  },
  {
    kernelName: kernelNames.sumPool,
    gradFunc: (dy) => ({ x: () => upsampleNearest(dy as tf.Tensor4D) }),
  },
];
