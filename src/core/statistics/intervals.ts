/** Confidence intervals that assume no distribution: of a quantile, of a share, and by resampling. */
import { assert } from "../errors.ts";
import type { Rng } from "../rng.ts";
import { checkNumbers, type Numbers, type Outcome, quantile } from "./descriptive.ts";
import { binomialProbability, normalQuantile } from "./distributions.ts";

/** Slack of comparisons with a sum of up to 1e5 probabilities. */
const ROUNDING = 1e-9;

/**
 * Fewest values whose largest lies above the p-quantile of their distribution with the given confidence, whatever that
 * distribution: the least n with p^n <= 1 - confidence. At 99%: p90 44, p95 90, p99 459.
 */
export function samplesForQuantile(p: number, confidence: number): number {
  assert(p > 0 && p < 1, `a quantile with an interval has p in (0, 1), not ${p}`);
  assert(confidence > 0.5 && confidence < 1, `a confidence is in (0.5, 1), not ${confidence}`);
  let n = 1;
  while (p ** n > 1 - confidence + ROUNDING) n++;
  return n;
}

export interface QuantileInterval {
  readonly low: number;
  readonly high: number;
  /** Confidence of each bound alone; both hold together with `coverage`, which is at least 2 confidence - 1. */
  readonly confidence: number;
  /** P(low <= quantile <= high), exact for a continuous distribution, at least this for any other. */
  readonly coverage: number;
  /** Which values the bounds are, counted from 1 in ascending order. */
  readonly ranks: readonly [number, number];
}

/**
 * Distribution-free confidence bounds of the p-quantile of independent, equally distributed values: two order statistics
 * chosen by the binomial count of values below the quantile (Hahn & Meeker 1991, section 5.2). Each bound alone holds
 * with at least `confidence`, so that a p99 at 99% needs 459 values; undefined below `samplesForQuantile` of p and of
 * 1 - p.
 */
export function quantileInterval(values: Numbers, p: number, confidence = 0.99): Outcome<QuantileInterval> {
  checkNumbers(values, "quantile interval");
  const n = values.length;
  const needed = samplesForQuantile(Math.max(p, 1 - p), confidence);
  if (n < needed) {
    const [quantity, level] = [`p${+(p * 100).toFixed(6)}`, `${+(confidence * 100).toFixed(6)}%`];
    return { defined: false, why: `${quantity} at ${level} confidence needs ${needed} values, not ${n}` };
  }
  const atMost = new Float64Array(n); // P(B <= j), where B values lie below the quantile
  for (let j = 0, sum = 0; j < n; j++) atMost[j] = sum += binomialProbability(j, n, p);
  const low = atMost.findLastIndex((probability) => probability <= 1 - confidence + ROUNDING);
  const high = atMost.findIndex((probability) => probability >= confidence - ROUNDING);
  assert(low >= 0 && high > low, `no bounds of p ${p} among ${n} values`);
  const sorted = Float64Array.from(values).sort();
  return {
    defined: true,
    low: sorted[low]!,
    high: sorted[high]!,
    confidence,
    coverage: atMost[high]! - atMost[low]!,
    ranks: [low + 1, high + 1],
  };
}

/** Interval of a share, `successes` of n >= 1 independent trials (Wilson 1927). It stays inside [0, 1], also at 0 of n. */
export function wilsonInterval(
  successes: number,
  n: number,
  confidence = 0.95,
): { readonly low: number; readonly high: number } {
  assert(n >= 1 && successes >= 0 && successes <= n, `${successes} of ${n} is not a share`);
  const z = normalQuantile((1 + confidence) / 2);
  const share = successes / n;
  const centre = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === n ? 1 : Math.min(1, centre + half),
  };
}

/**
 * Percentile bootstrap interval (Efron 1979) of a statistic of independent units, drawn `resamples` times with
 * replacement. It suits means and similar statistics, not FID or neighbour counts, which duplicates distort.
 */
export function bootstrapInterval<T>(
  units: readonly T[],
  statistic: (units: readonly T[]) => number,
  { confidence, stream, resamples = 1000 }: { confidence: number; stream: Rng; resamples?: number },
): { readonly low: number; readonly high: number } {
  assert(units.length > 0, "a bootstrap of no units");
  const values = Array.from({ length: resamples }, (_, b) => {
    const draws = stream.fold(b);
    return statistic(units.map(() => units[draws.integer(units.length)]!));
  });
  const tail = (1 - confidence) / 2;
  return { low: quantile(values, tail), high: quantile(values, 1 - tail) };
}
