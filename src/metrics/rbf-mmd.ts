import { undefinedMetric } from "../core/errors.ts";
import { quantile } from "../core/statistics/index.ts";
import type { Features } from "./contract.ts";
import { defineMetric } from "./define.ts";
import { forEachDistanceRow, forEachDistanceWithin } from "./linalg/pairwise.ts";
import { contentOrder, takeRows } from "./order.ts";
import { remembered } from "./remember.ts";
import { sumsAcross, sumsWithin, unbiasedSquaredMmd } from "./u-statistic.ts";

/** Real images at most, by content order, between all pairs of which the median distance is taken. */
const MEDIAN_OF = 1000;

/**
 * Squared maximum mean discrepancy under the mean of five Gaussian kernels exp(-|x - y|^2 / (2 s^2)), by its unbiased
 * U-statistic over the whole sets. Gretton et al. 2012 (JMLR 13), lemma 6. The bandwidths s are 1/4, 1/2, 1, 2 and 4 times the
 * median distance between real images, where their heuristic is the median alone: one kernel judges every generator, it sees
 * spread and shape as well as means, and rescaled features change nothing. Expected 0 for equal distributions, negative about half the
 * time then; below 2. Its expectation does not depend on n.
 */
export const rbfMmd = defineMetric("features", {
  name: "rbf_mmd",
  title: "RBF MMD²",
  meaning: "squared distance of the feature distributions under Gaussian kernels; may be below 0",
  paper: "Gretton et al. 2012, JMLR 13:723-773",
  protocol: () =>
    `whole sets, unbiased U-statistic, mean of bandwidths 1/4 to 4 times the median real distance (of up to ${MEDIAN_OF} images)`,
  direction: "lower",
  change: { scale: "relative", floor: 0.05, detect: 0.1 },
  scores: ["setting"],
  minimumCount: () => 2,
  tieRule: "none: no comparisons",
  compute(generated, real) {
    const { median, sums: ofReal } = scaleOf(real);
    if (median === 0)
      throw undefinedMetric(
        "rbf_mmd has no bandwidth: more than half of the pairs of real images are exact copies; remove the copies",
      );
    const { value, interval, details } = unbiasedSquaredMmd({
      x: within(generated, median),
      y: ofReal,
      across: sumsAcross(
        [generated.count, real.count],
        (visit) => forEachDistanceRow(generated, real, visit),
        kernelOf(median),
      ),
    });
    return { value, interval, details: { median, ...details } };
  },
});

/**
 * Mean over the bandwidths of the kernel of a squared distance d: with e = exp(-d / (32 median^2)), that of 4 medians, the
 * others are its powers 4, 16, 64 and 256.
 */
function kernelOf(median: number): (squaredDistance: number) => number {
  const unit = -1 / (32 * median * median);
  return (squaredDistance) => {
    const e = Math.exp(unit * squaredDistance);
    const e4 = e * e * e * e;
    const e16 = e4 * e4 * e4 * e4;
    const e64 = e16 * e16 * e16 * e16;
    return (e + e4 + e16 + e64 + e64 * e64 * e64 * e64) / 5;
  };
}

const within = (set: Features, median: number): Float64Array =>
  sumsWithin(set.count, (visit) => forEachDistanceWithin(set, visit), kernelOf(median));

const scales = new WeakMap<Features, ReturnType<typeof makeScale>>();

/** Computed once for a real set while it lives. */
const scaleOf = (real: Features) => remembered(scales, real, () => makeScale(real));

function makeScale(real: Features) {
  const median = medianDistance(real);
  return { median, sums: median === 0 ? new Float64Array() : within(real, median) };
}

/** Median over all pairs of the distance between two images, of up to `MEDIAN_OF` of them. */
function medianDistance(real: Features): number {
  const some = real.count <= MEDIAN_OF ? real : takeRows(real, contentOrder(real, 0).subarray(0, MEDIAN_OF));
  const distances = new Float64Array((some.count * (some.count - 1)) / 2);
  let pairs = 0;
  forEachDistanceWithin(some, (i, squared) => {
    for (let j = i + 1; j < squared.length; j++) distances[pairs++] = Math.sqrt(squared[j]!);
  });
  return quantile(distances, 0.5);
}
