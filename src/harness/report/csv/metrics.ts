/** The columns and rows of scored sets: one row a metric, defined or not. */
import type { Quality } from "../../record/index.ts";
import type { Column, CsvValue } from "./table.ts";

export const metricColumns = {
  metric: { meaning: "metric with its options, e.g. precision_k5" },
  value: { meaning: "estimate; empty where the metric is undefined, see why" },
  low: { meaning: "lower end of the metric's interval; empty where it has none" },
  high: { meaning: "upper end of the metric's interval; empty where it has none" },
  confidence: { meaning: "confidence of the interval" },
  method: { meaning: "how the interval was made" },
  direction: { meaning: "which way is better: lower, higher or two-sided" },
  why: { meaning: "why the metric is undefined; empty where it is defined" },
} satisfies Record<string, Column>;

export function metricRows({
  metrics,
  undefinedMetrics,
}: Pick<Quality, "metrics" | "undefinedMetrics">): Record<keyof typeof metricColumns, CsvValue>[] {
  const none = { value: undefined, low: undefined, high: undefined };
  const unknown = { confidence: undefined, method: undefined, direction: undefined };
  return [
    ...metrics.map(({ metric, value, low, high, confidence, method, direction }) => ({
      metric,
      value,
      low,
      high,
      confidence,
      method,
      direction,
      why: undefined,
    })),
    ...undefinedMetrics.map(({ metric, why }) => ({ metric, ...none, ...unknown, why })),
  ];
}
