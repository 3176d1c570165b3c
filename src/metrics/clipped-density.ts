import { mean, variance } from "../core/statistics/index.ts";
import { ballMetric } from "./define.ts";
import { around, NORMAL } from "./intervals.ts";
import { selfCrowding } from "./self-crowding.ts";

/** Share of k balls that hold each point, at most 1, [count]. */
const shares = (crowding: Uint32Array, k: number): Float64Array =>
  Float64Array.from(crowding, (balls) => Math.min(1, balls / k));

/**
 * Fidelity: the real balls around a generated image as a share of k and at most 1, on average, over the same of the real
 * images among each other. No ball is larger than the median one, so that no real outlier vouches for a region, and no
 * crowded image makes up for a bad one. Salvy et al. 2025 (arXiv:2507.01761). In [0, 1]; 1 on equal sets and
 * expected for equal distributions; replacing a share x of good images by bad ones costs about x.
 *
 * The interval has the spread over generated images and that over real balls, each as if the others were fixed.
 */
export const clippedDensity = ballMetric({
  name: "clipped_density",
  title: "Clipped density",
  meaning: "share of generated images among real ones, as far as real images are among each other",
  paper: "Salvy et al. 2025, arXiv:2507.01761",
  direction: "higher",
  domain: [0, 1],
  change: { scale: "difference", floor: 0.02, detect: 0.05 },
  scores: ["setting"],
  tieRule:
    "a point on the edge of a ball is inside (<=, as the authors' program); a real image is not in its own ball",
  compute({ clippedCrowding, clippedHolding }, { k, generated }, real) {
    const own = mean(shares(selfCrowding(real, k), k));
    const ofGenerated = shares(clippedCrowding, k);
    const value = Math.min(1, mean(ofGenerated) / own);
    const ofImages = variance(ofGenerated)! / generated;
    const ofBalls = (real.count * variance(clippedHolding)!) / (generated * k) ** 2;
    const half = (NORMAL * Math.sqrt(ofImages + ofBalls)) / own;
    return {
      value,
      interval: around(value, half, "normal, over generated images and real balls", { least: 0, most: 1 }),
      details: { ofReal: own },
    };
  },
});
