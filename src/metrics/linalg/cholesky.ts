import { assert } from "../../core/errors.ts";

/**
 * x of A x = b for a symmetric positive definite matrix, row-major [n, n], of which the lower triangle is read and replaced by its
 * Cholesky factor (Golub & Van Loan, Matrix Computations, 4th ed., algorithm 4.2.1); b is not changed.
 */
export function solvePositive(a: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  assert(a.length === n * n, `a matrix of ${a.length} values for ${n} unknowns`);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0, at = i * n, of = j * n; k < j; k++) sum -= a[at++]! * a[of++]!;
      if (i === j) assert(sum > 0, `row ${i} of a matrix that is not positive definite`);
      a[i * n + j] = i === j ? Math.sqrt(sum) : sum / a[j * n + j]!;
    }
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= a[i * n + k]! * x[k]!;
    x[i]! /= a[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= a[k * n + i]! * x[k]!;
    x[i]! /= a[i * n + i]!;
  }
  return x;
}
