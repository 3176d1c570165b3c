/** All metrics, by the name that options and flags use. To add one: its file, and its line here. */
import { BenchError } from "../core/errors.ts";
import { authpct } from "./authpct.ts";
import { classDiversity } from "./class-diversity.ts";
import { classFid } from "./class-fid.ts";
import type { Estimate, Metric, MetricOptions, Sample } from "./contract.ts";
import { coverage } from "./coverage.ts";
import { density } from "./density.ts";
import { fid } from "./fid.ts";
import { fidInfinity } from "./fid-infinity.ts";
import { inceptionScore } from "./inception-score.ts";
import { kid } from "./kid.ts";
import { kidBlocks } from "./kid-blocks.ts";
import { memorisation } from "./memorisation.ts";
import { modeCount } from "./mode-count.ts";
import { msSsimDiversity } from "./ms-ssim.ts";
import { precision } from "./precision.ts";
import { recall } from "./recall.ts";
import { reverseKl } from "./reverse-kl.ts";
import { supportSize } from "./support-size.ts";
import { vendi, vendi2, vendiInfinity } from "./vendi.ts";

export { pixelFeatures } from "./features/index.ts";

export const metrics = {
  fid,
  fidInfinity,
  kid,
  kidBlocks,
  inceptionScore,
  precision,
  recall,
  density,
  coverage,
  vendi,
  vendi2,
  vendiInfinity,
  modeCount,
  reverseKl,
  classFid,
  classDiversity,
  msSsim: msSsimDiversity,
  authpct,
  memorisation,
  supportSize,
} satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

export const metricNames = Object.keys(metrics) as readonly MetricName[];

export interface Evaluation {
  readonly values: readonly {
    readonly name: string;
    readonly title: string;
    readonly direction: Metric["direction"];
    readonly protocol: string;
    readonly tieRule: string;
    readonly estimate: Estimate;
  }[];
  /** Metrics without a value for these sets, with the reason. */
  readonly undefinedMetrics: readonly { readonly name: string; readonly why: string }[];
}

/**
 * The metrics named in `options.metrics` (all, if absent) of one generated set against one real one, in that
 * order; with `options.ks` those of neighbours once for each k, from one pass over the distances. Give the same
 * `real` object again and its nearest-neighbour work is not repeated. A metric that is undefined here becomes
 * an entry with its reason; anything else (features that are not finite or differ in width: BAD_DATA) throws.
 */
export function evaluateMetrics(
  generated: Sample,
  real: Sample,
  options: MetricOptions & { readonly metrics?: readonly MetricName[] } = {},
): Evaluation {
  const values: Evaluation["values"][number][] = [];
  const undefinedMetrics: Evaluation["undefinedMetrics"][number][] = [];
  const settings: readonly MetricOptions[] = options.ks?.map((k) => ({ ...options, k })) ?? [options];
  if (settings.length === 0) throw new BenchError("USAGE", "ks holds at least one k");
  for (const key of options.metrics ?? metricNames) {
    const metric: Metric = metrics[key];
    // One entry a name: only the metrics of neighbours have k in theirs.
    for (const [name, setting] of new Map(settings.map((s) => [metric.name(s), s]))) {
      const { title, direction, tieRule } = metric;
      try {
        const estimate = metric.estimate(generated, real, setting);
        values.push({ name, title, direction, protocol: metric.protocol(setting), tieRule, estimate });
      } catch (error) {
        if (!(error instanceof BenchError && error.code === "METRIC_UNDEFINED")) throw error;
        undefinedMetrics.push({ name, why: error.message });
      }
    }
  }
  return { values, undefinedMetrics };
}
