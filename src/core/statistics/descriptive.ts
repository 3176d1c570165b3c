/**
 * Descriptive statistics, float64 and pure. Values are finite numbers in any order, and the input is never changed. What
 * too few values cannot tell is undefined, never 0 or NaN.
 */
import { assert } from "../errors.ts";

export type Numbers = ArrayLike<number>;

/** A result, or the reason why there is none. */
export type Outcome<T> = ({ readonly defined: true } & T) | { readonly defined: false; readonly why: string };

/** Asserts at least one value, all of them finite. */
export function checkNumbers(values: Numbers, what: string): void {
  assert(values.length > 0, `${what} of no values`);
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) assert(false, `${what}: value ${i} is ${values[i]}`);
  }
}

/** Mean and sum of squared deviations from it of values[from..to), in one stable pass (Welford 1962). */
export function welford(
  values: Numbers,
  from = 0,
  to = values.length,
): { readonly mean: number; readonly squares: number } {
  let mean = 0;
  let squares = 0;
  for (let i = from; i < to; i++) {
    const delta = values[i]! - mean;
    mean += delta / (i - from + 1);
    squares += delta * (values[i]! - mean);
  }
  return { mean, squares };
}

/** Arithmetic mean of at least one value. */
export function mean(values: Numbers): number {
  checkNumbers(values, "mean");
  return welford(values).mean;
}

/** Unbiased sample variance, with n - 1 in the denominator; undefined below two values. */
export function variance(values: Numbers): number | undefined {
  checkNumbers(values, "variance");
  return values.length < 2 ? undefined : welford(values).squares / (values.length - 1);
}

/** Square root of `variance`; undefined below two values. */
export function standardDeviation(values: Numbers): number | undefined {
  const v = variance(values);
  return v === undefined ? undefined : Math.sqrt(v);
}

/** sd / |mean|, without unit; undefined below two values and where the mean is 0. */
export function coefficientOfVariation(values: Numbers): number | undefined {
  const sd = standardDeviation(values);
  const centre = mean(values);
  return sd === undefined || centre === 0 ? undefined : sd / Math.abs(centre);
}

/** What is shown of a few values, at least one: their mean (`value`), the lowest and the highest, and their number. */
export const spanOf = (values: readonly number[]) => ({
  value: mean(values),
  low: Math.min(...values),
  high: Math.max(...values),
  n: values.length,
});

/**
 * Sample quantile, p in [0, 1]: linear between the order statistics at p (n - 1), type 7 of Hyndman & Fan 1996 (the
 * default of R and NumPy).
 */
export function quantile(values: Numbers, p: number): number {
  checkNumbers(values, "quantile");
  assert(p >= 0 && p <= 1, `a quantile's p is in [0, 1], not ${p}`);
  const sorted = Float64Array.from(values).sort();
  const position = p * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (position - below) * (high - low);
}

/** The quantile at 1/2. */
export function median(values: Numbers): number {
  return quantile(values, 0.5);
}

/** Makes Qn estimate the standard deviation of normal values, at large n. */
const CONSISTENCY = 2.21914;

/** Factors of Qn at 2 to 9 values (Croux & Rousseeuw 1992). */
const fewValues = [0.399, 0.994, 0.512, 0.844, 0.611, 0.857, 0.669, 0.872];

/**
 * Qn of Rousseeuw & Croux 1993: the k-th smallest distance between two values, k = h over 2 with h = n/2 + 1 rounded
 * down. Estimates the standard deviation of normal values with 82% efficiency, and up to half of the values may lie
 * anywhere. Undefined below two values.
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

/** Degrees of freedom of a robust deviation of n values: its efficiency times the usual n - 1. */
export const robustFreedom = (n: number): number => 0.82 * (n - 1);
