/** Scale of values among which some are wild. */
import type { Numbers } from "./summary.ts";

/** Makes Qn estimate the standard deviation of normal values, at large n. */
const CONSISTENCY = 2.21914;

/** Its factors at 2 to 9 values (Croux & Rousseeuw 1992); `smallSample` beyond. */
const fewValues = [0.399, 0.994, 0.512, 0.844, 0.611, 0.857, 0.669, 0.872];

/**
 * Qn of Rousseeuw & Croux 1993: the k-th smallest distance between two values, k = h over 2 with h = n/2 + 1 rounded
 * down. Estimates the standard deviation of normal values with 82% of its efficiency, and up to half of the values may
 * lie anywhere. undefined below two values.
 */
export function robustDeviation(values: Numbers): number | undefined {
  const n = values.length;
  if (n < 2) return undefined;
  const distances = new Float64Array((n * (n - 1)) / 2);
  for (let i = 0, next = 0; i < n; i++)
    for (let j = 0; j < i; j++) distances[next++] = Math.abs(values[i]! - values[j]!);
  const h = Math.floor(n / 2) + 1;
  const kth = distances.sort()[(h * (h - 1)) / 2 - 1]!;
  return CONSISTENCY * (fewValues[n - 2] ?? (n % 2 === 1 ? n / (n + 1.4) : n / (n + 3.8))) * kth;
}

/** Degrees of freedom that a robust deviation of n values is worth: its efficiency times those of the usual one. */
export const robustFreedom = (n: number): number => 0.82 * (n - 1);
