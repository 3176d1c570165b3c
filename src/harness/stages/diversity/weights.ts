/** Averaged weights beside the last step's own, of every model, at its scoring setting. */
import type { DiversityRecord } from "../../record/index.ts";
import { byModel, type Chart, dots } from "../../report/charts/index.ts";
import { inCsv, metricTitle, metricValue, RANKING, table, type View } from "../../tables/index.ts";
import * as c from "../readout/columns.ts";

type ScoredWeights = NonNullable<DiversityRecord["weights"]>[number] & {
  readonly cell: string;
  readonly model: string;
  readonly seed: number;
  /** Whether other weights are sampled, whose quality is compared as that of every setting. */
  readonly beside: boolean;
};

/** One entry a model, seed and kind of weights, those that are sampled first. */
const scoredWeights = (view: View): ScoredWeights[] =>
  view
    .done("diversity")
    .flatMap(({ id: cell, record: { model, seed, weights = [] } }) =>
      weights.map((one, i) => ({ cell, model, seed, beside: i > 0, ...one })),
    );

export const weights = table({
  name: "weights",
  describe:
    "Quality with averaged weights and with the last step's own, at each model's scoring setting; one row a model, seed, kind of weights and metric. A model that keeps no average has raw ones only.",
  rows: (view: View) =>
    scoredWeights(view).flatMap(({ quality, ...one }) => {
      const { sampler, steps, n } = quality;
      const place = one.beside ? ["diversity", one.model, "weights", one.weights] : undefined;
      return c.metricRows(quality).map((row) => ({ ...one, place, sampler, steps, n, ...row }));
    }),
  columns: (column) => ({
    model: c.model,
    seed: c.seed,
    weights: column("averaged over training steps, or raw: the last step's own", (row) => row.weights),
    sampler: c.sampler,
    steps: c.steps,
    n: c.n,
    ...c.metricColumns,
  }),
});

/** FID with averaged and with raw weights, a dot a seed; none where no model keeps an average. */
export function weightsChart(view: View): Chart | undefined {
  const rows = scoredWeights(view);
  const averaging = new Set(rows.filter((row) => row.weights === "averaged").map(({ model }) => model));
  if (averaging.size === 0) return undefined;
  const without = [...new Set(rows.map(({ model }) => model))].filter((model) => !averaging.has(model));
  const title = metricTitle(view, RANKING);
  const fidOf = ({ quality }: ScoredWeights) => metricValue(quality, RANKING);
  const look = byModel(view);
  return dots({
    id: "weights",
    title: "Averaged and raw weights",
    description: `${title} of each model at its scoring setting, with weights averaged over training steps and with the last step's own, both of one training; a dot a seed.`,
    notes: without.map((model) => `${view.title(model)} keeps no average: raw weights alone.`),
    rows,
    columns: {
      model: ({ model }) => view.title(model),
      seed: ({ seed }) => seed,
      weights: (row) => row.weights,
      sampler: ({ quality }) => quality.sampler,
      steps: ({ quality }) => quality.steps,
      [title]: fidOf,
      coverage: ({ quality }) => metricValue(quality, "coverage"),
    },
    source: inCsv(weights, (row) => ({
      model: row.model,
      seed: row.seed,
      weights: row.weights,
      metric: RANKING,
    })),
    axis: { title, scale: "log" },
    value: fidOf,
    line: (row) => ({
      ...look(row),
      label: `${view.title(row.model)}, ${row.weights}`,
      symbol: row.weights === "averaged" ? "circle" : "square",
    }),
  });
}
