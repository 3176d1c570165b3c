/** How likely a test finds an effect, and how many values that takes: known before "no difference" is concluded. */
import { normalCdf, studentQuantile } from "./distributions.ts";
import { attainableLevel } from "./ranks.ts";
import { leastPairedP } from "./significance.ts";

export interface Design {
  /** Size of the effect and standard deviation of a value (of a pair's difference), in one unit. */
  readonly effect: number;
  readonly deviation: number;
  /** Two-sided level of the test. */
  readonly alpha: number;
}

/**
 * Chance that a two-sided permutation or rank test of n against m values finds the effect. It is that of Student's
 * test, which the permutation test of means attains (Hoeffding 1952), at the level that n against m values can have, by
 * the normal approximation to the noncentral t of Johnson & Welch 1940; 0 where so few values cannot reach the level.
 */
export function twoSamplePower(n: number, m: number, { effect, deviation, alpha }: Design): number {
  const level = n < 1 || m < 1 ? 0 : attainableLevel(n, m, alpha);
  if (level === 0) return 0;
  return studentPower(effect / (deviation * Math.sqrt(1 / n + 1 / m)), n + m - 2, level);
}

/** Chance that a sign-flip test of n pairs finds the effect. */
export function pairedPower(n: number, { effect, deviation, alpha }: Design): number {
  if (n < 2 || leastPairedP(n) > alpha) return 0;
  return studentPower(effect / (deviation / Math.sqrt(n)), n - 1, alpha);
}

function studentPower(noncentrality: number, freedom: number, alpha: number): number {
  if (noncentrality === Number.POSITIVE_INFINITY) return 1;
  if (Number.isNaN(noncentrality)) return 0; // no effect, no deviation
  const critical = studentQuantile(1 - alpha / 2, freedom);
  const shrunk = critical * (1 - 1 / (4 * freedom));
  return normalCdf((noncentrality - shrunk) / Math.sqrt(1 + critical ** 2 / (2 * freedom)));
}

/** Fewest n, up to `most`, for which `power(n)` is at least `wanted`; undefined where none is. `power` rises with n. */
export function fewest(power: (n: number) => number, wanted: number, most = 10_000): number | undefined {
  if (power(most) < wanted) return undefined;
  let [low, high] = [0, most];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (power(middle) >= wanted) high = middle;
    else low = middle;
  }
  return high;
}
