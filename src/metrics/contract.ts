/**
 * A metric is pure: features in, estimate out. Argument order is always (generated, real). It says which direction is
 * better, how few samples it takes, and its tie rule; a metric that cannot be computed throws `METRIC_UNDEFINED` with
 * the reason, it never returns a sentinel.
 */
import type { ByteImages } from "../core/images.ts";

/** Feature vectors, row-major [count, width], float64 on the host. */
export interface Features {
  readonly data: Float64Array;
  readonly count: number;
  readonly width: number;
}

/** Class probabilities, row-major [count, classes], float64; each row sums to 1. */
export interface Probabilities {
  readonly data: Float64Array;
  readonly count: number;
  readonly classes: number;
}

/** What a metric may use of one set of images. */
export interface Sample {
  readonly features: Features;
  /** Class or mode assigned to each image by the classifier, where the metric needs one. */
  readonly assignments?: ArrayLike<number>;
  /** What the classifier gives each image, where the metric needs it. */
  readonly probabilities?: Probabilities;
  /** The pixels, where the metric needs them. */
  readonly images?: ByteImages;
}

export interface Estimate {
  readonly value: number;
  /** Interval at the stated confidence where the metric has one, with how it was made. */
  readonly interval?: {
    readonly low: number;
    readonly high: number;
    readonly confidence: number;
    readonly method: string;
  };
  /** What else belongs to the number: k, subsets, counts. */
  readonly details?: Readonly<Record<string, number | string>>;
}

export interface MetricOptions {
  /** Neighbours of precision, recall, density and coverage; default 5. */
  readonly k?: number;
  /** All k's that will be asked for, in place of `k`; one pass over the distances serves them. */
  readonly ks?: readonly number[];
  /** Number of classes or modes, for the metrics that need assignments. */
  readonly modes?: number;
  /** Seed of subsets and pairs, where the metric draws some; default 0. */
  readonly seed?: number;
  /** Consecutive chunks that the inception score is averaged over; default 1. */
  readonly splits?: number;
}

export interface Metric {
  /** Name in tables, CSV and JSON, e.g. `fid`, `precision_k5`. */
  readonly name: (options: MetricOptions) => string;
  readonly title: string;
  readonly paper: string;
  /** What was computed from what, in a few words: two values compare where these agree. */
  readonly protocol: (options: MetricOptions) => string;
  /** `lower` is better, `higher` is better, or `two-sided`: both departures from the real value are worse. */
  readonly direction: "lower" | "higher" | "two-sided";
  /** Fewest images per set with which the value is defined at all. */
  readonly minimumCount: (width: number, options: MetricOptions) => number;
  readonly tieRule: string;
  /** What both samples must hold; `assignments` metrics may use the features too. */
  readonly needs: "features" | "assignments" | "probabilities" | "images";
  estimate(generated: Sample, real: Sample, options: MetricOptions): Estimate;
}
