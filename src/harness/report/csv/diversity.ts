import type { Cell, Quality } from "../../record/index.ts";
import { records } from "../analysis/index.ts";
import * as c from "./columns.ts";
import { type CsvValue, table } from "./table.ts";

interface Scored {
  readonly model: string;
  readonly seed: CsvValue;
  readonly quality: Quality;
}

/** Every scored set: the anchors (`real` the floor, `noise` the ceiling; no seed), then the models' settings. */
export function scoredSets(cells: readonly Cell[]): Scored[] {
  const anchors = records(cells, "anchors").flatMap(({ real, noise }) => [
    { model: "real", seed: undefined, quality: real },
    { model: "noise", seed: undefined, quality: noise },
  ]);
  const models = records(cells, "diversity").flatMap(({ model, seed, settings }) =>
    settings.map((quality) => ({ model, seed, quality })),
  );
  return [...anchors, ...models];
}

export const diversity = table({
  describe:
    "Quality of each sampled set; one row a metric. The anchors come first: model `real` is the floor, `noise` the ceiling.",
  columns: {
    ...c.scoredSet,
    metric: { meaning: "metric with its options, e.g. precision_k5" },
    value: { meaning: "estimate; empty where the metric is undefined, see why" },
    low: { meaning: "lower end of the metric's interval; empty where it has none" },
    high: { meaning: "upper end of the metric's interval; empty where it has none" },
    confidence: { meaning: "confidence of the interval" },
    method: { meaning: "how the interval was made" },
    direction: { meaning: "which way is better: lower, higher or two-sided" },
    why: { meaning: "why the metric is undefined; empty where it is defined" },
  },
  rows(_run, cells) {
    return scoredSets(cells).flatMap(({ model, seed, quality }) => {
      const { sampler, steps, n } = quality;
      const set = { model, seed, sampler, steps, n };
      const none = { value: undefined, low: undefined, high: undefined };
      const unknown = { confidence: undefined, method: undefined, direction: undefined };
      return [
        ...quality.metrics.map((one) => ({
          ...set,
          metric: one.metric,
          value: one.value,
          low: one.low,
          high: one.high,
          confidence: one.confidence,
          method: one.method,
          direction: one.direction,
          why: undefined,
        })),
        ...quality.undefinedMetrics.map(({ metric, why }) => ({ ...set, metric, ...none, ...unknown, why })),
      ];
    });
  },
});
