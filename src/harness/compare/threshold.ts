/** By how much a reading must change before it matters: a floor, or what its history shows to be noise. */
import { robustDeviation, robustFreedom, studentQuantile } from "../../core/statistics/index.ts";
import type { JudgeOptions } from "./options.ts";
import type { Values } from "./values.ts";

/** Fewest nights whose noise is used. */
export const LEAST_NIGHTS = 5;

export interface Noise {
  /** Deviation of one night's median about the others', Qn, on the rule's scale. */
  readonly deviation: number;
  /** Number of nights that it comes from. */
  readonly nights: number;
}

/** Noise of a history whose nights have these medians; undefined for fewer than two. */
export function noiseOf(nights: readonly number[]): Noise | undefined {
  const deviation = robustDeviation(nights);
  return deviation === undefined ? undefined : { deviation, nights: nights.length };
}

/**
 * max(floor, k x noise). k is `noiseFactor` or, where that is larger, the half-width of the prediction interval that a night
 * of the same level leaves with a chance below alpha / tests (Hahn & Meeker 1991, section 4.7), with the degrees of freedom
 * of a robust deviation. The fewer the nights, the larger it is.
 */
export function thresholdOf(
  { rule, hide }: Pick<Values, "rule" | "hide">,
  noise: Noise | undefined,
  nights: { readonly base: number; readonly head: number },
  tests: number,
  { alpha, noiseFactor }: JudgeOptions,
) {
  const floor = hide(rule.floor);
  if (!noise) return { value: floor, floor };
  const surprise = studentQuantile(1 - alpha / (2 * tests), robustFreedom(noise.nights));
  const factor = Math.max(noiseFactor, surprise) * Math.sqrt(1 / nights.head + 1 / nights.base);
  return { value: Math.max(floor, factor * noise.deviation), floor, factor, noise };
}

/** `value` is on the rule's scale; it is at least `factor` deviations of a night, where noise is known. */
export type Threshold = ReturnType<typeof thresholdOf>;
