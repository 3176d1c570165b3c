/**
 * Descriptive statistics, float64 and pure. Values are finite numbers in any order; the input is never
 * changed. What a sample is too small for is undefined, with the reason where it is not plain: never 0 or NaN.
 */
import { assert } from "../errors.ts";

/** Slack of comparisons with a sum of up to 1e5 probabilities. */
const ROUNDING = 1e-9;

export type Numbers = ArrayLike<number>;

/** A result, or why there is none. */
export type Outcome<T> = ({ readonly defined: true } & T) | { readonly defined: false; readonly why: string };

function check(values: Numbers, what: string): void {
  assert(values.length > 0, `${what} of no values`);
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) assert(false, `${what}: value ${i} is ${values[i]}`);
  }
}

/** Mean and sum of squared deviations from it, in one stable pass (Welford 1962). */
function welford(values: Numbers, from = 0, to = values.length): { mean: number; squares: number } {
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
  check(values, "mean");
  return welford(values).mean;
}

/**
 * Unbiased sample variance (n - 1 in the denominator); undefined below two values, where nothing is known of
 * it.
 */
export function variance(values: Numbers): number | undefined {
  check(values, "variance");
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

/**
 * Sample quantile, p in [0, 1]: linear between the order statistics at p (n - 1), type 7 of Hyndman & Fan
 * 1996 (the default of R and NumPy).
 */
export function quantile(values: Numbers, p: number): number {
  check(values, "quantile");
  return quantileOfSorted(Float64Array.from(values).sort(), p);
}

function quantileOfSorted(sorted: Float64Array, p: number): number {
  assert(p >= 0 && p <= 1, `a quantile's p is in [0, 1], not ${p}`);
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

/** ln n!, n a whole number: by Stirling's series with four terms from 16 on, its error then below 1e-14. */
function logFactorial(n: number): number {
  if (n < 16) {
    let product = 1;
    for (let i = 2; i <= n; i++) product *= i;
    return Math.log(product);
  }
  const r = 1 / (n * n);
  const series = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r / 1680))) / n;
  return (n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + series;
}

/** ln of the binomial coefficient "n over k", whole numbers with 0 <= k <= n. */
export function logBinomial(n: number, k: number): number {
  assert(Number.isInteger(n) && Number.isInteger(k) && k >= 0 && k <= n, `${n} over ${k} is not a binomial`);
  return k === 0 || k === n ? 0 : logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

/** P(B = k) for B ~ Binomial(n, p), 0 < p < 1. */
export function binomialProbability(k: number, n: number, p: number): number {
  return Math.exp(logBinomial(n, k) + k * Math.log(p) + (n - k) * Math.log1p(-p));
}

/**
 * Fewest values whose largest (with `exceedances` = 1, whose second largest) lies above the p-quantile of
 * their distribution with the given confidence, whatever that distribution: the least n with P(Binomial(n,
 * 1-p) <= exceedances) <= 1 - confidence. At 99%: p90 44 (64), p95 90 (130), p99 459 (662).
 */
export function samplesForQuantile(p: number, confidence: number, exceedances = 0): number {
  checkLevels(p, confidence);
  for (let n = exceedances + 1; ; n++) {
    let tail = 0;
    for (let j = 0; j <= exceedances; j++) tail += binomialProbability(j, n, 1 - p);
    if (tail <= 1 - confidence + ROUNDING) return n;
  }
}

function checkLevels(p: number, confidence: number): void {
  assert(p > 0 && p < 1, `a quantile with an interval has p in (0, 1), not ${p}`);
  assert(confidence > 0.5 && confidence < 1, `a confidence is in (0.5, 1), not ${confidence}`);
}

export interface QuantileInterval {
  readonly low: number;
  readonly high: number;
  /**
   * Confidence of each bound alone; both hold together with `coverage`, which is at least 2 confidence - 1.
   */
  readonly confidence: number;
  /** P(low <= quantile <= high), exact for a continuous distribution, at least this for any other. */
  readonly coverage: number;
  /** Which values the bounds are, counted from 1 in ascending order. */
  readonly ranks: readonly [number, number];
}

/**
 * Distribution-free confidence bounds of the p-quantile of independent, equally distributed values: two order
 * statistics chosen by the binomial count of values below the quantile (Hahn & Meeker 1991, section 5.2).
 * Each bound holds by itself with at least `confidence`, so that a p99 at 99% needs 459 values; undefined
 * below `samplesForQuantile` of p and of 1 - p.
 */
export function quantileInterval(values: Numbers, p: number, confidence = 0.99): Outcome<QuantileInterval> {
  check(values, "quantile interval");
  checkLevels(p, confidence);
  const n = values.length;
  const needed = samplesForQuantile(Math.max(p, 1 - p), confidence);
  if (n < needed) {
    const [quantity, level] = [`p${+(p * 100).toFixed(6)}`, `${+(confidence * 100).toFixed(6)}%`];
    return { defined: false, why: `${quantity} at ${level} confidence needs ${needed} values, not ${n}` };
  }
  const atMost = new Float64Array(n); // P(B <= j), B being how many of the values lie below the quantile
  for (let j = 0, sum = 0; j < n; j++) atMost[j] = sum += binomialProbability(j, n, p);
  const low = atMost.findLastIndex((probability) => probability <= 1 - confidence + ROUNDING);
  const high = atMost.findIndex((probability) => probability >= confidence - ROUNDING);
  assert(low >= 0 && high > low, `no bounds of p ${p} among ${n} values`);
  const sorted = Float64Array.from(values).sort();
  return {
    defined: true,
    low: sorted[low]!,
    high: sorted[high]!,
    confidence,
    coverage: atMost[high]! - atMost[low]!,
    ranks: [low + 1, high + 1],
  };
}

/**
 * P(Z <= x) of a standard normal: a series near 0, Laplace's continued fraction in the tails (Marsaglia
 * 2004).
 */
export function normalCdf(x: number): number {
  const density = Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  if (Math.abs(x) > 5) {
    let fraction = 0;
    for (let i = 60; i > 0; i--) fraction = i / (Math.abs(x) + fraction);
    const tail = density / (Math.abs(x) + fraction);
    return x < 0 ? tail : 1 - tail;
  }
  let term = x;
  let sum = x;
  for (let i = 3; Math.abs(term) > 1e-17 * Math.abs(sum); i += 2) sum += term *= (x * x) / i;
  return 0.5 + sum * density;
}

/**
 * The x with `normalCdf(x)` = p, 0 < p < 1: Newton's method on ln P, concave, so that it climbs to the root.
 */
export function normalQuantile(p: number): number {
  assert(p > 0 && p < 1, `a normal quantile's p is in (0, 1), not ${p}`);
  if (p === 0.5) return 0;
  if (p > 0.5) return -normalQuantile(1 - p);
  let x = -Math.sqrt(-2 * Math.log(p)); // P(x) <= exp(-x^2/2) / 2 = p / 2: left of the root
  for (let i = 0; i < 50; i++) {
    const below = normalCdf(x);
    const step = (Math.log(p / below) * below * Math.sqrt(2 * Math.PI)) / Math.exp(-0.5 * x * x);
    x += step;
    if (Math.abs(step) < 1e-14 * Math.abs(x)) break;
  }
  return x;
}

/**
 * Interval of a share, `successes` of n >= 1 independent trials (Wilson 1927): stays inside [0, 1], also at 0
 * of n.
 */
export function wilsonInterval(
  successes: number,
  n: number,
  confidence = 0.95,
): { low: number; high: number } {
  assert(n >= 1 && successes >= 0 && successes <= n, `${successes} of ${n} is not a share`);
  const z = normalQuantile((1 + confidence) / 2);
  const share = successes / n;
  const centre = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === n ? 1 : Math.min(1, centre + half),
  };
}

