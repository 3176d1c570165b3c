/** Whether a curve recorded over training oscillates. Float64 and pure. */
import { assert } from "../errors.ts";
import { mean, type Numbers, type Outcome } from "./descriptive.ts";

/** Below this, a periodogram has too few frequencies to tell one from the others. */
const LEAST_VALUES = 256;

/**
 * Below this p an oscillation counts as found. Fitting the noise makes p a little too small, so the level is lower than
 * the rate that it is to keep: about one clean curve in a hundred at most (white, wandering, decaying; see the test) shows one.
 */
export const OSCILLATION_P = 1e-3;

export interface Oscillation {
  /** Number of values from one crest to the next. */
  readonly period: number;
  /** Share of the detrended curve's variance that a sine of this period takes. */
  readonly share: number;
  /** Chance that a curve without a periodic part, but with this one's memory from value to value, shows as strong a peak. */
  readonly p: number;
}

/** Fewer whole waves than this in the analysed half are a drift, not an oscillation. */
const LEAST_WAVES = 4;
/** Longer curves are averaged in blocks first. */
const MOST_VALUES = 4096;
/** Degree of the polynomial that is subtracted: the way in which a curve falls is no oscillation. */
const TREND_DEGREE = 3;

/**
 * The strongest periodic part of the values' second half, with Fisher's exact test (Fisher 1929) on the periodogram of
 * the residuals from a cubic trend. Training curves wander, which alone makes low frequencies strong, so each ordinate is first
 * divided by the spectrum of the noise: white noise and an AR(1) process (up to a random walk) together, fitted to all
 * ordinates but those at the peak. Undefined below 256 values and for a constant curve.
 */
export function dominantOscillation(values: Numbers): Outcome<Oscillation> {
  if (values.length < LEAST_VALUES)
    return { defined: false, why: `an oscillation needs ${LEAST_VALUES} values, not ${values.length}` };
  const half = Array.from(values).slice(Math.floor(values.length / 2));
  const block = Math.ceil(half.length / MOST_VALUES);
  const settled = detrended(averagedInBlocks(half, block));
  const n = settled.length;
  const energy = settled.reduce((sum, x) => sum + x * x, 0);
  if (energy <= 1e-24 * half.reduce((sum, x) => sum + x * x, 0))
    return { defined: false, why: "the curve is constant but for its trend" };
  const waves = Array.from({ length: Math.floor((n - 1) / 2) - LEAST_WAVES + 1 }, (_, i) => i + LEAST_WAVES);
  const power = waves.map(ordinates(settled));
  const angles = waves.map((k) => (2 * Math.PI * k) / n);
  const whitenedWithout = (peak?: number) => {
    const noise = fittedNoise(power, angles, peak);
    return power.map((value, i) => value / noise(angles[i]!));
  };
  // a strong oscillation is taken for noise until its peak is left out of the fit
  const whitened = whitenedWithout(indexOfLargest(whitenedWithout()));
  const peak = indexOfLargest(whitened);
  const total = whitened.reduce((sum, value) => sum + value, 0);
  const frequency = refined(settled, waves[peak]!);
  return {
    defined: true,
    period: (n / frequency) * block,
    share: Math.min(1, (2 * powerAt(settled, frequency)) / (n * energy)),
    p: fisherTail(whitened[peak]! / total, waves.length),
  };
}

function averagedInBlocks(values: readonly number[], block: number): readonly number[] {
  if (block === 1) return values;
  const count = Math.floor(values.length / block);
  return Array.from({ length: count }, (_, i) => mean(values.slice(i * block, (i + 1) * block)));
}

const indexOfLargest = (values: readonly number[]): number =>
  values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);

/** |sum x_j exp(-2 pi i j k / n)|^2 of whole k, from a table of the n-th roots of one. */
function ordinates(values: readonly number[]): (k: number) => number {
  const n = values.length;
  const [cosines, sines] = [Math.cos, Math.sin].map((f) =>
    Float64Array.from({ length: n }, (_, j) => f((2 * Math.PI * j) / n)),
  ) as [Float64Array, Float64Array];
  return (k) => {
    let [real, imaginary] = [0, 0];
    for (let j = 0, at = 0; j < n; j++) {
      real += values[j]! * cosines[at]!;
      imaginary += values[j]! * sines[at]!;
      at += k;
      if (at >= n) at -= n;
    }
    return real * real + imaginary * imaginary;
  };
}

