/**
 * Intervals over seeds, exact whatever the distribution. The training seed is the unit: nothing within one run repeats
 * it. What too few seeds cannot carry is undefined, with the number that could.
 */
import { logBinomial, median, type Outcome } from "../../../../core/statistics/index.ts";

/** Confidence of every verdict. */
export const VERDICT_CONFIDENCE = 0.95;

export interface Interval {
  readonly low: number;
  readonly high: number;
  /** Exact for continuous values, at least VERDICT_CONFIDENCE. */
  readonly confidence: number;
}

/**
 * How far `b` lies above `a`: the Hodges-Lehmann estimate and the interval that inverts the two-sided Mann-Whitney test
 * (Hodges & Lehmann 1963; Hollander, Wolfe & Chicken 2014, section 4.3). 4 against 4 seeds are the fewest of equal size
 * that carry 95%; their interval runs from the least to the largest difference and holds with 97.1%.
 */
export function shiftInterval(
  a: readonly number[],
  b: readonly number[],
): Outcome<Interval & { readonly estimate: number }> {
  if (a.length === 0 || b.length === 0) return { defined: false, why: "one side has no seed" };
  const differences = a.flatMap((x) => b.map((y) => y - x)).toSorted((x, y) => x - y);
  const counts = rankSumCounts(a.length, b.length);
  const all = Math.exp(logBinomial(a.length + b.length, a.length));
  let tail = 0; // P(U < rank)
  let rank = 0;
  while (2 * (tail + counts[rank]! / all) <= 1 - VERDICT_CONFIDENCE + 1e-12) tail += counts[rank++]! / all;
  if (rank === 0)
    return {
      defined: false,
      why: `${a.length} against ${b.length} seeds cannot carry a ${VERDICT_CONFIDENCE * 100}% interval; 4 against 4 can`,
    };
  return {
    defined: true,
    estimate: median(differences),
    low: differences[rank - 1]!,
    high: differences[differences.length - rank]!,
    confidence: 1 - 2 * tail,
  };
}

/** In how many orders of n and m values exactly u pairs are inverted, u from 0 to n m (Mann & Whitney 1947). */
export function rankSumCounts(n: number, m: number): number[] {
  // ways[j][u] over the first i of n: the i-th either tops j of the others or passes the question on
  let ways = Array.from({ length: m + 1 }, () => [1]);
  for (let i = 1; i <= n; i++) {
    const next: number[][] = [];
    for (let j = 0; j <= m; j++)
      next.push(
        Array.from({ length: i * j + 1 }, (_, u) => (ways[j]?.[u - j] ?? 0) + (next[j - 1]?.[u] ?? 0)),
      );
    ways = next;
  }
  return ways[m]!;
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
