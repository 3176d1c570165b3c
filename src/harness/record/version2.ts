/**
 * Records of schema version 2, read as if they were of today's. They named a model's `family`, and left what a metric
 * means and how much of a change matters to the code of the day. These tables say it in its place, for good: a metric that
 * changes its facts does not change what was measured.
 */
import type { Change, MetricFacts } from "./metrics.ts";

const share: Change = { scale: "difference", floor: 0.02, detect: 0.05 };
const relative: Change = { scale: "relative", floor: 0.05, detect: 0.1 };

/** By metric, without its neighbours. Histories of version 1 hold nights of such runs. */
export const changesOfVersion2: Readonly<Record<string, Change>> = {
  precision: share,
  recall: share,
  coverage: share,
  accuracy: share,
  second_accuracy: share,
  memorisation: share,
  ms_ssim: share,
  density: { scale: "difference", floor: 0.05, detect: 0.1 },
  authpct: { scale: "difference", floor: 2, detect: 5 },
  mode_count: { scale: "difference", floor: 0.5, detect: 1 },
  reverse_kl: { scale: "difference", floor: 0.02, detect: 0.05 },
  kid: relative,
  kid_blocks: relative,
  diverged: { scale: "difference", floor: 0, detect: 0.5 },
  collapsed: { scale: "difference", floor: 0, detect: 0.5 },
  bits_per_dimension: { scale: "ratio", floor: 0.01, detect: 0.02 },
};

type Named = Omit<MetricFacts, "name" | "change">;

const metrics: Readonly<Record<string, Named>> = {
  fid: { title: "FID", meaning: "distance of the feature distributions, Gaussian fit", direction: "lower" },
  kid: {
    title: "KID",
    meaning: "distance of the feature distributions, kernel estimate; may be below 0",
    direction: "lower",
  },
  precision: {
    title: "Precision",
    meaning: "share of generated images near real ones",
    direction: "higher",
    domain: [0, 1],
  },
  recall: {
    title: "Recall",
    meaning: "share of real images near generated ones",
    direction: "higher",
    domain: [0, 1],
  },
  density: {
    title: "Density",
    meaning: "generated images a real neighbourhood holds; may exceed 1",
    direction: "higher",
  },
  coverage: {
    title: "Coverage",
    meaning: "share of real neighbourhoods with a generated image",
    direction: "higher",
    domain: [0, 1],
  },
  vendi: {
    title: "Vendi score",
    meaning: "effective number of different images among the generated ones",
    direction: "higher",
  },
  mode_count: {
    title: "Modes found",
    meaning: "modes with at least one generated image",
    direction: "higher",
  },
  reverse_kl: {
    title: "Reverse KL",
    meaning: "divergence of the generated from the real mode shares, nats",
    direction: "lower",
  },
  authpct: {
    title: "AuthPct",
    meaning: "percentage of samples that no training image explains",
    direction: "two-sided",
  },
  memorisation: {
    title: "Near-duplicates",
    meaning: "share of samples that copy a training image",
    direction: "lower",
    domain: [0, 1],
  },
};

const metricsOfVersion2: readonly MetricFacts[] = Object.entries(metrics).map(([name, facts]) => ({
  name,
  ...facts,
  change: changesOfVersion2[name],
}));

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An entry with `side` in place of `family`; anything else as it is, for the schema to refuse. */
function withSide(value: unknown): unknown {
  if (!isObject(value) || !("family" in value)) return value;
  const { family: side, ...rest } = value;
  return { ...rest, side };
}

const each = (value: unknown, change: (entry: unknown) => unknown): unknown =>
  Array.isArray(value) ? value.map(change) : value;

/** `run.json` of version 2 as one of `version`. */
export function upgradedRun(value: unknown, version: number): unknown {
  if (!isObject(value)) return value;
  const models = each(value.models, (entry) => {
    const model = withSide(entry);
    return isObject(model) ? { ...model, onePass: model.side === "gan", trained: true } : model;
  });
  return { ...value, schemaVersion: version, models, metrics: metricsOfVersion2 };
}

/** A line of `cells.jsonl` beside a run of version 2. */
export function upgradedCell(value: unknown): unknown {
  if (!isObject(value) || !isObject(value.record) || value.record.kind !== "cost") return value;
  return { ...value, record: { ...value.record, points: each(value.record.points, withSide) } };
}
