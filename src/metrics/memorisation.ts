import { undefinedMetric } from "../core/errors.ts";
import { defineMetric, sharedKs } from "./define.ts";
import { ofShare } from "./intervals.ts";
import { NEAR_DUPLICATE_QUANTILE, nearDuplicateDistance, nearestReal } from "./neighbourhoods.ts";

/**
 * Share of generated images that are near-duplicates of a real one: nearer to it than all but 1% of the real
 * images are to their nearest other real one. A nearest-neighbour test in the manner of Meehan et al. 2020
 * (arXiv:2004.05675), which asks whether generated images are nearer to the training images than fresh ones
 * are. In [0, 1]; 1 on equal sets, about 0.01 for fresh images of the same distribution. Give the training
 * images as the real set: copies of images that it does not hold are not seen. Images far from all data score
 * 0 too; read it beside precision. One pass over the distances, shared with precision and its like.
 */
export const memorisation = defineMetric("features", {
  name: "memorisation",
  title: "Memorised share",
  meaning: "share of generated images that are near-duplicates of a real one",
  paper: "Meehan et al. 2020, arXiv:2004.05675",
  protocol: () => `nearer than the ${NEAR_DUPLICATE_QUANTILE} quantile of real nearest-neighbour distances`,
  direction: "lower",
  change: { scale: "difference", floor: 0.02, detect: 0.05 },
  scores: ["copying"],
  neighbours: true,
  minimumCount: () => 1 / NEAR_DUPLICATE_QUANTILE,
  tieRule: "a distance equal to the quantile is not memorised (<)",
  compute(generated, real, options) {
    const threshold = nearDuplicateDistance(real);
    if (threshold === 0)
      throw undefinedMetric(
        `memorisation has no distance to go by: at least ${100 * NEAR_DUPLICATE_QUANTILE}% of the real images are exact copies of each other; remove the copies`,
      );
    const { distance } = nearestReal(generated, real, sharedKs(options));
    const copied = distance.reduce((sum, d) => sum + (d < threshold ? 1 : 0), 0);
    return {
      value: copied / generated.count,
      interval: ofShare(copied, generated.count, "Wilson, real images held fixed"),
      details: { threshold: Math.sqrt(threshold), generated: generated.count, real: real.count, copied },
    };
  },
});
