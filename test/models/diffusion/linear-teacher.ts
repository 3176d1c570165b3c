/**
 * A diffusion model on images whose pixels are independent N(mean, deviation^2): its network is affine in x, with a gain
 * and an offset per step, so that the ideal weights, and those of an ideal student, are known in closed form.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { DiffusionModel } from "../../../src/models/diffusion/backbone.ts";
import { targets } from "../../../src/models/diffusion/targets/index.ts";
import { type ParameterSpecs, zeros } from "../../../src/models/nn/index.ts";
import { cosineLevels, denoiserOf } from "./denoisers.ts";

export const gaussian = { mean: 0.2, deviation: 0.3 };
export const LEVELS = 64;

export function linearTeacher(target: "x0" | "v" | "epsilon") {
  const alphaBar = cosineLevels(LEVELS);
  const parameters: ParameterSpecs = {
    gain: { shape: [LEVELS], initialise: zeros },
    offset: { shape: [LEVELS], initialise: zeros },
  };
  const affine = (gain: tf.Tensor, offset: tf.Tensor, x: tf.Tensor4D, t: tf.Tensor1D): tf.Tensor4D => {
    const at = (table: tf.Tensor) => tf.reshape(tf.gather(table, tf.cast(t, "int32")), [-1, 1, 1, 1]);
    return tf.add(tf.mul(x, at(gain)), at(offset));
  };
  const denoiser = denoiserOf({
    alphaBar,
    target: targets[target],
    weightCount: 2 * LEVELS,
    predict(weights, x, t) {
      const [gain, offset] = tf.split(weights, 2) as [tf.Tensor, tf.Tensor];
      return affine(gain, offset, x, t);
    },
  });
  const model: Partial<DiffusionModel> = {
    side: "diffusion",
    onePass: false,
    title: "linear",
    size: 2,
    channels: 1,
    classes: 0,
    flopsPerEvaluation: 1,
    backbone: { denoiser, parameters, predict: (values, x, t) => affine(values.gain!, values.offset!, x, t) },
  };
  return model as DiffusionModel;
}

/** E[x_0 | x_t] = gain x_t + offset, as weights of that target. */
export function idealWeights({ backbone: { denoiser } }: DiffusionModel) {
  const { mean, deviation } = gaussian;
  const data = new Float32Array(2 * LEVELS);
  for (const [t, level] of denoiser.alphaBar.entries()) {
    const [signal, spread] = [Math.sqrt(level), Math.sqrt(1 - level)];
    const gain = (deviation ** 2 * signal) / (deviation ** 2 * level + 1 - level);
    const offset = mean * (1 - gain * signal);
    const velocity = denoiser.target === targets.v; // v = (signal x - x_0) / spread
    data[t] = velocity ? (signal - gain) / spread : gain;
    data[LEVELS + t] = velocity ? -offset / spread : offset;
  }
  return { weights: { shape: [2 * LEVELS], data } };
}
