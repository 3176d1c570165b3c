/** Columns that tables of several stages share: one word for one thing. */
import type { DivergenceEntry, Quality } from "../../record/index.ts";
import { type Column, type CsvValue, event, type NamedRow } from "../../tables/index.ts";

type Of<Key extends string, Value> = { readonly [key in Key]: Value };

/** A column that shows the row's value of the same name. */
const field = <Key extends string, Value extends CsvValue>(
  key: Key,
  meaning: string,
  more?: Pick<Column<Of<Key, Value>>, "unit" | "title">,
): Column<Of<Key, Value>> => ({ meaning, of: (row) => row[key], ...more });

export const model = field<"model", string>("model", "id of the model in the suite file");
export const seed = field<"seed", number | undefined>("seed", "seed of the training run");
export const sampler = field<"sampler", string | undefined>(
  "sampler",
  "sampler; none for a one-pass generator",
);
export const steps = field<"steps", number | undefined>("steps", "sampling steps");
export const n = field<"n", number | undefined>("n", "images scored", { unit: "images" });
export const imagesSeen = field<"imagesSeen", number | undefined>("imagesSeen", "training images seen", {
  unit: "images",
  title: "images seen",
});
export const quantity = field<"quantity", string>(
  "quantity",
  "recorded quantity, e.g. loss or gradient_norm",
);
export const networkEvaluations = field<"networkEvaluations", number>(
  "networkEvaluations",
  "passes through the network per image",
  { title: "network evaluations" },
);
export const outcome = field<"outcome", string>("outcome", "trained, or diverged: a result too");

/** The same, and whether it diverged as a reading of a comparison. */
export const comparedOutcome: Column<Of<"outcome", string>> = {
  ...outcome,
  reads: {
    as: "diverged",
    class: "quality",
    change: event,
    value: (row) => Number(row.outcome === "diverged"),
  },
};

/** A row of a scored set: one metric of it, defined or not. */
export interface MetricRow extends NamedRow {
  readonly value?: number;
  readonly low?: number;
  readonly high?: number;
  readonly confidence?: number;
  readonly method?: string;
  /** Stands for a training that diverged. */
  readonly lost?: boolean;
}

/** One row a metric. A training that diverged has one row without a value. */
export const metricRows = (
  quality: Pick<Quality, "metrics" | "undefinedMetrics"> | undefined,
  divergence?: DivergenceEntry,
): readonly MetricRow[] => {
  if (quality) return [...quality.metrics, ...quality.undefinedMetrics];
  return [{ metric: "fid", why: divergence ? `diverged: ${divergence.reason}` : "not scored", lost: true }];
};

const metricColumn = (name: Exclude<keyof MetricRow, "lost">, meaning: string): Column<MetricRow> => ({
  meaning,
  of: (row) => row[name],
});

/** The columns of a metric's row. The value is compared: its name, direction and protocol are the metric's own. */
export const metricColumns = {
  metric: metricColumn("metric", "metric with its options, e.g. precision_k5"),
  value: {
    ...metricColumn("value", "estimate; empty where the metric is undefined, see why"),
    reads: { judge: 1, when: (row: MetricRow) => row.lost !== true },
  },
  low: metricColumn("low", "lower end of the metric's interval; empty where it has none"),
  high: metricColumn("high", "upper end of the metric's interval; empty where it has none"),
  confidence: metricColumn("confidence", "confidence of the interval"),
  method: metricColumn("method", "how the interval was made"),
  direction: metricColumn("direction", "which way is better: lower, higher or two-sided"),
  why: metricColumn("why", "why the metric is undefined; empty where it is defined"),
} satisfies Record<string, Column<MetricRow>>;

/** What identifies a scored set, an anchor's too: the first columns of every table about them. */
export const scoredSet = {
  model: { ...model, meaning: "id of the model in the suite file; real and noise are the anchors" },
  seed: { ...seed, meaning: "seed of the training run; empty for the anchors" },
  sampler,
  steps,
  n,
};
