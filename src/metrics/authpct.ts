import { defineMetric, sharedKs } from "./define.ts";
import { ofShare } from "./intervals.ts";
import { nearestReal } from "./neighbourhoods.ts";

/**
 * Percentage of generated images that are authentic: farther from their nearest real image than that one is
 * from its own nearest real one. Alaa et al. 2022 (arXiv:2102.08921), section 3; the deterministic form of
 * Stein et al. 2023 (arXiv:2306.04675). In [0, 100]; 0 on equal sets. For equal distributions it is 33 in one
 * dimension and far more in many, where a few central images are the nearest of most: so compare with real
 * against real. Below it images are copied, above it they leave the data. Copies of training images show only
 * where the training images are the real set. One pass over the distances, shared with precision and its like.
 */
export const authpct = defineMetric("features", {
  name: "authpct",
  title: "AuthPct",
  meaning:
    "share of generated images that are farther from their nearest real image than that one is from its own, %",
  paper: "Alaa et al. 2022, arXiv:2102.08921",
  protocol: () => "exact neighbours, whole sets",
  direction: "two-sided",
  weight: "copying",
  change: { scale: "difference", floor: 2, detect: 5 },
  scores: ["copying"],
  neighbours: true,
  minimumCount: () => 2,
  tieRule: "equally far is not authentic (>); of equally near real images the most remote counts",
  compute(generated, real, options) {
    const { distance, reach } = nearestReal(generated, real, sharedKs(options));
    const authentic = distance.reduce((sum, d, i) => sum + (d > reach[i]! ? 1 : 0), 0);
    return {
      value: (100 * authentic) / generated.count,
      interval: ofShare(authentic, generated.count, "Wilson, real images held fixed", 100),
      details: { generated: generated.count, real: real.count, authentic },
    };
  },
});