export type OutlierClass = "lowSevere" | "lowMild" | "normal" | "highMild" | "highSevere";

/**
 * Tukey 1977: mild beyond 1.5, severe beyond 3 interquartile ranges from the quartiles (type 7) of `values`. None is
 * dropped. `classified` are held against those fences; the values themselves by default.
 */
export function classifyOutliers(
  values: Numbers,
  classified: Numbers = values,
): {
  readonly classes: readonly OutlierClass[];
  readonly counts: Readonly<Record<OutlierClass, number>>;
} {
  check(values, "outliers");
  const sorted = Float64Array.from(values).sort();
  const [q1, q3] = [quantileOfSorted(sorted, 0.25), quantileOfSorted(sorted, 0.75)];
  const range = q3 - q1;
  const counts = { lowSevere: 0, lowMild: 0, normal: 0, highMild: 0, highSevere: 0 };
  const classes = Array.from(classified, (value): OutlierClass => {
    if (value < q1 - 3 * range) return "lowSevere";
    if (value < q1 - 1.5 * range) return "lowMild";
    if (value > q3 + 3 * range) return "highSevere";
    return value > q3 + 1.5 * range ? "highMild" : "normal";
  });
  for (const name of classes) counts[name]++;
  return { classes, counts };
}

const SPIKE = { window: 1000, leastWindow: 32, leastValues: 128, deviations: 7 };

/**
 * Share of values, in time order, at least 7 standard deviations from the mean of the up to 1,000 values
 * before them (OLMo 2, arXiv:2501.00656), the value itself left out of its window, where it would hide
 * itself. Scored are the values with at least 32 before them, fewer giving no usable standard deviation. In a
 * constant window any other value is a spike. Undefined below 128 values.
 */
export function spikeScore(values: Numbers): Outcome<{ score: number; spikes: number; scored: number }> {
  check(values, "spike score");
  if (values.length < SPIKE.leastValues)
    return { defined: false, why: `a spike score needs ${SPIKE.leastValues} values, not ${values.length}` };
  let spikes = 0;
  for (let i = SPIKE.leastWindow; i < values.length; i++) if (isSpike(values, i)) spikes++;
  const scored = values.length - SPIKE.leastWindow;
  return { defined: true, score: spikes / scored, spikes, scored };
}

/** Whether value `index` is one that `spikeScore` counts. */
export function isSpike(values: Numbers, index: number): boolean {
  if (values.length < SPIKE.leastValues || index < SPIKE.leastWindow) return false;
  const from = Math.max(0, index - SPIKE.window);
  const { mean: centre, squares } = welford(values, from, index); // running sums never forget a 1e30
  const sd = Math.sqrt(squares / (index - from - 1));
  const distance = Math.abs(values[index]! - centre);
  return distance > 0 && distance >= SPIKE.deviations * sd;
}
