/** All metrics, by the name that options and flags use. To add one: its file, and its line here. */
import { BenchError, usageError } from "../core/errors.ts";
import { authpct } from "./authpct.ts";
import { c2st } from "./c2st.ts";
import { classDiversity } from "./class-diversity.ts";
import { classFid } from "./class-fid.ts";
import { clippedCoverage } from "./clipped-coverage.ts";
import { clippedDensity } from "./clipped-density.ts";
import type { Metric, MetricFacts, MetricOptions, Sample, ScoredSet } from "./contract.ts";
import { coverage } from "./coverage.ts";
import { recordedName } from "./define.ts";
import { density } from "./density.ts";
import { fid } from "./fid.ts";
import { fidInfinity } from "./fid-infinity.ts";
import { fld } from "./fld.ts";
import { fldGap } from "./fld-gap.ts";
import { inceptionScore } from "./inception-score.ts";
import { kid } from "./kid.ts";
import { kidBlocks } from "./kid-blocks.ts";
import { memorisation } from "./memorisation.ts";
import { modeCount } from "./mode-count.ts";
import { msSsim } from "./ms-ssim.ts";
import { precision } from "./precision.ts";
import { rbfMmd } from "./rbf-mmd.ts";
import { recall } from "./recall.ts";
import { reverseKl } from "./reverse-kl.ts";
import { supportSize } from "./support-size.ts";
import { vendi, vendi2, vendiInfinity } from "./vendi.ts";

export const metrics = {
  fid,
  fidInfinity,
  kid,
  kidBlocks,
  rbfMmd,
  c2st,
  inceptionScore,
  precision,
  recall,
  density,
  coverage,
  clippedDensity,
  clippedCoverage,
  vendi,
  vendi2,
  vendiInfinity,
  modeCount,
  reverseKl,
  classFid,
  classDiversity,
  msSsim,
  fld,
  fldGap,
  authpct,
  memorisation,
  supportSize,
} satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

export const metricNames = Object.keys(metrics) as readonly MetricName[];

const all: Readonly<Record<MetricName, Metric>> = metrics;

/** The metrics that a scored set of a run gets, in the registry's order. */
export function metricsFor(set: ScoredSet): MetricName[] {
  return metricNames.filter((name) => all[name].scores?.includes(set));
}

/** Whether any of these needs nearest neighbours, which an engine can prepare. */
export const needNeighbours = (names: readonly MetricName[]): boolean =>
  names.some((name) => all[name].neighbours);

/** Whether any of these needs the training images. */
export const needTraining = (names: readonly MetricName[]): boolean =>
  names.some((name) => all[name].needs === "training");

/** The facts of every metric, for whoever shows or compares recorded values. */
export function metricFacts(): MetricFacts[] {
  return Object.values(all).map(({ name, title, meaning, direction, weight, domain, change }) => ({
    name,
    title,
    meaning,
    direction,
    weight,
    domain,
    change,
  }));
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
) {
  const values = [];
  /** Metrics without a value for these sets, with the reason. */
  const undefinedMetrics: { readonly name: string; readonly why: string }[] = [];
  const settings: readonly MetricOptions[] = options.ks?.map((k) => ({ ...options, k })) ?? [options];
  if (settings.length === 0) throw usageError("ks holds at least one k");
  for (const key of options.metrics ?? metricNames) {
    const metric = all[key];
    // One entry per name: a metric that does not depend on k has one name for all of them.
    for (const [name, setting] of new Map(settings.map((s) => [recordedName(metric, s), s]))) {
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
