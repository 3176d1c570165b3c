/** Which of the T trained steps a sampler visits. All return ascending timesteps, counted from 0 (least noisy). */
import { BenchError } from "../../core/errors.ts";

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
      throw new BenchError(
        "BAD_CONFIG",
        `cannot take ${count} steps from ${length}; give a whole number from 1 to ${length}`,
      );
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
  throw new BenchError(
    "BAD_CONFIG",
    `no whole stride through ${timesteps} steps gives ${count}; use section spacing`,
  );
}

/**
 * The steps that a model samples through: equal distances from the noisiest step to the first. A single step is the
 * noisiest, where section spacing would take step 0, at which pure noise makes no sense.
 */
export function samplingSteps(timesteps: number, count: number): number[] {
  return count === 1 ? [timesteps - 1] : sectionSpacing(timesteps, [count]);
}

/** One move of a sampler: the network sees step `t`; alphaBar goes `from` -> `to`, 1 at the end. */
export interface Move {
  readonly t: number;
  readonly from: number;
  readonly to: number;
}

/** The moves through the retained steps, noisiest first. */
export function trajectory(alphaBar: Float64Array, retained: readonly number[]): Move[] {
  return retained
    .map((t, i) => ({ t, from: alphaBar[t]!, to: i === 0 ? 1 : alphaBar[retained[i - 1]!]! }))
    .reverse();
}
