/** What assumes no distribution: the values that a quantile needs, the interval of a share, and resampling. */
import { assert } from "../errors.ts";
import type { Rng } from "../rng.ts";
import { quantile } from "./descriptive.ts";
import { normalQuantile } from "./distributions.ts";

/** Slack of a comparison of probabilities. */
const ROUNDING = 1e-9;

/**
 * Fewest values whose largest lies above the p-quantile of their distribution with the given confidence, whatever that
 * distribution: the least n with p^n <= 1 - confidence. At 95%: p90 29, p95 59, p99 299; at 99%: 44, 90, 459.
 */
export function samplesForQuantile(p: number, confidence: number): number {
  assert(p > 0 && p < 1, `a quantile with an interval has p in (0, 1), not ${p}`);
  assert(confidence > 0.5 && confidence < 1, `a confidence is in (0.5, 1), not ${confidence}`);
  let n = 1;
  while (p ** n > 1 - confidence + ROUNDING) n++;
  return n;
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
