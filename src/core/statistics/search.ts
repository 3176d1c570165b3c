/** Random search and successive halving: how many trials at which budget, who goes on, and what k trials give. */
import { assert } from "../errors.ts";
import type { Rng } from "../rng.ts";
import { quantile } from "./descriptive.ts";

/** How many trials a rung has, and the budget of each of them. */
export interface Rung {
  readonly trials: number;
  readonly budget: number;
}

/**
 * Successive halving (Jamieson & Talwalkar 2016, arXiv:1502.07943, algorithm 1) with the ratio eta of Hyperband (Li et al.
 * 2018, arXiv:1603.06560, algorithm 1): each rung keeps the best 1/eta of the trials and has eta times the budget of the
 * rung before; the last one has `budget`. Budgets are rounded up to whole numbers.
 */
export function halvingRungs(trials: number, eta: number, rungs: number, budget: number): Rung[] {
  assert(trials >= eta ** (rungs - 1), `${trials} trials cannot be divided by ${eta} ${rungs - 1} times`);
  return Array.from({ length: rungs }, (_, rung) => ({
    trials: Math.floor(trials / eta ** rung),
    budget: Math.ceil(budget / eta ** (rungs - 1 - rung)),
  }));
}

/** A trial, counted from 0, and what it scored; no value where it diverged or the metric is undefined. */
export interface Scored {
  readonly trial: number;
  readonly value?: number;
}

/** The best first. Trials without a value come last; ties go by the trial's number. */
export function bestFirst<T extends Scored>(trials: readonly T[], better: "lower" | "higher"): T[] {
  const sign = better === "lower" ? 1 : -1;
  const key = ({ value }: Scored) => (value === undefined ? Number.POSITIVE_INFINITY : sign * value);
  return trials.toSorted((a, b) => (key(a) === key(b) ? a.trial - b.trial : key(a) - key(b)));
}

/**
 * The expected smallest of k values, for k = 1 to n: the curve of Dodge et al. 2019 (arXiv:1909.03004), in the unbiased
 * form of Tang et al. 2020 (arXiv:2004.13705): the mean over all subsets of k of the n values. Drawing with replacement,
 * as the first paper does, is biased, by the most at k = n, where this is the smallest value itself.
 */
export function expectedBest(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.map((_, index) => expectedBestOf(sorted, index + 1));
}

/** Of values in ascending order. The i-th, from 0, is the least of C(n - 1 - i, k - 1) of the C(n, k) subsets. */
function expectedBestOf(sorted: readonly number[], k: number): number {
  const n = sorted.length;
  let weight = k / n;
  let sum = 0;
  for (let i = 0; i <= n - k; i++) {
    sum += weight * sorted[i]!;
    weight *= (n - k - i) / (n - 1 - i);
  }
  return sum;
}

/** What searching is worth: by how much the mean of values lies above the expected smallest of half of them. */
export function searchGain(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.max(1, Math.floor(sorted.length / 2));
  return expectedBestOf(sorted, 1) - expectedBestOf(sorted, half);
}

/** Percentile bootstrap interval (Efron 1979) of the difference of a statistic between two independent samples, b less a. */
export function bootstrapDifference(
  a: readonly number[],
  b: readonly number[],
  statistic: (values: readonly number[]) => number,
  { confidence, stream, resamples = 2000 }: { confidence: number; stream: Rng; resamples?: number },
): { readonly low: number; readonly high: number } {
  const resampled = (values: readonly number[], draws: Rng) =>
    values.map(() => values[draws.integer(values.length)]!);
  const differences = Array.from({ length: resamples }, (_, i) => {
    const draws = stream.fold(i);
    return statistic(resampled(b, draws.fold("b"))) - statistic(resampled(a, draws.fold("a")));
  });
  const tail = (1 - confidence) / 2;
  return { low: quantile(differences, tail), high: quantile(differences, 1 - tail) };
}
