/** A classifier of two sets that sees their means, variances and correlations, tried on images that it was not fitted to. */
import type { Features } from "./contract.ts";
import { solvePositive } from "./linalg/cholesky.ts";
import { timesTransposed, transpose } from "./linalg/pairwise.ts";
import { contentOrder, takeRows } from "./order.ts";

/** Weight of the squared norm of the classifier against its squared errors. */
const RIDGE = 1;
/** Added to the diagonal, so that copies among the landmarks leave one solution. */
const JITTER = 1e-6;

/**
 * How right a classifier of generated and real images is on each image when it is fitted to the other folds: 1, 0, or 1/2 where
 * it is torn, [generated, then real]. Both sets have as many images; image i of each is in fold i modulo `folds`.
 *
 * Regularised least squares on the labels 1 and -1 with the kernel (1 + x.y / width)^2, that is on all features, their squares and
 * products, restricted to functions of `landmarks` images of both sets (subset of regressors, Rasmussen & Williams 2006, section
 * 8.3.1). Features are standardised over both sets, and landmarks drawn by content, without regard to who made them.
 */
export function crossFitted(
  generated: Features,
  real: Features,
  { folds, landmarks }: { readonly folds: number; readonly landmarks: number },
): Float64Array {
  const n = generated.count;
  const both = standardised(generated, real);
  const chosen = contentOrder(both, 0).subarray(0, landmarks);
  const values = timesTransposed(both, takeRows(both, chosen));
  const linear = values.data.map((product) => 1 + product / both.width);
  const kernel = { ...values, data: linear.map((value) => value * value) };
  const m = chosen.length;
  const label = (row: number) => (row < n ? 1 : -1);
  const parts = Array.from({ length: folds }, (_, fold) => {
    const rows = Array.from({ length: 2 * n }, (_, row) => row).filter((row) => (row % n) % folds === fold);
    const columns = transpose(takeRows(kernel, rows));
    const labels = { data: Float64Array.from(rows, label), count: 1, width: rows.length };
    return {
      rows,
      squares: timesTransposed(columns, columns).data,
      towards: timesTransposed(columns, labels).data,
    };
  });
  const total = (of: "squares" | "towards", without: number): Float64Array => {
    const sum = new Float64Array(parts[0]![of].length);
    for (const [fold, part] of parts.entries())
      if (fold !== without) for (let at = 0; at < sum.length; at++) sum[at]! += part[of][at]!;
    return sum;
  };
  const right = new Float64Array(2 * n);
  for (const [fold, { rows }] of parts.entries()) {
    const matrix = total("squares", fold);
    for (const [i, row] of chosen.entries())
      for (let j = 0; j < m; j++)
        matrix[i * m + j]! += RIDGE * kernel.data[row * m + j]! + (i === j ? JITTER : 0);
    const weights = solvePositive(matrix, total("towards", fold));
    for (const row of rows) {
      let score = 0;
      for (let j = 0; j < m; j++) score += weights[j]! * kernel.data[row * m + j]!;
      right[row] = (1 + Math.sign(score * label(row))) / 2;
    }
  }
  return right;
}

/** Both sets as one, each feature of mean 0 and variance 1 over all images; a constant feature becomes 0. */
function standardised(generated: Features, real: Features): Features {
  const { width } = real;
  const count = generated.count + real.count;
  const data = new Float64Array(count * width);
  data.set(generated.data);
  data.set(real.data, generated.data.length);
  for (let d = 0; d < width; d++) {
    let mean = 0;
    for (let at = d; at < data.length; at += width) mean += data[at]! / count;
    let variance = 0;
    for (let at = d; at < data.length; at += width) variance += (data[at]! - mean) ** 2 / count;
    const scale = variance > 0 ? 1 / Math.sqrt(variance) : 0;
    for (let at = d; at < data.length; at += width) data[at] = (data[at]! - mean) * scale;
  }
  return { data, count, width };
}
