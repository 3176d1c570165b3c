/** Doubling and halving of maps, channels first. Each is the other's gradient, so gradients of gradients come for free. */
import * as tf from "@tensorflow/tfjs-core";
import { type Kernel, runKernel } from "./kernel.ts";

export const upsampleKernel: Kernel<object> = {
  name: "UpsampleNearestByTwo",
  compose({ x }) {
    const [batch, channels, height, width] = x!.shape;
    const pixels = tf.reshape(x!, [batch * channels, height, 1, width, 1]);
    return tf.reshape(tf.tile(pixels, [1, 1, 2, 1, 2]), [batch, channels, 2 * height, 2 * width]);
  },
};

export const sumPoolKernel: Kernel<object> = {
  name: "SumPoolByTwo",
  compose({ x }) {
    const [batch, channels, height, width] = x!.shape;
    const pairs = tf.reshape(x!, [batch * channels, height / 2, 2, width / 2, 2]);
    return tf.reshape(tf.sum(pairs, [2, 4]), [batch, channels, height / 2, width / 2]);
  },
};

/** Nearest-neighbour upsampling by two: x [batch, channels, h, w] -> [batch, channels, 2h, 2w]. */
export const upsampleNearest = (x: tf.Tensor4D): tf.Tensor4D => runKernel(upsampleKernel, { x }, {});

/** Sums of two by two pixels: x [batch, channels, 2h, 2w] -> [batch, channels, h, w]. */
export const sumPool = (x: tf.Tensor4D): tf.Tensor4D => runKernel(sumPoolKernel, { x }, {});

export const resamplingGradients: tf.GradConfig[] = [
  { kernelName: upsampleKernel.name, gradFunc: (dy) => ({ x: () => sumPool(dy as tf.Tensor4D) }) },
  { kernelName: sumPoolKernel.name, gradFunc: (dy) => ({ x: () => upsampleNearest(dy as tf.Tensor4D) }) },
];
