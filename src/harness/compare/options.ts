/** How sensitive a comparison is. */

export interface JudgeOptions {
  /** Chance that any of the metrics is called changed when none has changed. */
  readonly alpha: number;
  /** Required chance of finding a change of the size `detect`; with less, nothing is called unchanged. */
  readonly power: number;
  /** Changes up to this share do not matter; for metrics judged as ratios. */
  readonly floor: number;
  /** The share that must be found with `power`. */
  readonly detect: number;
  /** Changes up to this many deviations of the history's nights do not matter. */
  readonly noiseFactor: number;
}

export const usual: JudgeOptions = { alpha: 0.05, power: 0.95, floor: 0.05, detect: 0.1, noiseFactor: 3 };

/** Confidence of the interval of a change. */
export const CONFIDENCE = 0.95;
