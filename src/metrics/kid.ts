import type { Estimate, Features } from "./contract.ts";
import { defineMetric } from "./define.ts";
import { forEachProductRow, forEachProductWithin } from "./linalg/pairwise.ts";
import { sumsAcross, sumsWithin, unbiasedSquaredMmd } from "./u-statistic.ts";

/**
 * Squared maximum mean discrepancy under the kernel (x.y / width + 1)^3, by its unbiased U-statistic over the
 * whole sets. Binkowski et al. 2018 (arXiv:1801.01401), section 4; Gretton et al. 2012, lemma 6. Expected 0
 * for equal distributions, and negative about half the time then; unlike FID's, its expectation does not
 * depend on n.
 *
 * Standard error: delete-one jackknife over the images of both sets (Arvesen 1969), exact from the kernel's
 * row sums. Subsets, as often averaged instead, overlap, and their spread is no error of the mean. The
 * jackknife errs upwards (Efron & Stein 1981), by up to sqrt(2) where the distributions are equal.
 */
export const kid = defineMetric("features", {
  name: "kid",
  title: "KID",
  meaning: "distance of the feature distributions, kernel estimate; may be below 0",
  paper: "Binkowski et al. 2018, arXiv:1801.01401",
  protocol: () => "whole sets, unbiased U-statistic",
  direction: "lower",
  change: { scale: "relative", floor: 0.05, detect: 0.1 },
  scores: ["setting"],
  minimumCount: () => 2,
  tieRule: "none: no comparisons",
  compute: unbiasedMmd,
});

/** The unbiased squared discrepancy of at least two rows each, with its interval from three each on. */
export function unbiasedMmd(x: Features, y: Features): Estimate {
  const { width } = x;
  const kernel = (product: number) => {
    const base = product / width + 1;
    return base * base * base;
  };
  const within = (set: Features) =>
    sumsWithin(set.count, (visit) => forEachProductWithin(set, visit), kernel);
  const across = sumsAcross([x.count, y.count], (visit) => forEachProductRow(x, y, visit), kernel);
  const { value, interval, details } = unbiasedSquaredMmd({ x: within(x), y: within(y), across });
  return { value, interval, details: { kernel: "(x.y/width + 1)^3", ...details } };
}
