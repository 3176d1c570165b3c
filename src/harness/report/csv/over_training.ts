import { records } from "../analysis/index.ts";
import * as c from "./columns.ts";
import { metricColumns, metricRows } from "./metrics.ts";
import { table } from "./table.ts";

export const overTraining = table({
  describe:
    "Quality over training; one row a model, seed, snapshot and metric. Snapshots are scored against images that only choose; the best and the final one follow, on fresh samples.",
  columns: {
    model: c.model,
    seed: c.seed,
    sampler: c.sampler,
    steps: c.steps,
    snapshot: { meaning: "chosen_on, or best or final: fresh samples against the reference" },
    step: { meaning: "training step" },
    images_seen: { unit: "images", meaning: "training images seen; empty for best and final" },
    n: c.n,
    ...metricColumns,
  },
  rows(_run, cells) {
    return records(cells, "stability").flatMap(({ model, seed, quality }) => {
      if (!quality) return [];
      const { sampler, steps, snapshots, best, final } = quality;
      const points = [
        ...snapshots.map((one) => ({ ...one, snapshot: "chosen_on" })),
        { ...best, snapshot: "best", imagesSeen: undefined },
        { ...final, snapshot: "final", imagesSeen: undefined },
      ];
      return points.flatMap(({ snapshot, step, imagesSeen, quality: scored }) =>
        metricRows(scored).map((row) => ({
          model,
          seed,
          sampler,
          steps,
          snapshot,
          step,
          images_seen: imagesSeen,
          n: scored.n,
          ...row,
        })),
      );
    });
  },
});