/** The same at any k, also between whole ones. */
function powerAt(values: readonly number[], k: number): number {
  let [real, imaginary] = [0, 0];
  for (let j = 0; j < values.length; j++) {
    const angle = (2 * Math.PI * j * k) / values.length;
    real += values[j]! * Math.cos(angle);
    imaginary += values[j]! * Math.sin(angle);
  }
  return real * real + imaginary * imaginary;
}

/** Where the power is greatest within one wave of k: golden-section search (Kiefer 1953). */
function refined(values: readonly number[], k: number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [k - 1, k + 1];
  for (let i = 0; i < 30; i++) {
    const [a, b] = [high - golden * (high - low), low + golden * (high - low)];
    if (powerAt(values, a) < powerAt(values, b)) low = a;
    else high = b;
  }
  return (low + high) / 2;
}

/** Up to a factor: expected power at an angle in radians per value. */
type NoiseSpectrum = (angle: number) => number;

const MEMORIES = [
  -0.95, -0.9, -0.8, -0.65, -0.5, -0.3, 0, 0.3, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1,
];
/** Variance of the AR(1) process's innovations over that of the white noise, and the AR(1) process alone. */
const RATIOS = [...Array.from({ length: 11 }, (_, i) => 10 ** ((i - 7) / 2)), Number.POSITIVE_INFINITY];
/** Ordinates on either side of the peak that the fit leaves out with it. */
const BESIDE = 2;

/** The best of a grid by Whittle's likelihood (Whittle 1953), the level of the noise being its own best. */
function fittedNoise(
  power: readonly number[],
  angles: readonly number[],
  peak: number | undefined,
): NoiseSpectrum {
  const used = power
    .map((_, i) => i)
    .filter((i) => power[i]! > 0 && (peak === undefined || Math.abs(i - peak) > BESIDE));
  let best: { spectrum: NoiseSpectrum; cost: number } | undefined;
  for (const memory of MEMORIES)
    for (const ratio of memory === 0 ? [0] : RATIOS) {
      const spectrum = (angle: number) => {
        const wandering = 1 / (1 + memory ** 2 - 2 * memory * Math.cos(angle));
        return ratio === Number.POSITIVE_INFINITY ? wandering : 1 + ratio * wandering;
      };
      let [ratios, logarithms] = [0, 0];
      for (const i of used) {
        const expected = spectrum(angles[i]!);
        ratios += power[i]! / expected;
        logarithms += Math.log(expected);
      }
      const cost = used.length * Math.log(ratios / used.length) + logarithms;
      if (!best || cost < best.cost) best = { spectrum, cost };
    }
  return best!.spectrum;
}

/** The values less their least-squares polynomial, by polynomials made orthogonal on the points (Gram & Schmidt). */
function detrended(values: readonly number[]): number[] {
  const n = values.length;
  const at = Array.from({ length: n }, (_, i) => (2 * i) / (n - 1) - 1);
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  const without = (x: readonly number[], direction: readonly number[]) => {
    const along = dot(x, direction) / dot(direction, direction);
    return x.map((value, i) => value - along * direction[i]!);
  };
  const basis: number[][] = [];
  for (let degree = 0; degree <= TREND_DEGREE; degree++)
    basis.push(
      basis.reduce(
        without,
        at.map((x) => x ** degree),
      ),
    );
  return basis.reduce(without, [...values]);
}

/** P(largest of m exponential shares > g) = sum_j (-1)^(j-1) C(m, j) (1 - j g)^(m-1), j g < 1 (Fisher 1929). */
export function fisherTail(g: number, m: number): number {
  assert(g > 0 && g <= 1 && m >= 1, `Fisher's g is in (0, 1], not ${g}`);
  if (m * (1 - g) ** (m - 1) < 1e-3) return m * (1 - g) ** (m - 1); // the first term, and an upper bound
  let [sum, logChoose] = [0, 0];
  for (let j = 1; j <= Math.min(m, Math.floor(1 / g)); j++) {
    logChoose += Math.log((m - j + 1) / j);
    const rest = 1 - j * g;
    if (rest <= 0) break;
    sum += (j % 2 === 1 ? 1 : -1) * Math.exp(logChoose + (m - 1) * Math.log(rest));
  }
  return Math.min(1, Math.max(0, sum));
}
