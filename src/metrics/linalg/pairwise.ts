/**
 * All pairs of rows of two matrices, float64. Distances are sums of squared differences, never
 * |a|^2 + |b|^2 - 2ab, whose rounding flips ties. Each pair is summed in the order of its columns whatever the blocking, so
 * d(a, b) equals d(b, a) and that of a copied row bit by bit: ties between duplicates are true ties.
 */
import { assert } from "../../core/errors.ts";

/** Row-major [count, width], float64. Features are one. */
export interface Matrix {
  readonly data: Float64Array;
  readonly count: number;
  readonly width: number;
}

/** Writes four rows of `a`, at offsets r0..r3, against that of `b` at `c`, to out[at + i stride], i = 0..3. */
type Kernel = (
  a: Float64Array,
  r0: number,
  r1: number,
  r2: number,
  r3: number,
  b: Float64Array,
  c: number,
  width: number,
  out: Float64Array,
  at: number,
  stride: number,
) => void;

const squaredDistance: Kernel = (a, r0, r1, r2, r3, b, c, width, out, at, stride) => {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let d = 0; d < width; d++) {
    const y = b[c + d]!;
    const d0 = a[r0 + d]! - y;
    const d1 = a[r1 + d]! - y;
    const d2 = a[r2 + d]! - y;
    const d3 = a[r3 + d]! - y;
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
  }
  out[at] = s0;
  out[at + stride] = s1;
  out[at + 2 * stride] = s2;
  out[at + 3 * stride] = s3;
};

const product: Kernel = (a, r0, r1, r2, r3, b, c, width, out, at, stride) => {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let d = 0; d < width; d++) {
    const y = b[c + d]!;
    s0 += a[r0 + d]! * y;
    s1 += a[r1 + d]! * y;
    s2 += a[r2 + d]! * y;
    s3 += a[r3 + d]! * y;
  }
  out[at] = s0;
  out[at + stride] = s1;
  out[at + 2 * stride] = s2;
  out[at + 3 * stride] = s3;
};

/** Rows of `a` worked on together, a multiple of four, and bytes of `b` that stay in the cache meanwhile. */
const ROWS = 32;
const CACHE_BYTES = 256 * 1024;

function forEachRow(
  kernel: Kernel,
  a: Matrix,
  b: Matrix,
  visit: (row: number, values: Float64Array) => void,
): void {
  assert(a.width === b.width, `rows of width ${a.width} against rows of width ${b.width}`);
  const { width } = a;
  const out = new Float64Array(ROWS * b.count);
  const tile = Math.max(1, Math.floor(CACHE_BYTES / (8 * Math.max(1, width))));
  for (let first = 0; first < a.count; first += ROWS) {
    const rows = Math.min(ROWS, a.count - first);
    const offset = (row: number) => (first + Math.min(row, rows - 1)) * width; // the last four may repeat one
    for (let from = 0; from < b.count; from += tile) {
      const to = Math.min(b.count, from + tile);
      for (let row = 0; row < rows; row += 4) {
        const [r0, r1, r2, r3] = [offset(row), offset(row + 1), offset(row + 2), offset(row + 3)];
        for (let j = from; j < to; j++)
          kernel(a.data, r0, r1, r2, r3, b.data, j * width, width, out, row * b.count + j, b.count);
      }
    }
    for (let row = 0; row < rows; row++) visit(first + row, out.subarray(row * b.count, (row + 1) * b.count));
  }
}

/**
 * Calls `visit(i, distances)` for each row of `a`, squared Euclidean distances to every row of `b`; do not
 * keep them.
 */
export function forEachDistanceRow(
  a: Matrix,
  b: Matrix,
  visit: (row: number, squared: Float64Array) => void,
): void {
  forEachRow(squaredDistance, a, b, visit);
}

/** Calls `visit(i, products)` for each row of `a`, inner products with every row of `b`; do not keep them. */
export function forEachProductRow(
  a: Matrix,
  b: Matrix,
  visit: (row: number, products: Float64Array) => void,
): void {
  forEachRow(product, a, b, visit);
}

/** a bT, [a.count, b.count]. */
export function timesTransposed(a: Matrix, b: Matrix): Matrix {
  const data = new Float64Array(a.count * b.count);
  forEachProductRow(a, b, (row, products) => data.set(products, row * b.count));
  return { data, count: a.count, width: b.count };
}

export function transpose(matrix: Matrix): Matrix {
  const { data, count, width } = matrix;
  const turned = new Float64Array(data.length);
  for (let i = 0, at = 0; i < count; i++) for (let j = 0; j < width; j++) turned[j * count + i] = data[at++]!;
  return { data: turned, count: width, width: count };
}
