/**
 * Eigendecomposition of a real symmetric matrix, float64: Householder reduction to tridiagonal form, then
 * implicit QR steps with Wilkinson's shift (Golub & Van Loan, Matrix Computations, 4th ed., algorithms 8.3.1
 * to 8.3.3). Backward stable: errors are of the order of the rounding unit times the largest eigenvalue.
 */
import { assert } from "../../core/errors.ts";
import type { Matrix } from "./pairwise.ts";

/**
 * A = sum of values[i] vectors[i] vectors[i]T. Reads the lower triangle of the square matrix; it is not
 * changed. `values` ascending, [n]; `vectors` [n, n], row i the unit eigenvector of values[i].
 */
export function symmetricEigen(matrix: Matrix) {
  const t = tridiagonalise(matrix);
  const vectors = reflectorProduct(t.reflectors, t.betas, matrix.count);
  diagonalise(t.diagonal, t.offDiagonal, vectors);
  const order = Array.from(t.diagonal.keys()).sort((i, j) => t.diagonal[i]! - t.diagonal[j]!);
  const n = matrix.count;
  const sorted = new Float64Array(n * n);
  for (const [to, from] of order.entries()) sorted.set(vectors.subarray(from * n, (from + 1) * n), to * n);
  const values = Float64Array.from(order, (i) => t.diagonal[i]! * t.scale);
  return { values, vectors: { data: sorted, count: n, width: n } };
}

/** The eigenvalues alone, ascending, [n]: a fraction of the work of `symmetricEigen`. */
export function symmetricEigenvalues(matrix: Matrix): Float64Array {
  const { diagonal, offDiagonal, scale } = tridiagonalise(matrix);
  diagonalise(diagonal, offDiagonal, undefined);
  return diagonal.map((value) => value * scale).sort();
}

/** H_{n-3} ... H_0 A H_0 ... H_{n-3} = T, on the lower triangle. */
function tridiagonalise(matrix: Matrix) {
  const n = matrix.count;
  assert(n >= 1 && n === matrix.width, `a symmetric matrix is square, not ${n} x ${matrix.width}`);
  /** What the matrix is divided by, so that squares neither overflow nor vanish. */
  const scale = matrix.data.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0) || 1;
  assert(Number.isFinite(scale), "a symmetric matrix with a value that is not finite");
  const a = matrix.data.map((x) => x / scale);
  const offDiagonal = new Float64Array(n);
  /** Row k holds the Householder vector of step k from column k + 1 on: H_k = I - betas[k] v vT. */
  const reflectors = new Float64Array(n * n);
  const betas = new Float64Array(n);
  const w = new Float64Array(n);
  for (let k = 0; k < n - 1; k++) {
    const v = reflectors.subarray(k * n, (k + 1) * n);
    const head = a[(k + 1) * n + k]!;
    let tail = 0;
    for (let i = k + 2; i < n; i++) {
      v[i] = a[i * n + k]!;
      tail += v[i]! * v[i]!;
    }
    offDiagonal[k] = head;
    if (tail === 0) continue; // already tridiagonal in this column: H_k = I
    const norm = Math.sqrt(head * head + tail);
    const reflected = head > 0 ? -norm : norm; // the sign that avoids cancellation
    offDiagonal[k] = reflected;
    v[k + 1] = head - reflected;
    const beta = 2 / (v[k + 1]! * v[k + 1]! + tail);
    betas[k] = beta;
    applyTwoSided(a, n, k + 1, v, beta, w);
  }
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i]!);
  return { diagonal, offDiagonal, reflectors, betas, scale };
}

/**
 * A <- H A H with H = I - beta v vT, on rows and columns from `from` of the lower triangle: A - v wT - w vT,
 * where w = p - (beta/2)(pT v) v and p = beta A v.
 */
