/** First and second moments of a set of rows, float64. */
import { assert } from "../../core/errors.ts";
import { type Matrix, timesTransposed, transpose } from "./pairwise.ts";

/**
 * Mean and covariance of at least two rows; the covariance is of the centred rows, so a large mean costs no
 * digits.
 */
export function moments(rows: Matrix) {
  const { count, width } = rows;
  assert(count >= 2, `the covariance of ${count} rows`);
  const mean = new Float64Array(width);
  for (let i = 0, at = 0; i < count; i++) for (let d = 0; d < width; d++) mean[d]! += rows.data[at++]!;
  for (let d = 0; d < width; d++) mean[d]! /= count;
  const centred = { data: rows.data.map((x, at) => x - mean[at % width]!), count, width };
  const columns = transpose(centred);
  const covariance = timesTransposed(columns, columns);
  for (let i = 0; i < covariance.data.length; i++) covariance.data[i]! /= count - 1;
  return { mean, covariance, centred };
}

/** `mean` [width]; `covariance` [width, width], unbiased: n - 1 in the denominator; `centred`: rows less their mean, [count, width]. */
export type Moments = ReturnType<typeof moments>;

/** Sum of the diagonal of a square matrix. */
export function trace(matrix: Matrix): number {
  let sum = 0;
  for (let i = 0; i < matrix.count; i++) sum += matrix.data[i * matrix.width + i]!;
  return sum;
}
