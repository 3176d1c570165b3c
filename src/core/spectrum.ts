/** What is periodic, and what leaps, in a curve recorded over training. Float64 and pure. */
import { assert } from "./errors.ts";
import { isSpike, mean, type Numbers, type Outcome } from "./statistics.ts";

/** Below this, a periodogram has too few frequencies to tell one from the others. */
const LEAST_VALUES = 128;

export interface Oscillation {
  /** Values from one crest to the next. */
  readonly period: number;
  /** Share of the detrended curve's variance at that frequency. */
  readonly share: number;
  /** Chance that a curve without a periodic part, but with this one's memory from value to value, shows as strong a peak. */
  readonly p: number;
}

/**
 * The strongest periodic part of the values' second half, with Fisher's exact test (Fisher 1929) on the periodogram
 * after the linear trend is taken away and each ordinate is divided by the spectrum of the AR(1) process fitted to the
 * rest: training curves remember their last values, which alone makes the low frequencies strong. Undefined below 128
 * values and for a constant curve.
 */
export function dominantOscillation(values: Numbers): Outcome<Oscillation> {
  if (values.length < LEAST_VALUES)
    return { defined: false, why: `an oscillation needs ${LEAST_VALUES} values, not ${values.length}` };
  const settled = detrended(Array.from(values).slice(Math.floor(values.length / 2)));
  const energy = settled.reduce((sum, x) => sum + x * x, 0);
  if (energy === 0) return { defined: false, why: "the curve is constant" };
  const n = settled.length;
  const memory = settled.slice(1).reduce((sum, x, i) => sum + x * settled[i]!, 0) / energy;
  const count = Math.floor((n - 1) / 2);
  const power = Array.from({ length: count }, (_, k) => ordinate(settled, k + 1));
  const expected = power.map(
    (_, k) => 1 / (1 + memory ** 2 - 2 * memory * Math.cos((2 * Math.PI * (k + 1)) / n)),
  );
  const whitened = power.map((value, k) => value / expected[k]!);
  const total = whitened.reduce((sum, value) => sum + value, 0);
  const at = whitened.indexOf(Math.max(...whitened));
  return {
    defined: true,
    period: n / (at + 1),
    share: (2 * power[at]!) / (n * energy),
    p: fisherTail(whitened[at]! / total, count),
  };
}

/** |sum x_j exp(-2 pi i j k / n)|^2. */
function ordinate(values: readonly number[], k: number): number {
  let [real, imaginary] = [0, 0];
  for (let j = 0; j < values.length; j++) {
    const angle = (2 * Math.PI * ((j * k) % values.length)) / values.length;
    real += values[j]! * Math.cos(angle);
    imaginary += values[j]! * Math.sin(angle);
  }
  return real * real + imaginary * imaginary;
}

/** The values less their least-squares line. */
function detrended(values: readonly number[]): number[] {
  const centre = (values.length - 1) / 2;
  const level = mean(values);
  let [covariance, variance] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    covariance += (i - centre) * (values[i]! - level);
    variance += (i - centre) ** 2;
  }
  return values.map((value, i) => value - level - (covariance / variance) * (i - centre));
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

/** Places of the values that `spikeScore` counts; none below the number of values that a score needs. */
export function findSpikes(values: Numbers): number[] {
  return Array.from(values, (_, i) => i).filter((i) => isSpike(values, i));
}
