/**
 * A percentile of values that come in groups, such as the requests of several processes. Values of one group share what
 * is peculiar to it, so that the group is the unit: only further groups, never further values of one, say how far groups
 * differ (Kalibera & Jones 2013, Rigorous benchmarking in reasonable time).
 */
import { assert } from "../errors.ts";
import { checkNumbers, mean, type Numbers, type Outcome, standardDeviation } from "./descriptive.ts";
import { studentQuantile } from "./distributions.ts";
import { samplesForQuantile } from "./intervals.ts";

/** Rank, counted from 1, at which the p-quantile of n values is estimated. */
const rankOf = (p: number, n: number): number => (n + 1 / 3) * p + 1 / 3;

const holdsRank = (p: number, n: number): boolean => rankOf(p, n) >= 1 && rankOf(p, n) <= n;

/**
 * Sample quantile, about median-unbiased whatever the distribution: type 8 of Hyndman & Fan 1996. Type 7, the usual one,
 * lies low in the upper tail of few values. Needs the values that `valuesForRank` says.
 */
export function medianUnbiasedQuantile(values: Numbers, p: number): number {
  checkNumbers(values, "quantile");
  assert(holdsRank(p, values.length), `${values.length} values do not hold their ${p}-quantile`);
  const rank = rankOf(p, values.length);
  const sorted = Float64Array.from(values).sort();
  const below = Math.floor(rank);
  const low = sorted[below - 1]!;
  return low + (rank - below) * ((sorted[below] ?? low) - low);
}

/** Fewest values among which the p-quantile is estimated, not read off their largest or least: p90 7, p95 13, p99 67. */
export function valuesForRank(p: number): number {
  assert(p > 0 && p < 1, `a quantile's p is in (0, 1), not ${p}`);
  let n = 1;
  while (!holdsRank(p, n)) n++;
  return n;
}

/** Values that the p-quantile of grouped values needs: of all groups together, and of each. */
export interface Needed {
  readonly together: number;
  readonly each: number;
}

/**
 * What carries the p-quantile: together as many values as put their largest above it with `confidence`
 * (`samplesForQuantile`: p95 59, p99 299 at 95%), and in each group as many as hold its rank (`valuesForRank`). The
 * median is in the middle of any sample.
 */
export const valuesNeeded = (p: number, groups: number, confidence: number): Needed => {
  const each = valuesForRank(p);
  const tail = p === 0.5 ? 1 : samplesForQuantile(Math.max(p, 1 - p), confidence);
  return { together: Math.max(tail, groups * each), each };
};

export interface GroupQuantile {
  /** Geometric mean of the groups' own quantiles. */
  readonly value: number;
  /** Of that mean over all the groups that there could be. */
  readonly interval: Outcome<{ readonly low: number; readonly high: number; readonly confidence: number }>;
}

/**
 * The p-quantile of a typical group, from positive values of at least one group, each as many as `valuesForRank` says.
 * Student's interval of the mean of the groups' log quantiles, two-sided; undefined for one group. It assumes that groups
 * are independent and that those logarithms are about normal.
 */
export function groupQuantile(groups: readonly Numbers[], p: number, confidence: number): GroupQuantile {
  const own = groups.map((values) => medianUnbiasedQuantile(values, p));
  for (const one of own) assert(one > 0, `a geometric mean is of positive values, not of ${one}`);
  // in units of the first, so that equal groups keep their value to the last bit
  const unit = own[0]!;
  const logs = own.map((one) => Math.log(one / unit));
  const interval = studentInterval(logs, confidence);
  return {
    value: unit * Math.exp(mean(logs)),
    interval: interval.defined
      ? { ...interval, low: unit * Math.exp(interval.low), high: unit * Math.exp(interval.high) }
      : interval,
  };
}

/** Two-sided interval of the mean of independent, about normal values (Student 1908); undefined below two of them. */
export function studentInterval(
  values: Numbers,
  confidence: number,
): Outcome<{ readonly low: number; readonly high: number; readonly confidence: number }> {
  const centre = mean(values);
  const sd = standardDeviation(values);
  if (sd === undefined) return { defined: false, why: "one value has no spread; two are the fewest" };
  const n = values.length;
  const half = (studentQuantile((1 + confidence) / 2, n - 1) * sd) / Math.sqrt(n);
  return { defined: true, low: centre - half, high: centre + half, confidence };
}
