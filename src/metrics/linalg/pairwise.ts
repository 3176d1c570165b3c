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

/**
 * Writes four rows of `a`, at offsets r0..r3, against those of `b` at c0 and c1 to out[at + i stride] and
 * out[at1 + i stride], i = 0..3: eight sums a pass are what hides the latency of each.
 */
type Kernel = (
  a: Float64Array,
  r0: number,
  r1: number,
  r2: number,
  r3: number,
  b: Float64Array,
  c0: number,
  c1: number,
  width: number,
  out: Float64Array,
  at: number,
  at1: number,
  stride: number,
) => void;

const squaredDistance: Kernel = (a, r0, r1, r2, r3, b, c0, c1, width, out, at, at1, stride) => {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let [t0, t1, t2, t3] = [0, 0, 0, 0];
  for (let d = 0; d < width; d++) {
    const y = b[c0 + d]!;
    const z = b[c1 + d]!;
    const x0 = a[r0 + d]!;
    const x1 = a[r1 + d]!;
    const x2 = a[r2 + d]!;
    const x3 = a[r3 + d]!;
    s0 += (x0 - y) * (x0 - y);
    s1 += (x1 - y) * (x1 - y);
    s2 += (x2 - y) * (x2 - y);
    s3 += (x3 - y) * (x3 - y);
    t0 += (x0 - z) * (x0 - z);
    t1 += (x1 - z) * (x1 - z);
    t2 += (x2 - z) * (x2 - z);
    t3 += (x3 - z) * (x3 - z);
  }
  out[at] = s0;
  out[at + stride] = s1;
  out[at + 2 * stride] = s2;
  out[at + 3 * stride] = s3;
  out[at1] = t0;
  out[at1 + stride] = t1;
  out[at1 + 2 * stride] = t2;
  out[at1 + 3 * stride] = t3;
};

const product: Kernel = (a, r0, r1, r2, r3, b, c0, c1, width, out, at, at1, stride) => {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let [t0, t1, t2, t3] = [0, 0, 0, 0];
  for (let d = 0; d < width; d++) {
    const y = b[c0 + d]!;
    const z = b[c1 + d]!;
    const x0 = a[r0 + d]!;
    const x1 = a[r1 + d]!;
    const x2 = a[r2 + d]!;
    const x3 = a[r3 + d]!;
    s0 += x0 * y;
    s1 += x1 * y;
    s2 += x2 * y;
    s3 += x3 * y;
    t0 += x0 * z;
    t1 += x1 * z;
    t2 += x2 * z;
    t3 += x3 * z;
  }
  out[at] = s0;
  out[at + stride] = s1;
  out[at + 2 * stride] = s2;
  out[at + 3 * stride] = s3;
  out[at1] = t0;
  out[at1 + stride] = t1;
  out[at1 + 2 * stride] = t2;
  out[at1 + 3 * stride] = t3;
};

/** Rows of `a` worked on together, a multiple of four, and bytes of `b` that stay in the cache meanwhile. */
const ROWS = 32;
const CACHE_BYTES = 256 * 1024;

type Visit = (row: number, values: Float64Array) => void;

/** `upper`: row i against rows i to the last only; what lies before them in `values` is of no row. */
function forEachRow(kernel: Kernel, a: Matrix, b: Matrix, upper: boolean, visit: Visit): void {
  assert(a.width === b.width, `rows of width ${a.width} against rows of width ${b.width}`);
  const { width } = a;
  const out = new Float64Array(ROWS * b.count);
  const tile = Math.max(1, Math.floor(CACHE_BYTES / (8 * Math.max(1, width))));
  for (let first = 0; first < a.count; first += ROWS) {
    const rows = Math.min(ROWS, a.count - first);
    const offset = (row: number) => (first + Math.min(row, rows - 1)) * width; // the last four may repeat one
    for (let from = upper ? first : 0; from < b.count; from += tile) {
      const to = Math.min(b.count, from + tile);
      for (let row = 0; row < rows; row += 4) {
        const [r0, r1, r2, r3] = [offset(row), offset(row + 1), offset(row + 2), offset(row + 3)];
        for (let j = from; j < to; j += 2) {
          const next = Math.min(j + 1, to - 1); // an odd last one is done twice
          const at = row * b.count;
          const [c0, c1] = [j * width, next * width];
          kernel(a.data, r0, r1, r2, r3, b.data, c0, c1, width, out, at + j, at + next, b.count);
        }
      }
    }
    for (let row = 0; row < rows; row++) visit(first + row, out.subarray(row * b.count, (row + 1) * b.count));
  }
}

/**
 * Calls `visit(i, distances)` for each row of `a`, squared Euclidean distances to every row of `b`; do not
 * keep them.
 */
export const forEachDistanceRow = (a: Matrix, b: Matrix, visit: Visit) =>
  forEachRow(squaredDistance, a, b, false, visit);

/** Each pair of rows of one matrix once: of `distances` in `visit(i, distances)` read those from i + 1 on. */
export const forEachDistanceWithin = (a: Matrix, visit: Visit) =>
  forEachRow(squaredDistance, a, a, true, visit);

/** Calls `visit(i, products)` for each row of `a`, inner products with every row of `b`; do not keep them. */
export const forEachProductRow = (a: Matrix, b: Matrix, visit: Visit) =>
  forEachRow(product, a, b, false, visit);

/** Each pair of rows of one matrix once: of `products` in `visit(i, products)` read those from i on. */
export const forEachProductWithin = (a: Matrix, visit: Visit) => forEachRow(product, a, a, true, visit);

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
