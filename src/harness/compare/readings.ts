/** What a run folder says that can be compared: named, directed readings, each with the unit that repeats it. */
import type { MetricValue } from "../record/index.ts";

export type Direction = MetricValue["direction"];

/** `quality` comes from seeds, `timing` from a machine: their fingerprints are compared apart. */
export type ReadingClass = "quality" | "timing";

/** What repeats a reading: a training seed, a process, or nothing (`run`: one value a run). */
export type UnitKind = "seed" | "process" | "run";

/** One value of one reading. */
export interface Reading {
  /** Stage, what was measured, metric: the same in every run of a suite, e.g. `latency/ddpm/ddim-50/batch-1/request_ms`. */
  readonly key: string;
  readonly metric: string;
  readonly class: ReadingClass;
  readonly direction: Direction;
  /** What was computed from what: values compare where these agree. */
  readonly protocol: string;
  /** First 16 hex digits of the judge's weights, where a classifier is part of the number. */
  readonly classifier?: string;
  /** What a two-sided metric should be: its value for real images. */
  readonly target?: number;
  readonly unitKind: UnitKind;
  /** Unique among the values of the reading in one run: `seed 0`, `process 3`. */
  readonly unit: string;
  readonly value: number;
}

/** A metric that a cell asked for and that has no value. */
export interface Missing {
  readonly key: string;
  readonly unit: string;
  readonly why: string;
}

/** What readers need besides the record. */
export interface ReadingContext {
  /** First 16 hex digits of the weights of the judge and of the second judge, where the run has them. */
  readonly classifier: string | undefined;
  readonly secondClassifier: string | undefined;
  /** Value of a metric for real images, where the anchors hold it. */
  readonly realValue: (metric: string) => number | undefined;
}

export interface CellReadings {
  readonly readings: readonly Reading[];
  readonly missing: readonly Missing[];
}
