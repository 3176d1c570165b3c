/**
 * Exact permutation tests of a difference of means (Fisher 1935; Pitman 1937): every relabelling is visited, so that the
 * p is exact under exchangeability whatever the distribution. Two-sided: the share of relabellings whose absolute
 * difference is at least the observed one, the observed labelling among them.
 */
import { assert } from "../errors.ts";
import { logBinomial, type Numbers } from "./summary.ts";

/** Relabellings that are visited at most. */
const MOST = 2 ** 17;

/** Slack of sums that differ only in the order of their terms. */
const ROUNDING = 1e-12;

/** Relabellings of n against m values: n + m over n. */
export const relabellings = (n: number, m: number): number => Math.round(Math.exp(logBinomial(n + m, n)));

/** Least two-sided p that n against m values can reach: complete separation, either way round. */
export const leastP = (n: number, m: number): number => Math.min(1, 2 / Math.exp(logBinomial(n + m, n)));

/** Least two-sided p that n pairs can reach: all differences of one sign. */
export const leastPairedP = (n: number): number => Math.min(1, 2 ** (1 - n));

/** Whether `permutationTest` visits every relabelling in reasonable time. */
export const isEnumerable = (n: number, m: number): boolean => Math.exp(logBinomial(n + m, n)) <= MOST;

/** Two-sided p of the difference of means of two independent samples. Sizes for which `isEnumerable`. */
export function permutationTest(a: Numbers, b: Numbers): number {
  const [n, m] = [a.length, b.length];
  assert(n > 0 && m > 0 && isEnumerable(n, m), `${n} against ${m} values cannot be enumerated`);
  const all = [...Array.from(a), ...Array.from(b)];
  const [total, scale] = [sumOf(all), all.reduce((sum, x) => sum + Math.abs(x), 0)];
  // n of a sum to s: the difference of means is (total - s) / m - s / n, so its distance from 0 is that of s from here
  const centre = (total * n) / (n + m);
  const observed = Math.abs(sumOf(Array.from(a)) - centre) - ROUNDING * scale;
  let [extreme, visited] = [0, 0];
  const visit = (from: number, left: number, sum: number): void => {
    if (left === 0) {
      visited++;
      if (Math.abs(sum - centre) >= observed) extreme++;
      return;
    }
    for (let i = from; i <= all.length - left; i++) visit(i + 1, left - 1, sum + all[i]!);
  };
  visit(0, n, 0);
  return extreme / visited;
}

/** Two-sided p of the mean of paired differences, under every change of their signs. At most 17 pairs. */
export function signFlipTest(differences: Numbers): number {
  const n = differences.length;
  assert(n > 0 && 2 ** n <= MOST, `the signs of ${n} differences cannot be enumerated`);
  const size = Array.from(differences, Math.abs);
  const scale = sumOf(size);
  const observed = Math.abs(sumOf(Array.from(differences))) - ROUNDING * scale;
  let extreme = 0;
  for (let signs = 0; signs < 2 ** n; signs++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (signs >> i) & 1 ? size[i]! : -size[i]!;
    if (Math.abs(sum) >= observed) extreme++;
  }
  return extreme / 2 ** n;
}

/** Pairs that `signFlipTest` takes at most. */
export const MOST_PAIRS = Math.log2(MOST);

const sumOf = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0);
