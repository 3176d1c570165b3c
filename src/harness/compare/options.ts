/** What a comparison is judged by. */

export interface JudgeOptions {
  /** Chance that any metric at all is called changed when none is. */
  readonly alpha: number;
  /** Chance wanted of finding a change of the size to detect; below it nothing is called unchanged. */
  readonly power: number;
  /** Changes up to this share do not matter; for metrics judged as ratios. */
  readonly floor: number;
  /** The share that must be found. */
  readonly detect: number;
  /** Changes up to this many deviations of the history's nights do not matter. */
  readonly noiseFactor: number;
}

export const usual: JudgeOptions = { alpha: 0.05, power: 0.95, floor: 0.05, detect: 0.1, noiseFactor: 3 };

/** Confidence of the interval of a change. */
export const CONFIDENCE = 0.95;
