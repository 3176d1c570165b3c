/** Quality of the samples asked for by label, and the labels of each, as tables. */
import { table, type View } from "../../tables/index.ts";
import * as c from "../readout/columns.ts";
import { guidance, pointRows } from "./tables.ts";

export const controlQuality = table({
  name: "control_quality",
  describe: "Quality of the samples asked for by label; one row a model, seed, guidance weight and metric.",
  rows: (view: View) =>
    pointRows(view).flatMap(({ cell, place, model, seed, guidance, quality }) =>
      c.metricRows(quality).map((row) => ({ cell, place, model, seed, guidance, n: quality.n, ...row })),
    ),
  columns: () => ({ model: c.model, seed: c.seed, guidance, n: c.n, ...c.metricColumns }),
});

export const controlLabels = table({
  name: "control_labels",
  describe: "Labels asked for and met; one row a model, seed, guidance weight and label.",
  rows: (view: View) =>
    pointRows(view).flatMap(({ model, seed, guidance, perLabel }) =>
      perLabel.map((counts, i) => ({
        model,
        seed,
        guidance,
        label: view.run.dataset.classes[i] ?? String(i),
        ...counts,
      })),
    ),
  columns: (column) => ({
    model: c.model,
    seed: c.seed,
    guidance,
    label: column("name of the class in the dataset", (row) => row.label),
    asked: column("samples asked for with it", (row) => row.asked, { unit: "images" }),
    right: column("of them, those that the classifier gives it", (row) => row.right, { unit: "images" }),
  }),
});
