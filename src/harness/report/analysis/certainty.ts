/** How far seeds carry a difference. The training seed is the unit: nothing within one run repeats it. */
import { logBinomial } from "../../../core/statistics/index.ts";
import { formatNumber, plural } from "./format.ts";

export interface Certainty {
  readonly level: "inconclusive" | "indicative" | "supported";
  readonly text: string;
}

/**
 * Exact two-sided p of complete separation, every value of one group below every value of the other, under random
 * relabelling: 2 / C(n + m, n). 3 against 3 gives 0.1: the least that so few seeds can reach.
 */
export const separationP = (n: number, m: number): number => Math.min(1, 2 / Math.exp(logBinomial(n + m, n)));

/** Whether the readings of two models differ beyond the spread of their seeds. */
export function certaintyOf(a: readonly number[], b: readonly number[]): Certainty {
  const fewest = Math.min(a.length, b.length);
  if (fewest === 0) return { level: "inconclusive", text: "A family without a reading cannot be compared." };
  if (fewest < 3)
    return {
      level: "inconclusive",
      text: `${plural(fewest, "seed")} ${a.length === b.length ? "per model" : "of one model"}: another seed could turn the difference around, so the result is inconclusive about seeds.`,
    };
  const separated = Math.max(...a) < Math.min(...b) || Math.max(...b) < Math.min(...a);
  if (!separated)
    return {
      level: "inconclusive",
      text: `The seeds of the models overlap in FID (${fewest} each): inconclusive.`,
    };
  const p = separationP(a.length, b.length);
  const fact = `Every seed of one model has the better FID than every seed of the other (permutation p = ${formatNumber(p, 2)})`;
  return p <= 0.05
    ? { level: "supported", text: `${fact}.` }
    : {
        level: "indicative",
        text: `${fact}, which is the least that ${plural(fewest, "seed")} can show: indicative.`,
      };
}
