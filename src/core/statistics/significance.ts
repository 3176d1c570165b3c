/**
 * Exact permutation tests of a difference of means (Fisher 1935; Pitman 1937), and p-values of several tests at once. A
 * test visits every relabelling, so that its p is exact under exchangeability whatever the distribution. Two-sided: the
 * share of relabellings whose absolute difference is at least the observed one, the observed labelling among them.
 */
import { assert } from "../errors.ts";
import type { Numbers } from "./descriptive.ts";
import { logBinomial } from "./distributions.ts";

/** Relabellings that are visited at most. */
const MOST = 2 ** 17;

/** Slack of sums that differ only in the order of their terms. */
const ROUNDING = 1e-12;

/** Whether `permutationTest` visits every relabelling of n against m values in reasonable time. */
export const isEnumerable = (n: number, m: number): boolean => Math.exp(logBinomial(n + m, n)) <= MOST;

/** Two-sided p of the difference of means of two independent samples. Sizes for which `isEnumerable`. */
export function permutationTest(a: Numbers, b: Numbers): number {
  const [n, m] = [a.length, b.length];
  assert(n > 0 && m > 0 && isEnumerable(n, m), `${n} against ${m} values cannot be enumerated`);
  const all = [...Array.from(a), ...Array.from(b)];
  const [total, scale] = [sumOf(all), sumOf(all.map(Math.abs))];
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

/** Pairs that `signFlipTest` takes at most. */
export const MOST_PAIRS = Math.log2(MOST);

/** Two-sided p of the mean of paired differences, under every change of their signs. At most `MOST_PAIRS`. */
export function signFlipTest(differences: Numbers): number {
  const n = differences.length;
  assert(n > 0 && n <= MOST_PAIRS, `the signs of ${n} differences cannot be enumerated`);
  const size = Array.from(differences, Math.abs);
  const observed = Math.abs(sumOf(Array.from(differences))) - ROUNDING * sumOf(size);
  let extreme = 0;
  for (let signs = 0; signs < 2 ** n; signs++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (signs >> i) & 1 ? size[i]! : -size[i]!;
    if (Math.abs(sum) >= observed) extreme++;
  }
  return extreme / 2 ** n;
}

/** Least two-sided p that n pairs can reach: all differences of one sign. */
export const leastPairedP = (n: number): number => Math.min(1, 2 ** (1 - n));

const sumOf = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0);

/**
 * p-values adjusted for several tests (Holm 1979), in the order given: rejecting those of at most alpha wrongly rejects
 * any with probability at most alpha, however the tests depend on each other.
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((p, index) => ({ p, index })).sort((x, y) => x.p - y.p);
  const adjusted = new Array<number>(ps.length);
  let largest = 0;
  order.forEach(({ p, index }, rank) => {
    largest = Math.max(largest, Math.min(1, p * (ps.length - rank)));
    adjusted[index] = largest;
  });
  return adjusted;
}
