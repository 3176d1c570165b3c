/** Whether a series of timings may be read as one sample: its noise, its trend over time, and its first value. */
import { coefficientOfVariation, median, type Numbers, type Outcome } from "./descriptive.ts";
import { normalCdf } from "./distributions.ts";
import { type OutlierClass, outlierClass } from "./outliers.ts";
import { doubledRanks, tieSizes } from "./ranks.ts";

/** From here on the normal approximation to Kendall's S holds (Kendall 1975). */
const LEAST_FOR_TREND = 10;
/** Tukey's fences of fewer values than this say nothing. */
const LEAST_FOR_FENCES = 8;

export interface Drift {
  /** Change over the whole series, as a share of its median: Sen's slope times n - 1. */
  readonly change: number;
  /** Kendall's tau between value and time, -1..1. */
  readonly tau: number;
  /** Chance of a trend at least as strong, up or down, in a series without one. */
  readonly p: number;
}

/**
 * A monotone trend of positive values in time order: Mann-Kendall's test (Mann 1945, Kendall 1975) with ties counted,
 * and Sen's slope (Sen 1968). A timing depends on the ones before it, which alone makes trends seem likely: the variance
 * of S is widened for that. Undefined below 10 values and for a constant series.
 */
export function drift(values: Numbers): Outcome<Drift> {
  const n = values.length;
  if (n < LEAST_FOR_TREND)
    return { defined: false, why: `a trend needs ${LEAST_FOR_TREND} values, not ${n}` };
  let s = 0;
  const slopes = new Float64Array((n * (n - 1)) / 2);
  for (let i = 0, at = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) {
      const rise = values[j]! - values[i]!;
      s += Math.sign(rise);
      slopes[at++] = rise / (j - i);
    }
  const ties = tieSizes(values);
  if (ties.length === 1) return { defined: false, why: "the series is constant" };
  const pairs = (k: number) => k * (k - 1) * (2 * k + 5);
  const tied = ties.reduce((sum, k) => sum + pairs(k), 0);
  const slope = median(slopes);
  const variance = ((pairs(n) - tied) / 18) * memoryFactor(values, slope);
  const z = s === 0 ? 0 : (s - Math.sign(s)) / Math.sqrt(variance);
  return {
    defined: true,
    change: (slope * (n - 1)) / median(values),
    tau: s / slopes.length,
    p: Math.min(1, 2 * normalCdf(-Math.abs(z))),
  };
}

/**
 * By how much the memory of the detrended series widens the variance of S: (1 + r) / (1 - r), r the autocorrelation of
 * its ranks at lag 1 (Yue & Wang 2004), corrected for its bias towards negative values (Kendall 1954). Never below 1.
 */
function memoryFactor(values: Numbers, slope: number): number {
  const n = values.length;
  const ranks = doubledRanks(Array.from(values, (value, i) => value - slope * i));
  const deviations = ranks.map((rank) => (rank - n - 1) / 2);
  const energy = deviations.reduce((sum, x) => sum + x * x, 0);
  if (energy === 0) return 1;
  const product = deviations.slice(1).reduce((sum, x, i) => sum + x * deviations[i]!, 0);
  const memory = Math.min((n * (product / energy) + 2) / (n - 4), 1 - 2 / n);
  return memory > 0 ? (1 + memory) / (1 - memory) : 1;
}

export interface FirstValue {
  /** The first value over the median of the others. */
  readonly ratio: number;
  /** Where it lies by Tukey's fences of the others. */
  readonly class: OutlierClass;
}

/** Whether the first value stands apart from those after it, as where a warm-up was too short. Undefined below 9 values. */
export function firstValue(values: Numbers): Outcome<FirstValue> {
  const others = Array.from(values).slice(1);
  if (others.length < LEAST_FOR_FENCES) {
    const why = `the first value needs ${LEAST_FOR_FENCES} others beside it, not ${others.length}`;
    return { defined: false, why };
  }
  const first = values[0]!;
  return { defined: true, ratio: first / median(others), class: outlierClass(first, others) };
}

/** The noise of one series of timings in time order. */
export function noiseOf(values: Numbers) {
  return {
    /** sd / |mean|; undefined below two values. */
    coefficientOfVariation: coefficientOfVariation(values),
    drift: drift(values),
    first: firstValue(values),
  };
}

export type Noise = ReturnType<typeof noiseOf>;
