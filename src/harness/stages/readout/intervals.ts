/**
 * Intervals over seeds, exact whatever the distribution. The training seed is the unit: nothing within one run repeats
 * it. What too few seeds cannot carry is undefined, with the number that could.
 */
import { hodgesLehmann, type Outcome } from "../../../core/statistics/index.ts";

/** Confidence of every verdict. */
export const VERDICT_CONFIDENCE = 0.95;

export interface Interval {
  readonly low: number;
  readonly high: number;
  /** Exact for continuous values, at least VERDICT_CONFIDENCE. */
  readonly confidence: number;
}

/**
 * By how much `b` lies above `a`: core's Hodges-Lehmann shift over seeds. 4 against 4 seeds are the fewest of equal size
 * that carry 95%.
 */
export function shiftInterval(
  a: readonly number[],
  b: readonly number[],
): Outcome<Interval & { readonly estimate: number }> {
  if (a.length === 0 || b.length === 0) return { defined: false, why: "one side has no seed" };
  const { shift, interval } = hodgesLehmann(a, b, VERDICT_CONFIDENCE);
  if (interval.defined) return { ...interval, estimate: shift };
  const why = `${a.length} against ${b.length} seeds cannot carry a ${VERDICT_CONFIDENCE * 100}% interval; 4 against 4 can`;
  return { defined: false, why };
}

/**
 * The median of values by order statistics: from the least to the largest of n values, it lies between them with
 * 1 - 2^(1-n). 6 seeds are the fewest that carry 95%. With more, the interval keeps to those two, and so is cautious.
 * Values may be infinite.
 */
export function rangeInterval(values: readonly number[]): Outcome<Interval> {
  const confidence = 1 - 2 ** (1 - values.length);
  if (confidence < VERDICT_CONFIDENCE)
    return {
      defined: false,
      why: `${values.length} ${values.length === 1 ? "seed" : "seeds"} cannot carry a ${VERDICT_CONFIDENCE * 100}% interval; 6 can`,
    };
  return { defined: true, low: Math.min(...values), high: Math.max(...values), confidence };
}
