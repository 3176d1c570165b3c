/** What the numbers mean at this n: other real images against the reference (floor) and pure noise (ceiling). */

import type { ByteImages } from "../../../core/images.ts";
import { rng } from "../../../core/rng.ts";
import { openJudge } from "../classifier/run.ts";
import type { Stage } from "../contract.ts";
import { dataSettings } from "../shared/models.ts";
import { cellIds } from "../shared/names.ts";
import {
  checkTestImages,
  floorImages,
  measureQuality,
  protocolOf,
  publishGrid,
  referenceImages,
} from "../shared/quality.ts";
import { noWork } from "../shared/work.ts";

/** Independent uniform bytes. */
function noiseImages(like: ByteImages, seed: number): ByteImages {
  const stream = rng(seed).fold("noise ceiling");
  return { ...like, data: like.data.map(() => stream.integer(256)) };
}

export const anchorsStage: Stage = {
  kind: "anchors",
  common: true,
  title: "scores real images and noise as if they were generated: the floor and the ceiling of every metric",

  plan: (config) => {
    const { diversity } = config.stages;
    return diversity
      ? [
          {
            id: cellIds.anchors,
            kind: "anchors",
            needs: [cellIds.classifier],
            settings: {
              classifier: config.classifier,
              data: dataSettings(config),
              n: diversity.n,
              k: diversity.k,
              grid: diversity.grid,
            },
          },
        ]
      : [];
  },

  check({ stages: { diversity } }, dataset) {
    if (diversity) checkTestImages("diversity", diversity.n, dataset);
  },

  work: () => noWork,

  async run({ config, out, engine, dataset: load, record, progress }) {
    const diversity = config.stages.diversity!;
    const dataset = await load();
    const { n } = diversity;
    const judge = await openJudge(engine, out, dataset, record("classifier", cellIds.classifier));
    const protocol = protocolOf(dataset, diversity);
    const reference = await judge.judge(referenceImages(dataset, n));
    const setting = { sampler: "none", steps: 0, networkEvaluations: 0 };
    const floor = floorImages(dataset, n);
    const real = await measureQuality(judge, floor, reference, setting, protocol, {
      picture: await publishGrid(out, "samples/real.png", floor, diversity.grid, "real test images"),
    });
    progress({ done: 1, total: 2 });
    const noise = await measureQuality(judge, noiseImages(floor, config.seed), reference, setting, protocol);
    judge.dispose();
    return { kind: "anchors", n, real, noise };
  },
};
