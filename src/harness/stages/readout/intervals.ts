/**
 * Intervals over seeds, exact whatever the distribution. The training seed is the unit: nothing within one run repeats
 * it. What too few seeds cannot carry is undefined, with the number that could.
 *
 * A seed may say only "at least so much" (censored): a setting was looked for among those measured, and none was good
 * enough. Its bound stands in for it in the lower end of an interval, and nothing does in the upper one, so an upper end
 * can be missing and no verdict rests on a number that nobody measured.
 */
import { hodgesLehmann, type Outcome, pairedShift } from "../../../core/statistics/index.ts";

/** Confidence of every verdict. */
export const VERDICT_CONFIDENCE = 0.95;

export interface Interval {
  /** -Infinity or Infinity where nothing bounds it. */
  readonly low: number;
  readonly high: number;
  /** Exact for values without ties, at least VERDICT_CONFIDENCE. */
  readonly confidence: number;
  /** Values are equal, so that the interval holds with `confidence` at least. */
  readonly tied?: boolean;
}

/** A number that is only known to lie between two others. */
export interface Bounded {
  readonly low: number;
  readonly high: number;
}

/** What a seed says of a number: the number, or its bounds. */
export type SeedReading = number | Bounded;

/** Of a seed for which no measured setting was enough, the largest one being `low`. */
export const atLeast = (low: number): Bounded => ({ low, high: Number.POSITIVE_INFINITY });

export const lowest = (reading: SeedReading): number => (typeof reading === "number" ? reading : reading.low);
export const highest = (reading: SeedReading): number =>
  typeof reading === "number" ? reading : reading.high;

/** Whether a seed's number is not known. */
export const isCensored = (reading: SeedReading): boolean => lowest(reading) !== highest(reading);

const isTied = (values: readonly number[]): boolean => new Set(values).size < values.length;

/** a - b in bounds. */
export const difference = (a: SeedReading, b: SeedReading): Bounded => ({
  low: lowest(a) - highest(b),
  high: highest(a) - lowest(b),
});

/**
 * By how much `b` lies above `a`: core's Hodges-Lehmann shift over seeds. 4 against 4 seeds are the fewest of equal size
 * that carry 95%. Ties count against every finding, see core; the estimate is absent where a reading is censored.
 */
export function shiftInterval(
  a: readonly SeedReading[],
  b: readonly SeedReading[],
): Outcome<Interval & { readonly estimate?: number }> {
  if (a.length === 0 || b.length === 0) return { defined: false, why: "one side has no seed" };
  const least = hodgesLehmann(a.map(highest), b.map(lowest), VERDICT_CONFIDENCE);
  const most = hodgesLehmann(a.map(lowest), b.map(highest), VERDICT_CONFIDENCE);
  if (!least.interval.defined || !most.interval.defined) {
    const why = `${a.length} against ${b.length} seeds cannot carry a ${VERDICT_CONFIDENCE * 100}% interval; 4 against 4 can`;
    return { defined: false, why };
  }
  const all = [...a, ...b];
  return {
    defined: true,
    low: least.interval.low,
    high: most.interval.high,
    confidence: least.interval.confidence,
    ...(isTied(all.map(lowest)) && { tied: true }),
    ...(!all.some(isCensored) && { estimate: least.shift }),
  };
}

/**
 * The shift of differences within seeds: core's signed-rank interval. 6 seeds are the fewest that carry 95%, and it then
 * runs from the least to the largest difference.
 */
export function pairedInterval(differences: readonly SeedReading[]): Outcome<Interval> {
  if (differences.length === 0) return { defined: false, why: "no seed has both" };
  const least = pairedShift(differences.map(lowest), VERDICT_CONFIDENCE).interval;
  const most = pairedShift(differences.map(highest), VERDICT_CONFIDENCE).interval;
  if (!least.defined || !most.defined) return { defined: false, why: tooFew(differences.length) };
  const tied = isTied(differences.map((one) => Math.abs(lowest(one))));
  return { ...least, high: most.high, ...(tied && { tied }) };
}

/**
 * The median of values by order statistics: from the least to the largest of n values, it lies between them with
 * 1 - 2^(1-n). 6 seeds are the fewest that carry 95%. With more, the interval keeps to those two, and so is cautious.
 */
export function rangeInterval(values: readonly SeedReading[]): Outcome<Interval> {
  const confidence = 1 - 2 ** (1 - values.length);
  if (confidence < VERDICT_CONFIDENCE) return { defined: false, why: tooFew(values.length) };
  const lows = values.map(lowest);
  return {
    defined: true,
    low: Math.min(...lows),
    high: Math.max(...values.map(highest)),
    confidence,
    ...(isTied(lows) && { tied: true }),
  };
}

const tooFew = (seeds: number): string =>
  `${seeds} ${seeds === 1 ? "seed" : "seeds"} cannot carry a ${VERDICT_CONFIDENCE * 100}% interval; 6 can`;
