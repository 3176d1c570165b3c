/** What an evaluation says, as `--json` prints it and metrics.json keeps it. */

export interface Counts {
  readonly real: number;
  readonly generated: number;
}

export interface Measured {
  readonly title: string;
  /** What is better. */
  readonly direction: "lower" | "higher" | "two-sided";
  /** What was computed from what, in a few words: two values compare where these agree. */
  readonly protocol: string;
  readonly value: number;
  readonly interval?: readonly [number, number];
  readonly confidence?: number;
  /** How the interval was made. */
  readonly method?: string;
  /** The same for two disjoint sets of real images. */
  readonly floor?: number;
  /** The same for noise in place of the generated images. */
  readonly ceiling?: number;
}

export interface Undefined {
  readonly metric: string;
  readonly why: string;
}

export interface EvaluationResult {
  readonly harness: string;
  readonly inputs: Readonly<Record<"real" | "generated", { readonly name: string; readonly read: string }>>;
  readonly n: Counts;
  readonly seed: number;
  /** The extractor and what belongs to its numbers. */
  readonly features: Readonly<Record<string, string | number>> & { readonly name: string };
  /** By name, e.g. `fid`, `precision_k5`. */
  readonly metrics: Readonly<Record<string, Measured>>;
  readonly undefined: readonly Undefined[];
  /** Images that the floor and the ceiling were measured with. */
  readonly floor?: { readonly n: Counts };
  readonly ceiling?: { readonly n: Counts };
  /** What a reader of the numbers must know. */
  readonly notes: readonly string[];
}
