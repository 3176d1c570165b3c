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

/** What a metric weighs in a verdict: which model is better as a whole, whether one loses modes, whether it copies. */
export type Weight = "overall" | "mode loss" | "copying";

/** Neighbours of the metrics of nearest neighbours, where nothing else is asked for. */
export const DEFAULT_K = 5;

export interface MetricOptions {
  /** Neighbours of precision, recall, density and coverage, clipped or not; default `DEFAULT_K`. */
  readonly k?: number;
  /** All k's that will be asked for, in place of `k`; one pass over the distances serves them. */
  readonly ks?: readonly number[];
  /** Number of classes or modes, for the metrics that need assignments. */
  readonly modes?: number;
  /** Images that the generator was trained on, for the metrics that need them. */
  readonly training?: Sample;
  /** Seed of subsets and pairs, where the metric draws some; default 0. */
  readonly seed?: number;
  /** Consecutive chunks that the inception score is averaged over; default 1. */
  readonly splits?: number;
}

/** Scored sets of images of a run: every compared setting, snapshots of training, and samples beside their training images. */
export type ScoredSet = "setting" | "snapshot" | "copying";

/** What is said of a metric wherever its values are shown or compared. */
export interface MetricFacts {
  /** As recorded, without the neighbours in `precision_k5`. */
  readonly name: string;
  /** As tables and charts head it: `FID`. */
  readonly title: string;
  /** What the value is, in a phrase without a full stop. */
  readonly meaning: string;
  /** `lower` is better, `higher` is better, or `two-sided`: both departures from the real value are worse. */
  readonly direction: "lower" | "higher" | "two-sided";
  /** What it decides; absent: it describes, and no verdict rests on it (decision 0022). */
  readonly weight?: Weight;
  /** Bounds of its axis, where every value lies between them and the whole of it is drawn. */
  readonly domain?: [low: number, high: number];
  /** How much a change must be to matter; absent: a ratio, with the command's limits. */
  readonly change?: {
    /** `ratio`: shares of the value; `difference`: the metric's own unit; `relative`: differences as shares of the baseline. */
    readonly scale: "ratio" | "difference" | "relative";
    /** Changes up to this do not matter, however sure. */
    readonly floor: number;
    /** A change of this size must be found with the power asked for, else nothing is called unchanged. */
    readonly detect: number;
  };
}

export interface Metric extends MetricFacts {
  readonly paper: string;
  /** Whether its value depends on k, which is then part of the recorded name. */
  readonly perK?: boolean;
  /** Whether it is computed from nearest neighbours, which an engine can prepare. */
  readonly neighbours?: boolean;
  /** The scored sets of a run that it is part of; absent: none, only whoever names it gets it. */
  readonly scores?: readonly ScoredSet[];
  /** What was computed from what, in a few words: two values compare where these agree. */
  readonly protocol: (options: MetricOptions) => string;
  /** Fewest images per set with which the value is defined at all. */
  readonly minimumCount: (width: number, options: MetricOptions) => number;
  readonly tieRule: string;
  /** What both samples must hold; `assignments` metrics may use the features too. `training`: features, of the training images too. */
  readonly needs: "features" | "assignments" | "probabilities" | "images" | "training";
  estimate(generated: Sample, real: Sample, options: MetricOptions): Estimate;
}
