/** The scale of every metric at this n: other real images against the reference (floor) and pure noise (ceiling). */

import { noiseLike } from "../../../core/images.ts";
import { defineStage } from "../shared/define.ts";
import { judging } from "../shared/judges.ts";
import { dataSettings } from "../shared/models.ts";
import { cellIds } from "../shared/plan.ts";
import { NOT_SAMPLED, publishGrid } from "../shared/quality.ts";
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
      needs: judging(config).needs,
      settings: {
        judge: judging(config).judge,
        classifier: config.classifier,
        data: dataSettings(config),
        n,
        k,
        grid,
      },
    },
  ],

  check: ({ n }, dataset) => checkTestImages("diversity", n, dataset),

  async run(context, { n, grid }) {
    const { config, out, progress } = context;
    const scoring = await openScoring(context, n);
    const floor = floorImages(await context.dataset(), n);
    const picture = await publishGrid(out, "samples/real.png", floor, grid, "real test images");
    const real = await scoring.compared(floor, NOT_SAMPLED, picture);
    progress({ done: 1, total: 2 });
    const noise = await scoring.compared(noiseLike(floor, config.seed), NOT_SAMPLED);
    scoring.dispose();
    return { kind: "anchors", n, real, noise };
  },
});
