/** What a run says of the metrics it used, so that report and comparison need no metric's code. */
import * as z from "zod";
import { finite } from "./parts.ts";

/** How much a number must change to matter. */
export const changeSchema = z.strictObject({
  /**
   * `ratio`: changes are shares of the value; `difference`: they are in the number's own unit; `relative`: differences
   * whose limits are shares of the baseline's size, for numbers that may be near or below 0.
   */
  scale: z.enum(["ratio", "difference", "relative"]),
  /** Changes up to this do not matter, however sure. */
  floor: finite,
  /** A change of this size must be found with the power asked for, else nothing is called unchanged. */
  detect: finite,
});

export const metricFactsSchema = z.strictObject({
  /** As recorded, without the neighbours in `precision_k5`. */
  name: z.string(),
  title: z.string(),
  /** A sentence without its full stop. */
  meaning: z.string(),
  direction: z.enum(["lower", "higher", "two-sided"]),
  /** What it decides: which model is better as a whole, whether one loses modes, whether it copies; absent: nothing. */
  weight: z.enum(["overall", "mode loss", "copying"]).optional(),
  /** Bounds of the values, where the metric has them. */
  domain: z.tuple([finite, finite]).optional(),
  /** Absent: a ratio, with the limits that the comparison is given. */
  change: changeSchema.optional(),
});

export type Change = z.infer<typeof changeSchema>;
export type MetricFacts = z.infer<typeof metricFactsSchema>;

/** `precision_k5` and `precision_k3` are one metric with two options: `precision`. */
export const baseName = (metric: string): string => metric.replace(/_k\d+$/, "");
