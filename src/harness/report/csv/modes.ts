import * as c from "./columns.ts";
import { scoredSets } from "./diversity.ts";
import { table } from "./table.ts";

export const modes = table({
  describe: "Images that the classifier assigns to each mode; one row a sampled set and mode, anchors first.",
  columns: {
    ...c.scoredSet,
    mode: { meaning: "name of the mode in the dataset" },
    count: { unit: "images", meaning: "images assigned to it" },
  },
  rows(run, cells) {
    return scoredSets(cells).flatMap(({ model, seed, quality: { sampler, steps, n, modeCounts } }) =>
      modeCounts.map((count, i) => ({
        model,
        seed,
        sampler,
        steps,
        n,
        mode: run.dataset.modes[i] ?? String(i),
        count,
      })),
    );
  },
});
