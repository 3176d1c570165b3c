import type { Estimate, Features } from "./contract.ts";
import { defineMetric } from "./define.ts";
import { around, NORMAL } from "./intervals.ts";
import { forEachProductRow, forEachProductWithin } from "./linalg/pairwise.ts";

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
  const [n, m] = [x.count, y.count];
  const within = [sumsWithin(x), sumsWithin(y)] as const;
  const across = sumsAcross(x, y);
  const sums = { xx: sum(within[0]), yy: sum(within[1]), xy: sum(across.rows) };
  const mmd = (xx: number, yy: number, xy: number, a: number, b: number) =>
    xx / (a * (a - 1)) + yy / (b * (b - 1)) - (2 * xy) / (a * b);
  const value = mmd(sums.xx, sums.yy, sums.xy, n, m);
  const details = { kernel: "(x.y/width + 1)^3", generated: n, real: m };
  if (n < 3 || m < 3) return { value, details };

  // One image less on either side; the sums of a symmetric kernel lose its row and its column.
  const withoutX = within[0].map((own, i) =>
    mmd(sums.xx - 2 * own, sums.yy, sums.xy - across.rows[i]!, n - 1, m),
  );
  const withoutY = within[1].map((own, j) =>
    mmd(sums.xx, sums.yy - 2 * own, sums.xy - across.columns[j]!, n, m - 1),
  );
  const standardError = Math.sqrt(jackknifeVariance(withoutX) + jackknifeVariance(withoutY));
  return {
    value,
    interval: around(value, NORMAL * standardError, "normal, jackknife of the U-statistic over images"),
    details: { ...details, standardError },
  };
}

function kernel(product: number, width: number): number {
  const base = product / width + 1;
  return base * base * base;
}

/** Sum of the kernel of each row with every other row of its set, each pair evaluated once. */
function sumsWithin(x: Features): Float64Array {
  const rows = new Float64Array(x.count);
  forEachProductWithin(x, (i, products) => {
    let total = rows[i]!;
    for (let j = i + 1; j < products.length; j++) {
      const value = kernel(products[j]!, x.width);
      total += value;
      rows[j]! += value;
    }
    rows[i] = total;
  });
  return rows;
}

/** Row and column sums of the kernel between rows of `x` and of `y`. */
function sumsAcross(x: Features, y: Features): { rows: Float64Array; columns: Float64Array } {
  const rows = new Float64Array(x.count);
  const columns = new Float64Array(y.count);
  forEachProductRow(x, y, (i, products) => {
    let total = 0;
    for (let j = 0; j < products.length; j++) {
      const value = kernel(products[j]!, x.width);
      total += value;
      columns[j]! += value;
    }
    rows[i] = total;
  });
  return { rows, columns };
}

/** Variance of an estimate from its values with each observation left out in turn (Tukey 1958), [n]. */
export function jackknifeVariance(leftOut: Float64Array): number {
  const n = leftOut.length;
  const centre = sum(leftOut) / n;
  return ((n - 1) / n) * leftOut.reduce((squares, value) => squares + (value - centre) ** 2, 0);
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
