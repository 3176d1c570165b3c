import { assert, undefinedMetric } from "../core/errors.ts";
import { type ByteImages, imageSize } from "../core/images.ts";
import { mean, standardDeviation } from "../core/statistics/index.ts";
import { defineMetric } from "./define.ts";
import { around, NORMAL } from "./intervals.ts";
import { contentOrder } from "./order.ts";
import { type Picture, SCALE_WEIGHTS, msSsim as similarityOf, type Window } from "./ssim.ts";

const MOST_PAIRS = 1000;
const SMALL: Window = { size: 7, sigma: 1.5 };
const USUAL: Window = { size: 11, sigma: 1.5 };

/**
 * Window and weights for images whose shorter edge is this: the published 11 pixels and five scales from 176
 * on, where the window fits the coarsest scale; below that 7 pixels and as many scales as it fits into (28:
 * three, 64: four), the weights of the finest ones scaled to sum 1. Undefined below 7 pixels.
 */
export function scalesFor(edge: number): { window: Window; weights: number[] } {
  const window = edge >= USUAL.size * 2 ** (SCALE_WEIGHTS.length - 1) ? USUAL : SMALL;
  if (edge < window.size)
    throw undefinedMetric(`ms_ssim needs images of at least ${window.size} pixels, not ${edge}`);
  const scales = Math.min(SCALE_WEIGHTS.length, 1 + Math.floor(Math.log2(edge / window.size)));
  const kept = SCALE_WEIGHTS.slice(0, scales);
  const total = kept.reduce((sum, weight) => sum + weight, 0);
  return { window, weights: kept.map((weight) => weight / total) };
}

/**
 * Mean MS-SSIM of pairs of generated images: how alike they are. Odena, Olah & Shlens 2017 (arXiv:1610.09585),
 * section 4.2. In [0, 1]; 1 for one image repeated. Near 0 it is noise as well as diversity, so both
 * departures from the real set's value, among the details, are worse. No image is in two pairs, up to 1,000
 * of them, so that the pairs are independent. About 0.2 ms a pair of 28 x 28 pixels.
 */
export const msSsim = defineMetric("images", {
  name: "ms_ssim",
  title: "MS-SSIM between images",
  meaning: "mean similarity of two generated images, 1 for copies",
  paper: "Odena et al. 2017, arXiv:1610.09585",
  protocol: () =>
    `up to ${MOST_PAIRS} disjoint pairs, window and scales by size: 7 pixels below 176, else 11`,
  direction: "two-sided",
  change: { scale: "difference", floor: 0.02, detect: 0.05 },
  minimumCount: () => 4,
  tieRule: "none: no comparisons",
  compute(generated, real, { seed = 0 }) {
    const { window, weights } = scalesFor(Math.min(generated.height, generated.width));
    const values = pairSimilarities(generated, window, weights, seed);
    const value = mean(values);
    const half = (NORMAL * standardDeviation(values)!) / Math.sqrt(values.length);
    return {
      value,
      interval: around(value, half, "normal, independent pairs", { least: 0, most: 1 }),
      details: {
        pairs: values.length,
        window: window.size,
        sigma: window.sigma,
        scales: weights.length,
        ofReal: mean(pairSimilarities(real, window, weights, seed)),
      },
    };
  },
});

function pairSimilarities(
  images: ByteImages,
  window: Window,
  weights: readonly number[],
  seed: number,
): number[] {
  assert(images.count >= 2, `a pair of ${images.count} images`);
  const order = contentOrder(images, seed);
  const size = imageSize(images);
  const picture = (at: number): Picture => {
    const from = order[at]! * size;
    return { ...images, data: images.data.subarray(from, from + size) };
  };
  const pairs = Math.min(MOST_PAIRS, Math.floor(images.count / 2));
  return Array.from({ length: pairs }, (_, p) =>
    similarityOf(picture(2 * p), picture(2 * p + 1), window, weights),
  );
}
