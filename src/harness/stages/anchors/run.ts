/** The scale of every metric at this n: other real images against the reference (floor) and pure noise (ceiling). */

import { noiseLike } from "../../../core/images.ts";
import { defineStage } from "../shared/define.ts";
import { dataSettings } from "../shared/models.ts";
import { cellIds } from "../shared/plan.ts";
import { publishGrid } from "../shared/quality.ts";
import { openScoring } from "../shared/scoring.ts";
import { checkTestImages, floorImages } from "../shared/sets.ts";

export const anchorsStage = defineStage({
  kind: "anchors",
  common: true,
  title: "scores real images and noise as if they were generated: the floor and the ceiling of every metric",

  options: ({ stages }) => stages.diversity,

  plan: ({ n, k, grid }, config) => [
    {
      id: cellIds.anchors,
      needs: [cellIds.classifier],
      settings: { classifier: config.classifier, data: dataSettings(config), n, k, grid },
    },
  ],

  check: ({ n }, dataset) => checkTestImages("diversity", n, dataset),

  async run(context, { n, grid }) {
    const { config, out, progress } = context;
    const scoring = await openScoring(context, n);
    const made = { sampler: "none", steps: 0, networkEvaluations: 0 };
    const floor = floorImages(await context.dataset(), n);
    const picture = await publishGrid(out, "samples/real.png", floor, grid, "real test images");
    const real = scoring.quality(await scoring.judge(floor), made, { picture });
    progress({ done: 1, total: 2 });
    const noise = scoring.quality(await scoring.judge(noiseLike(floor, config.seed)), made);
    scoring.dispose();
    return { kind: "anchors", n, real, noise };
  },
});
