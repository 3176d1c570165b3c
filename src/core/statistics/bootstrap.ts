import { assert } from "../errors.ts";
import type { Rng } from "../rng.ts";
import { quantile } from "./summary.ts";

/**
 * Percentile bootstrap interval (Efron 1979) of a statistic of independent units, `resamples` times drawn with
 * replacement. For means and their like; not for FID or neighbour counts, which duplicates break.
 */
export function bootstrapInterval<T>(
  units: readonly T[],
  statistic: (units: readonly T[]) => number,
  { confidence, stream, resamples = 1000 }: { confidence: number; stream: Rng; resamples?: number },
): { low: number; high: number } {
  assert(units.length > 0, "a bootstrap of no units");
  const values = Array.from({ length: resamples }, (_, b) => {
    const own = stream.fold(b);
    return statistic(units.map(() => units[own.integer(units.length)]!));
  });
  const tail = (1 - confidence) / 2;
  return { low: quantile(values, tail), high: quantile(values, 1 - tail) };
}
