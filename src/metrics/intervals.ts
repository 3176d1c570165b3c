/** Intervals at 95% confidence. */
import { normalQuantile, wilsonInterval } from "../core/statistics/index.ts";
import type { Estimate } from "./contract.ts";

type Interval = NonNullable<Estimate["interval"]>;

const CONFIDENCE = 0.95;

/** Standard errors on either side of a normal estimate. */
export const NORMAL = normalQuantile(0.975);

/** `half` on either side of the value, within the metric's bounds. */
export function around(
  value: number,
  half: number,
  method: string,
  { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = {},
): Interval {
  return {
    low: Math.max(least, value - half),
    high: Math.min(most, value + half),
    confidence: CONFIDENCE,
    method,
  };
}

/** From a `spread`-th of the value to `spread` times it, for a value whose logarithm is normal; from 1. */
export function aroundFactor(value: number, spread: number, method: string): Interval {
  return { low: Math.max(1, value / spread), high: value * spread, confidence: CONFIDENCE, method };
}

/** Of a share of `hits` among `count` independent trials, times `scale`: Wilson's. */
export function ofShare(hits: number, count: number, method: string, scale = 1): Interval {
  const { low, high } = wilsonInterval(hits, count, CONFIDENCE);
  return { low: scale * low, high: scale * high, confidence: CONFIDENCE, method };
}