function applyTwoSided(
  a: Float64Array,
  n: number,
  from: number,
  v: Float64Array,
  beta: number,
  w: Float64Array,
): void {
  w.fill(0);
  for (let i = from; i < n; i++) {
    const vi = v[i]!;
    let sum = 0;
    for (let j = from, at = i * n + from; j < i; j++, at++) {
      sum += a[at]! * v[j]!;
      w[j]! += a[at]! * vi;
    }
    w[i]! += sum + a[i * n + i]! * vi;
  }
  let along = 0;
  for (let i = from; i < n; i++) {
    w[i]! *= beta;
    along += w[i]! * v[i]!;
  }
  for (let i = from; i < n; i++) w[i]! -= 0.5 * beta * along * v[i]!;
  for (let i = from; i < n; i++) {
    const vi = v[i]!;
    const wi = w[i]!;
    for (let j = from, at = i * n + from; j <= i; j++, at++) a[at]! -= vi * w[j]! + wi * v[j]!;
  }
}

/** (H_0 H_1 ... )T, whose rows the QR steps turn into eigenvectors. */
function reflectorProduct(reflectors: Float64Array, betas: Float64Array, n: number): Float64Array {
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  for (let k = n - 2; k >= 0; k--) {
    const beta = betas[k]!;
    if (beta === 0) continue;
    const v = reflectors.subarray(k * n, (k + 1) * n);
    for (let row = k + 1; row < n; row++) {
      const start = row * n;
      let along = 0;
      for (let j = k + 1; j < n; j++) along += q[start + j]! * v[j]!;
      along *= beta;
      for (let j = k + 1; j < n; j++) q[start + j]! -= along * v[j]!;
    }
  }
  return q;
}

/** Beside entries of at most 1: an off-diagonal below this is 0, its square would not be told from 0. */
const SQUARE_VANISHES = 1e-150;

/** Turns the tridiagonal matrix into its eigenvalues, in place, and rotates the rows of `vectors`, if any, along. */
function diagonalise(
  diagonal: Float64Array,
  offDiagonal: Float64Array,
  vectors: Float64Array | undefined,
): void {
  const negligible = (i: number) =>
    Math.abs(offDiagonal[i]!) <=
    Number.EPSILON * (Math.abs(diagonal[i]!) + Math.abs(diagonal[i + 1]!)) + SQUARE_VANISHES;
  let high = diagonal.length - 1;
  let stepsLeft = 60 * diagonal.length; // two or three an eigenvalue is usual
  while (high > 0) {
    let low = high;
    while (low > 0 && !negligible(low - 1)) low--;
    if (low === high) {
      high--;
      continue;
    }
    assert(stepsLeft-- > 0, `the eigenvalue at ${high} does not converge`);
    qrStep(diagonal, offDiagonal, low, high, vectors);
  }
}

/** One implicit QR step on the unreduced block low..high: rotations chase a bulge down the diagonal. */
function qrStep(
  d: Float64Array,
  e: Float64Array,
  low: number,
  high: number,
  vectors: Float64Array | undefined,
): void {
  const last = e[high - 1]!;
  const half = (d[high - 1]! - d[high]!) / 2;
  const root = Math.sqrt(half * half + last * last);
  const shift = d[high]! - (last * last) / (half + (half < 0 ? -root : root));
  let x = d[low]! - shift;
  let bulge = e[low]!;
  for (let k = low; k < high; k++) {
    const r = Math.sqrt(x * x + bulge * bulge);
    const c = r === 0 ? 1 : x / r;
    const s = r === 0 ? 0 : bulge / r;
    if (k > low) e[k - 1] = r;
    const [dk, ek, next] = [d[k]!, e[k]!, d[k + 1]!];
    d[k] = c * c * dk + 2 * c * s * ek + s * s * next;
    d[k + 1] = s * s * dk - 2 * c * s * ek + c * c * next;
    e[k] = (c * c - s * s) * ek + c * s * (next - dk);
    if (k < high - 1) {
      x = e[k]!;
      bulge = s * e[k + 1]!;
      e[k + 1]! *= c;
    }
    if (vectors) rotateRows(vectors, d.length, k, c, s);
  }
}

/** Rows k and k + 1 become c a + s b and c b - s a. */
function rotateRows(vectors: Float64Array, n: number, k: number, c: number, s: number): void {
  for (let at = k * n, below = at + n; at < (k + 1) * n; at++, below++) {
    const a = vectors[at]!;
    const b = vectors[below]!;
    vectors[at] = c * a + s * b;
    vectors[below] = c * b - s * a;
  }
}
