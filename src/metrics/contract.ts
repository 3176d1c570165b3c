/**
 * A metric is pure: features in, estimate out. Argument order is always (generated, real). It says which direction is
 * better, how few samples it takes, and its tie rule; a metric that cannot be computed throws `METRIC_UNDEFINED` with
 * the reason, it never returns a sentinel.
 */

/** Feature vectors, row-major [count, width], float64 on the host. */
export interface Features {
  readonly data: Float64Array;
  readonly count: number;
  readonly width: number;
}

/** What a metric may use of one set of images. */
export interface Sample {
  readonly features: Features;
  /** Class or mode assigned to each image by the classifier, where the metric needs one. */
  readonly assignments?: ArrayLike<number>;
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
  /** Number of classes or modes, for mode count and reverse KL. */
  readonly modes?: number;
  /** Seed of subsets, where the metric draws some. */
  readonly seed?: number;
}

export interface Metric {
  /** Name in tables, CSV and JSON, e.g. `fid`, `precision_k5`. */
  readonly name: (options: MetricOptions) => string;
  readonly title: string;
  readonly paper: string;
  /** `lower` is better, `higher` is better, or `two-sided`: both departures from the real value are worse. */
  readonly direction: "lower" | "higher" | "two-sided";
  /** Fewest images per set with which the value is defined at all. */
  readonly minimumCount: (width: number, options: MetricOptions) => number;
  readonly tieRule: string;
  readonly needs: "features" | "assignments";
  estimate(generated: Sample, real: Sample, options: MetricOptions): Estimate;
}
