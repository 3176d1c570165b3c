import { ballMetric } from "./define.ts";

/**
 * Expected share of k places that `good` images of the real distribution take in the ball of a real image among `real`
 * ones: E[min(J, k)] / k, where J of them fall into a ball whose probability is Beta(k, real - k), that of a ball up to
 * the k-th nearest other image. 0 below k images, as in the authors' program. Needs `real` above k.
 */
export function expectedFill(good: number, real: number, k: number): number {
  if (good < k) return 0;
  let probability = 1; // that J = j, from j = 0
  for (let i = 1; i <= k; i++) probability *= (real - i) / (real + good - i);
  let empty = 0;
  for (let j = 0; j < k; j++) {
    empty += (1 - j / k) * probability;
    probability *= ((good - j) * (k + j)) / ((j + 1) * (real - k + good - j - 1));
  }
  return 1 - empty;
}

/** The fewest good images of `generated` that fill the balls as much, as a share of generated + 1: 1 where all would not. */
export function goodShare(fill: number, generated: number, real: number, k: number): number {
  let [from, to] = [0, generated + 1];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (expectedFill(middle, real, k) >= fill) to = middle;
    else from = middle + 1;
  }
  return from / (generated + 1);
}

/**
 * Diversity: the share of k generated images that a real image's k-nearest-neighbour ball holds, at most 1, on average,
 * turned into the share of good images that would fill the balls as much. Salvy et al. 2025 (arXiv:2507.01761). In [0, 1]; 1 on equal sets without duplicates, near 1 expected for equal distributions; a share x of bad images, or of the
 * distribution left out, costs about x, where coverage has long been at its most. No interval: real images share each
 * other's balls and are not independent trials.
 */
export const clippedCoverage = ballMetric({
  name: "clipped_coverage",
  title: "Clipped coverage",
  meaning: "share of the real images' surroundings that is filled as good images would fill them",
  paper: "Salvy et al. 2025, arXiv:2507.01761",
  direction: "higher",
  weight: "mode loss",
  domain: [0, 1],
  change: { scale: "difference", floor: 0.02, detect: 0.05 },
  scores: ["setting"],
  tieRule:
    "a point on the edge of a ball is outside (<, as the authors' program); " +
    "the ball of a real image with k exact copies among the real ones is empty",
  compute({ filled }, { k, generated, real }) {
    const fill = filled / (k * real);
    return { value: goodShare(fill, generated, real, k), details: { fill } };
  },
});
