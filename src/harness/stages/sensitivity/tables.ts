/** Quality after short trainings at other learning rates. */
import { table, type View } from "../../tables/index.ts";
import * as c from "../readout/columns.ts";

export const sensitivity = table({
  name: "sensitivity",
  describe:
    "Quality after short trainings at other learning rates; one row a model, seed, factor and metric, and one a training that diverged.",
  rows: (view: View) =>
    view.done("sensitivity").flatMap(({ id: cell, record }) => {
      const { quality, divergence, model, factor } = record;
      const place = ["sensitivity", model, `rate-x${factor}`];
      return c
        .metricRows(quality, divergence)
        .map((row) => ({ ...record, cell, place, n: quality?.n, ...row }));
    }),
  columns: (column) => ({
    model: c.model,
    seed: c.seed,
    factor: column("every learning rate of the model times this", (row) => row.factor),
    outcome: c.outcome,
    diverged_step: column("training step at which it left the finite numbers", (row) => row.divergence?.step),
    images_seen: c.imagesSeen,
    n: c.n,
    ...c.metricColumns,
  }),
});
