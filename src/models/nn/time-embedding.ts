/**
 * Sinusoidal embedding of a diffusion step: [sin(t f_0) .. , cos(t f_0) ..] with f_i = period^(-i / (width / 2)). Sines
 * first as in DDPM (Ho et al. 2020), frequencies as in improved DDPM (Nichol & Dhariwal 2021).
 */
import * as tf from "@tensorflow/tfjs-core";
import { assert } from "../../core/errors.ts";

function frequencies(width: number, period: number): number[] {
  assert(width % 2 === 0, `timeEmbedding: the width is even, not ${width}`);
  const half = width / 2;
  return Array.from({ length: half }, (_, i) => period ** (-i / half));
}

/** In float64 for one t, in steps; fractions allowed; width even. Values in [-1, 1]. */
export function timeEmbeddingOf(t: number, width: number, period = 10_000): Float64Array {
  const angles = frequencies(width, period).map((frequency) => t * frequency);
  return Float64Array.from([...angles.map(Math.sin), ...angles.map(Math.cos)]);
}

/**
 * t [n], whole steps 0..steps-1 -> [n, width]: rows of a table that the host computes in float64. Computed on a device,
 * sin(999) would be as good as its driver: Vulkan promises 2^-11 within [-pi, pi] and nothing beyond.
 */
export function timeEmbedding(t: tf.Tensor1D, steps: number, width: number, period = 10_000): tf.Tensor2D {
  const table = new Float32Array(steps * width);
  for (let step = 0; step < steps; step++) table.set(timeEmbeddingOf(step, width, period), step * width);
  return tf.gather(tf.tensor2d(table, [steps, width]), tf.cast(t, "int32")) as tf.Tensor2D;
}
