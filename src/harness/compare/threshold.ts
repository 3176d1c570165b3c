/** By how much a reading must change before it matters: a floor, or what its history shows to be noise. */
import { robustDeviation, robustFreedom, studentQuantile } from "../../core/statistics/index.ts";
import type { JudgeOptions } from "./options.ts";
import type { Sample } from "./sample.ts";

/** Nights from which on their noise is worth its name. */
export const LEAST_NIGHTS = 5;

export interface Noise {
  /** Deviation of one night's median about the others', Qn, on the sample's scale. */
  readonly deviation: number;
  /** Nights that it is taken from. */
  readonly nights: number;
}

/** Noise of a history whose nights have these medians; undefined for fewer than two. */
export function noiseOf(nights: readonly number[]): Noise | undefined {
  const deviation = robustDeviation(nights);
  return deviation === undefined ? undefined : { deviation, nights: nights.length };
}

export interface Threshold {
  /** On the sample's scale. */
  readonly value: number;
  readonly floor: number;
  /** Deviations of a night that it stands for at least, where noise is known. */
  readonly factor?: number;
  readonly noise?: Noise;
}

/**
 * max(floor, k x noise). k is the factor asked for or, where that is more, the one beyond which nights of the same kind lie with a chance below alpha / tests (the prediction interval of Hahn & Meeker 1991, section 4.7, with the
 * degrees of freedom that a robust deviation is worth): few nights ask for more.
 */
export function thresholdOf(
  { rule, hide }: Pick<Sample, "rule" | "hide">,
  noise: Noise | undefined,
  nights: { readonly base: number; readonly head: number },
  tests: number,
  { alpha, noiseFactor }: JudgeOptions,
): Threshold {
  const floor = hide(rule.floor);
  if (!noise) return { value: floor, floor };
  const surprise = studentQuantile(1 - alpha / (2 * tests), robustFreedom(noise.nights));
  const factor = Math.max(noiseFactor, surprise) * Math.sqrt(1 / nights.head + 1 / nights.base);
  return { value: Math.max(floor, factor * noise.deviation), floor, factor, noise };
}
