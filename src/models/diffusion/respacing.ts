/** Which of the T trained steps a sampler visits. All return ascending timesteps, counted from 0 (least noisy). */
import { badConfig } from "../../core/errors.ts";
import type { Move } from "./samplers/contract.ts";

/** Half to even, as IEEE 754 and the published code round. */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  return x - floor === 0.5 ? floor + (floor % 2) : Math.round(x);
}

/**
 * Cuts 0..timesteps-1 into as many sections as `counts` has and takes that many steps from each, at equal distances
 * with both ends (Nichol & Dhariwal 2021, section 4; the first of each section alone where its count is 1).
 */
export function sectionSpacing(timesteps: number, counts: readonly number[]): number[] {
  const size = Math.floor(timesteps / counts.length);
  const longer = timesteps % counts.length;
  const retained: number[] = [];
  let start = 0;
  for (const [i, count] of counts.entries()) {
    const length = i < longer ? size + 1 : size;
    if (!Number.isInteger(count) || count < 1 || count > length)
      throw badConfig(`cannot take ${count} steps from ${length}; give a whole number from 1 to ${length}`);
    const stride = count === 1 ? 1 : (length - 1) / (count - 1);
    let at = 0;
    for (let k = 0; k < count; k++, at += stride) retained.push(start + roundHalfEven(at));
    start += length;
  }
  return retained;
}

/** Every k-th step from 0, k chosen to give exactly `count` (Song et al. 2021, section D.3); BAD_CONFIG if none does. */
export function strideSpacing(timesteps: number, count: number): number[] {
  for (let stride = 1; stride <= timesteps; stride++)
    if (Math.ceil(timesteps / stride) === count) return Array.from({ length: count }, (_, i) => i * stride);
  throw badConfig(`no whole stride through ${timesteps} steps gives ${count}; use uniform spacing`);
}

/**
 * Noise levels of Karras et al. 2022 (arXiv:2206.00364, eq. 5), descending from `max` to `min`: equal distances in
 * sigma^(1/rho). A single level is `max`.
 */
export function karrasSigmas(
  count: number,
  { min, max, rho }: { min: number; max: number; rho: number },
): number[] {
  const [low, high] = [min ** (1 / rho), max ** (1 / rho)];
  return Array.from({ length: count }, (_, i) => (high + (i / Math.max(1, count - 1)) * (low - high)) ** rho);
}

/** sigma of the variance-exploding form x / sqrt(alphaBar) = x_0 + sigma epsilon. */
export function sigmaOf(alphaBar: number): number {
  return Math.sqrt(1 / alphaBar - 1);
}

/** The trained step whose level is nearest to `level` (an alphaBar) in log sigma, the noisier of two as near. */
export function nearestStep(alphaBar: Float64Array, level: number): number {
  let [low, high] = [0, alphaBar.length - 1]; // the first step that is at least as noisy lies in low..high
  while (low < high) {
    const middle = (low + high) >> 1;
    if (alphaBar[middle]! <= level) high = middle;
    else low = middle + 1;
  }
  if (low === 0) return 0;
  const distance = (t: number) => Math.abs(Math.log(sigmaOf(alphaBar[t]!) / sigmaOf(level)));
  return distance(low - 1) < distance(low) ? low - 1 : low;
}

/** Ascending steps moved apart, so that no two are one, within 0..timesteps-1. */
export function apart(steps: readonly number[], timesteps: number): number[] {
  const distinct: number[] = [];
  for (const [i, step] of steps.entries())
    distinct.push(Math.min(timesteps - steps.length + i, Math.max(step, (distinct.at(-1) ?? -1) + 1)));
  return distinct;
}

/**
 * The last step of each of `count` equal stretches. Halving the count takes every second step, so that students of
 * progressive distillation stand on their teacher's levels (Salimans & Ho 2022, algorithm 2).
 */
export function trailingSpacing(timesteps: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.round(((i + 1) * timesteps) / count) - 1);
}

/** A single step is always the noisiest: at any other, pure noise makes no sense. */
const single = (timesteps: number) => [timesteps - 1];

interface SpacingOptions {
  readonly rho: number;
  readonly sigmaMin: number;
  readonly sigmaMax: number;
}

export type SpacingName = "uniform" | "trailing" | "stride" | "quadratic" | "karras" | "logsnr";

type Spacing = (alphaBar: Float64Array, count: number, options: SpacingOptions) => number[];

/** Rules that choose `count` of the trained steps, by the names of suites. */
export const spacings: Readonly<Record<SpacingName, Spacing>> = {
  /** Equal distances from the noisiest step to the first. */
  uniform: ({ length }, count) => (count === 1 ? single(length) : sectionSpacing(length, [count])),
  trailing: ({ length }, count) => trailingSpacing(length, count),
  /** Every k-th step from the first, where that gives the count; the noisiest step is left out. */
  stride: ({ length }, count) => strideSpacing(length, count),
  /** Equal distances in the root of the step, from the noisiest to the first (Song et al. 2021, section D.3). */
  quadratic({ length }, count) {
    if (count === 1) return single(length);
    const root = Math.sqrt(length - 1) / (count - 1);
    return apart(
      Array.from({ length: count }, (_, i) => Math.round((i * root) ** 2)),
      length,
    );
  },
  /** The steps nearest to the noise levels of `karrasSigmas`, as far as the model was trained at such. */
  karras(alphaBar, count, { rho, sigmaMin, sigmaMax }) {
    const min = Math.max(sigmaMin, sigmaOf(alphaBar[0]!));
    const max = Math.min(sigmaMax, sigmaOf(alphaBar.at(-1)!));
    if (min > max)
      throw badConfig(
        `karras spacing from sigma ${max} to ${min}: the model knows ${sigmaOf(alphaBar[0]!)} to ` +
          `${sigmaOf(alphaBar.at(-1)!)}; give sigmaMin below sigmaMax within that`,
      );
    const steps = karrasSigmas(count, { min, max, rho }).map((sigma) =>
      nearestStep(alphaBar, 1 / (1 + sigma ** 2)),
    );
    return apart(steps.reverse(), alphaBar.length);
  },
  /**
   * The steps nearest to equal distances in log sigma from the noisiest step to the first, which itself is where the last
   * move leads and is not visited (Lu et al. 2022, arXiv:2206.00927, section 3.3, uniform in logSNR).
   */
  logsnr(alphaBar, count) {
    const [low, high] = [sigmaOf(alphaBar[0]!), sigmaOf(alphaBar.at(-1)!)].map(Math.log);
    const steps = Array.from({ length: count }, (_, i) => {
      const sigma = Math.exp(high! + (i / count) * (low! - high!));
      return nearestStep(alphaBar, 1 / (1 + sigma ** 2));
    });
    return apart(steps.reverse(), alphaBar.length);
  },
};

/** The moves through the retained steps, noisiest first, to the clean image. */
export function trajectory(alphaBar: Float64Array, retained: readonly number[]): Move[] {
  const levels = retained.map((t) => alphaBar[t]!).reverse();
  return levels.map((from, i) => ({
    from,
    to: levels[i + 1] ?? 1,
    before: i === 0 ? undefined : levels[i - 1]!,
  }));
}
