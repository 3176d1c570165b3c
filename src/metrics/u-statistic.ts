/** The squared maximum mean discrepancy of two sets from the row sums of a kernel, whatever the kernel. */
import type { Estimate } from "./contract.ts";
import { around, NORMAL } from "./intervals.ts";

/** Sums of a symmetric kernel over pairs of images. */
export interface KernelSums {
  /** Of each image of the first set with every other of its set, [n]. */
  readonly x: Float64Array;
  /** The same of the second set, [m]. */
  readonly y: Float64Array;
  /** Of each image of the first set with every one of the second, [n], and the other way round, [m]. */
  readonly across: { readonly rows: Float64Array; readonly columns: Float64Array };
}

/**
 * The unbiased U-statistic of Gretton et al. 2012 (JMLR 13), lemma 6, for at least two images each, and from three each on
 * its interval by the delete-one jackknife over the images of both sets (Arvesen 1969), exact from the sums. It errs
 * upwards (Efron & Stein 1981), by up to sqrt(2) where the distributions are equal.
 */
export function unbiasedSquaredMmd({ x, y, across }: KernelSums): Estimate {
  const [n, m] = [x.length, y.length];
  const sums = { xx: sum(x), yy: sum(y), xy: sum(across.rows) };
  const mmd = (xx: number, yy: number, xy: number, a: number, b: number) =>
    xx / (a * (a - 1)) + yy / (b * (b - 1)) - (2 * xy) / (a * b);
  const value = mmd(sums.xx, sums.yy, sums.xy, n, m);
  const details = { generated: n, real: m };
  if (n < 3 || m < 3) return { value, details };

  // One image less on either side; the sums of a symmetric kernel lose its row and its column.
  const withoutX = x.map((own, i) => mmd(sums.xx - 2 * own, sums.yy, sums.xy - across.rows[i]!, n - 1, m));
  const withoutY = y.map((own, j) => mmd(sums.xx, sums.yy - 2 * own, sums.xy - across.columns[j]!, n, m - 1));
  const standardError = Math.sqrt(jackknifeVariance(withoutX) + jackknifeVariance(withoutY));
  return {
    value,
    interval: around(value, NORMAL * standardError, "normal, jackknife of the U-statistic over images"),
    details: { ...details, standardError },
  };
}

/** Goes over pairs of rows: `visit` gets, for each row, the values from which a kernel is taken. */
type Pass = (visit: (row: number, values: Float64Array) => void) => void;

/** Sum of the kernel of each of `count` rows with every other row of its set, each pair evaluated once. */
export function sumsWithin(count: number, pass: Pass, kernel: (value: number) => number): Float64Array {
  const rows = new Float64Array(count);
  pass((i, values) => {
    let total = rows[i]!;
    for (let j = i + 1; j < values.length; j++) {
      const value = kernel(values[j]!);
      total += value;
      rows[j]! += value;
    }
    rows[i] = total;
  });
  return rows;
}

/** Row and column sums of the kernel between two sets of `rows` and `columns` images. */
export function sumsAcross(
  [n, m]: readonly [number, number],
  pass: Pass,
  kernel: (value: number) => number,
): KernelSums["across"] {
  const rows = new Float64Array(n);
  const columns = new Float64Array(m);
  pass((i, values) => {
    let total = 0;
    for (let j = 0; j < values.length; j++) {
      const value = kernel(values[j]!);
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
