/** Denoisers whose every number is known: no network, no training. */
import * as tf from "@tensorflow/tfjs-core";
import type { Rng } from "../../../src/core/rng.ts";
import type { Denoiser } from "../../../src/models/diffusion/denoiser.ts";
import { alphaBarFor } from "../../../src/models/diffusion/schedules/index.ts";
import { targets } from "../../../src/models/diffusion/targets/index.ts";

export const cosineLevels = (timesteps: number) =>
  alphaBarFor(timesteps, { name: "cosine", offset: 0.008, maxBeta: 0.999 });

export const noWeights = { shape: [1], data: new Float32Array(1) };

export function denoiserOf(parts: Pick<Denoiser, "predict"> & Partial<Denoiser>): Denoiser {
  return {
    size: 2,
    channels: 1,
    classes: 0,
    alphaBar: cosineLevels(100),
    inputScale: 1,
    target: targets.epsilon,
    variance: "fixed-small",
    weightCount: 1,
    ...parts,
  };
}

/** A number per step, looked up: t [n] -> [n, 1, 1, 1]. */
export function lookUp(table: ArrayLike<number>, t: tf.Tensor1D): tf.Tensor4D {
  const rows = tf.gather(tf.tensor1d(Array.from(table)), tf.cast(t, "int32"));
  return tf.reshape(rows, [-1, 1, 1, 1]);
}

/**
 * The ideal estimate on images whose pixels are jointly normal with mean 0, variance 1 and correlation `rho`: x_0 has
 * variance 1 + (pixels - 1) rho along their mean and 1 - rho across it.
 */
export function correlatedPixels(rho: number, alphaBar: Float64Array): Denoiser {
  const gain = (variance: number) =>
    Array.from(alphaBar, (a) => (Math.sqrt(a) * variance) / (a * variance + 1 - a));
  const [along, across] = [gain(1 + 3 * rho), gain(1 - rho)];
  return denoiserOf({
    alphaBar,
    target: targets.x0,
    predict(_weights, x, t) {
      const mean = tf.mean(x, [1, 2, 3], true);
      return tf.add(tf.mul(mean, lookUp(along, t)), tf.mul(tf.sub(x, mean), lookUp(across, t)));
    },
  });
}

/** A stream that gives recorded draws, one after another. */
export function recorded(draws: readonly (readonly number[])[]): Rng {
  let at = 0;
  return {
    fillNormal(out: Float32Array, from = 0) {
      out.set(draws[at++]!, from);
      return out;
    },
  } as unknown as Rng;
}
