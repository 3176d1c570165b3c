/** How far two records of the same training are apart, and whether two sets of results can be told apart. */
import { assert } from "../../src/core/errors.ts";
import { mean, standardDeviation, studentQuantile } from "../../src/core/statistics/index.ts";
import type { Compared, ToldApart } from "./results.ts";

/** |a - b| / |b| of every step; a value that is not finite, or differs from a 0, is infinitely far. */
export function relativeDifferences(a: readonly number[], b: readonly number[]): number[] {
  assert(a.length === b.length, `${a.length} steps cannot be compared with ${b.length}`);
  return a.map((value, i) => {
    const other = b[i]!;
    if (value === other) return 0;
    const difference = Math.abs(value - other) / Math.abs(other);
    return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  });
}

/**
 * Two curves of one quantity over the same steps: `within`, the largest relative difference of steps 1..n for each n of
 * `at` up to their end, and `leaves`, the first step, from 1, at which it is over the tolerance, absent where none is.
 */
export function agreement(
  a: readonly number[],
  b: readonly number[],
  at: readonly number[],
  tolerance: number,
): Pick<Compared, "within" | "leaves"> {
  const differences = relativeDifferences(a, b);
  const first = differences.findIndex((difference) => difference > tolerance);
  return {
    within: at
      .filter((steps) => steps <= differences.length)
      .map((steps) => ({ steps, largest: Math.max(...differences.slice(0, steps)) })),
    leaves: first < 0 ? undefined : first + 1,
  };
}

/**
 * Paired results of two programs, one pair per seed. They are told apart where Student's interval of the mean difference
 * (`confidence` level, seeds - 1 degrees of freedom) leaves 0 out; `half`, its half width, is the smallest mean difference
 * that these seeds would tell. Both spreads are sample standard deviations over seeds.
 */
export function toldApart(a: readonly number[], b: readonly number[], confidence = 0.95): ToldApart {
  assert(
    a.length === b.length && a.length > 1,
    `pairs of at least two seeds, not ${a.length} and ${b.length}`,
  );
  const differences = a.map((value, i) => value - b[i]!);
  const difference = mean(differences);
  const deviation = standardDeviation(differences)!;
  const half = (studentQuantile((1 + confidence) / 2, a.length - 1) * deviation) / Math.sqrt(a.length);
  return {
    differences,
    difference,
    half,
    spread: [standardDeviation(a)!, standardDeviation(b)!],
    apart: Math.abs(difference) > half,
  };
}
