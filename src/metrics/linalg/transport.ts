/** The geometry behind FID (Dowson & Landau 1982): the best way of carrying one Gaussian onto another. */
import { symmetricEigen, symmetricEigenvalues } from "./eigen.ts";
import { trace } from "./moments.ts";
import { type Matrix, timesTransposed, transpose } from "./pairwise.ts";

/**
 * Between N(0, A) and N(0, B), covariances [width, width]. A = V L VT on its range; R = L^(1/2) VT and S =
 * L^(-1/2) VT are its root and the inverse of it. R B RT = U M UT there, and the maps are ST U M^(1/2) UT S
 * and RT U M^(-1/2) UT R.
 *
 * `traceOfRoot`: trace of (A B)^(1/2), the sum of the square roots of the eigenvalues of A^(1/2) B A^(1/2), symmetric and
 * positive semidefinite, so real below full rank too. The same from A to B as from B to A. `factors`: G [rank, width] of the
 * optimal maps GT G, A to B and back. Half a map is the trace's derivative; absent where A and B differ in range, as it has
 * none there.
 */
export function transport(a: Matrix, b: Matrix) {
  const { values, vectors } = rangeOf(a);
  if (values.length === 0) return { traceOfRoot: 0 };
  const root = scaleRows(vectors, (i) => Math.sqrt(values[i]!));
  const middle = symmetricEigen(timesTransposed(timesTransposed(root, b), root));
  const traceOfRoot = sumOfRoots(middle.values);
  if (middle.values[0]! <= noiseOf(middle.values) || !within(b, vectors)) return { traceOfRoot };
  const inverse = scaleRows(vectors, (i) => 1 / Math.sqrt(values[i]!));
  const factor = (power: number, side: Matrix) =>
    scaleRows(timesTransposed(middle.vectors, transpose(side)), (i) => middle.values[i]! ** power);
  return { traceOfRoot, factors: { forward: factor(0.25, inverse), backward: factor(-0.25, root) } };
}

/** `transport(a, b).traceOfRoot` alone, in about half the time. */
export function traceOfRoot(a: Matrix, b: Matrix): number {
  const { values, vectors } = rangeOf(a);
  if (values.length === 0) return 0;
  const root = scaleRows(vectors, (i) => Math.sqrt(values[i]!));
  return sumOfRoots(symmetricEigenvalues(timesTransposed(timesTransposed(root, b), root)));
}

function sumOfRoots(ascending: Float64Array): number {
  const noise = noiseOf(ascending);
  return ascending.reduce((sum, m) => (m > noise ? sum + Math.sqrt(m) : sum), 0);
}

/** Eigenpairs of a covariance without those that are 0 but for rounding. */
function rangeOf(covariance: Matrix): { values: Float64Array; vectors: Matrix } {
  const { values, vectors } = symmetricEigen(covariance);
  const noise = noiseOf(values);
  const rank = values.filter((value) => value > noise).length;
  const first = values.length - rank;
  const { width } = vectors;
  return {
    values: values.subarray(first),
    vectors: { data: vectors.data.subarray(first * width), count: rank, width },
  };
}

/**
 * Below it an eigenvalue of a positive semidefinite matrix is rounding: a few units of the largest, times the
 * size.
 */
function noiseOf(ascending: Float64Array): number {
  return 4 * ascending.length * Number.EPSILON * Math.max(0, ascending.at(-1)!);
}

/** Whether all variance of `b` lies in the span of the orthonormal rows. */
function within(b: Matrix, rows: Matrix): boolean {
  if (rows.count === rows.width) return true;
  const kept = trace(timesTransposed(timesTransposed(rows, b), rows));
  return trace(b) - kept <= 4 * b.width * Number.EPSILON * trace(b);
}

function scaleRows(matrix: Matrix, factor: (row: number) => number): Matrix {
  return { ...matrix, data: matrix.data.map((x, at) => x * factor(Math.floor(at / matrix.width))) };
}
