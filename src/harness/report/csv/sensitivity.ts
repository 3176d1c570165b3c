import { records } from "../analysis/index.ts";
import * as c from "./columns.ts";
import { metricColumns, metricRows } from "./metrics.ts";
import { table } from "./table.ts";

export const sensitivity = table({
  describe:
    "Quality after short trainings at other learning rates; one row a model, seed, factor and metric, and one a training that diverged.",
  columns: {
    model: c.model,
    seed: c.seed,
    factor: { meaning: "every learning rate of the model times this" },
    outcome: c.outcome,
    diverged_step: { meaning: "training step at which it left the finite numbers" },
    images_seen: c.imagesSeen,
    n: c.n,
    ...metricColumns,
  },
  rows(_run, cells) {
    return records(cells, "sensitivity").flatMap(
      ({ model, seed, factor, outcome, divergence, imagesSeen, quality }) => {
        const training = {
          model,
          seed,
          factor,
          outcome,
          diverged_step: divergence?.step,
          images_seen: imagesSeen,
          n: quality?.n,
        };
        const why = divergence ? `diverged: ${divergence.reason}` : "not scored";
        const scored = quality ?? { metrics: [], undefinedMetrics: [{ metric: "fid", why }] };
        return metricRows(scored).map((row) => ({ ...training, ...row }));
      },
    );
  },
});
