/** All metrics, by the name that options and flags use. To add one: its file, and its line here. */
import { BenchError } from "../core/errors.ts";
import type { Estimate, Metric, MetricOptions, Sample } from "./contract.ts";
import { coverage } from "./coverage.ts";
import { density } from "./density.ts";
import { fid } from "./fid.ts";
import { kid } from "./kid.ts";
import { modeCount } from "./mode-count.ts";
import { precision } from "./precision.ts";
import { recall } from "./recall.ts";
import { reverseKl } from "./reverse-kl.ts";

export { pixelFeatures } from "./features/index.ts";

export const metrics = {
  fid,
  kid,
  precision,
  recall,
  density,
  coverage,
  modeCount,
  reverseKl,
} satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

export const metricNames = Object.keys(metrics) as readonly MetricName[];

export interface Evaluation {
  readonly values: readonly {
    readonly name: string;
    readonly title: string;
    readonly direction: Metric["direction"];
    readonly tieRule: string;
    readonly estimate: Estimate;
  }[];
  /** Metrics without a value for these sets, with the reason. */
  readonly undefinedMetrics: readonly { readonly name: string; readonly why: string }[];
}

/**
 * The metrics named in `options.metrics` (all, if absent) of one generated set against one real one, in that
 * order. Give the same `real` object again and its nearest-neighbour work is not repeated. A metric that is
 * undefined here becomes an entry with its reason; anything else (features that are not finite or differ in
 * width: BAD_DATA) throws.
 */
export function evaluateMetrics(
  generated: Sample,
  real: Sample,
  options: MetricOptions & { readonly metrics?: readonly MetricName[] } = {},
): Evaluation {
  const values: Evaluation["values"][number][] = [];
  const undefinedMetrics: Evaluation["undefinedMetrics"][number][] = [];
  for (const key of options.metrics ?? metricNames) {
    const metric: Metric = metrics[key];
    const { title, direction, tieRule } = metric;
    const name = metric.name(options);
    try {
      values.push({ name, title, direction, tieRule, estimate: metric.estimate(generated, real, options) });
    } catch (error) {
      if (!(error instanceof BenchError && error.code === "METRIC_UNDEFINED")) throw error;
      undefinedMetrics.push({ name, why: error.message });
    }
  }
  return { values, undefinedMetrics };
}
