import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import { symmetricEigen, symmetricEigenvalues } from "../../../src/metrics/linalg/eigen.ts";
import { moments, trace } from "../../../src/metrics/linalg/moments.ts";
import {
  forEachDistanceRow,
  forEachDistanceWithin,
  forEachProductRow,
  forEachProductWithin,
  type Matrix,
  timesTransposed,
  transpose,
} from "../../../src/metrics/linalg/pairwise.ts";
import { transport } from "../../../src/metrics/linalg/transport.ts";

const matrix = (rows: number[][]): Matrix => ({
  data: Float64Array.from(rows.flat()),
  count: rows.length,
  width: rows[0]!.length,
});

const random = (seed: number, count: number, width: number): Matrix => ({
  data: rng(seed).fillNormal(new Float64Array(count * width)),
  count,
  width,
});

const times = (a: Matrix, b: Matrix) => timesTransposed(a, transpose(b));

const largestDifference = (a: Matrix, b: Matrix): number => {
  expect([a.count, a.width]).toEqual([b.count, b.width]);
  return a.data.reduce((largest, x, at) => Math.max(largest, Math.abs(x - b.data[at]!)), 0);
};

const identity = (n: number): Matrix =>
  matrix(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0))));

/** Rows times factors. */
const scaled = (m: Matrix, factors: Float64Array): Matrix => ({
  ...m,
  data: m.data.map((x, at) => x * factors[Math.floor(at / m.width)]!),
});

/** What must hold of any decomposition, relative to the largest value. */
function checkEigen(a: Matrix): Float64Array {
  const { values, vectors } = symmetricEigen(a);
  const size = a.data.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0);
  const tolerance = 1e-14 * (a.count + 4) * a.count;
  const columns = transpose(vectors);
  const rebuilt = timesTransposed(columns, transpose(scaled(vectors, values)));
  expect(largestDifference(rebuilt, a)).toBeLessThanOrEqual(tolerance * size);
  expect(largestDifference(timesTransposed(vectors, vectors), identity(a.count))).toBeLessThanOrEqual(
    tolerance,
  );
  expect([...values]).toEqual([...values].sort((x, y) => x - y));
  expect(symmetricEigenvalues(a)).toEqual(values);
  return values;
}

describe("symmetric eigendecomposition", () => {
  test("second difference: 2 - 2 cos(k pi / (n + 1))", () => {
    const n = 64;
    const rows = Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (_, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)),
    );
    const values = checkEigen(matrix(rows));
    for (let k = 1; k <= n; k++)
      expect(values[k - 1]).toBeCloseTo(2 - 2 * Math.cos((k * Math.PI) / (n + 1)), 13);
  });

  test("Wilkinson's W21, whose largest pair agrees to 14 digits (numpy.linalg.eigvalsh)", () => {
    const rows = Array.from({ length: 21 }, (_, i) =>
      Array.from({ length: 21 }, (_, j) => (i === j ? Math.abs(i - 10) : Math.abs(i - j) === 1 ? 1 : 0)),
    );
    const values = checkEigen(matrix(rows));
    expect(values[0]).toBeCloseTo(-1.1254415221199854, 13);
    expect(values[20]).toBeCloseTo(10.746194182903393, 13);
    expect(values[18]).toBeCloseTo(9.210678647361332, 13);
  });

  test("the all-ones matrix of n has n once and 0 else", () => {
    const values = checkEigen(matrix(Array.from({ length: 40 }, () => Array<number>(40).fill(1))));
    expect(values[39]).toBeCloseTo(40, 12);
    expect(Math.max(...values.subarray(0, 39).map(Math.abs))).toBeLessThan(1e-13);
  });

  test("zero, one by one, diagonal", () => {
    expect([
      ...checkEigen(
        matrix([
          [0, 0],
          [0, 0],
        ]),
      ),
    ]).toEqual([0, 0]);
    expect([...checkEigen(matrix([[-3]]))]).toEqual([-3]);
    expect([
      ...checkEigen(
        matrix([
          [5, 0, 0],
          [0, -1, 0],
          [0, 0, 2],
        ]),
      ),
    ]).toEqual([-1, 2, 5]);
  });

  test("values whose squares overflow or vanish", () => {
    for (const scale of [1e200, 1e-200]) {
      const a = matrix([
        [2 * scale, scale],
        [scale, 2 * scale],
      ]);
      const { values } = symmetricEigen(a);
      expect(values[0]! / scale).toBeCloseTo(1, 14);
      expect(values[1]! / scale).toBeCloseTo(3, 14);
    }
  });

  test("any symmetric matrix: integer entries, repeated and graded values", () => {
    const entries = fc.integer({ min: 1, max: 12 }).chain((n) =>
      fc.record({
        n: fc.constant(n),
        cells: fc.array(fc.integer({ min: -4, max: 4 }), { minLength: n * n, maxLength: n * n }),
        decades: fc.array(fc.integer({ min: -12, max: 0 }), { minLength: n, maxLength: n }),
      }),
    );
    fc.assert(
      fc.property(entries, ({ n, cells, decades }) => {
        const rows = (weight: (i: number) => number) =>
          Array.from({ length: n }, (_, i) =>
            Array.from(
              { length: n },
              (_, j) => cells[Math.min(i, j) * n + Math.max(i, j)]! * weight(i) * weight(j),
            ),
          );
        const values = checkEigen(matrix(rows(() => 1)));
        const sum = values.reduce((a, b) => a + b, 0);
        expect(sum).toBeCloseTo(
          rows(() => 1).reduce((total, row, i) => total + row[i]!, 0),
          10,
        );
        checkEigen(matrix(rows((i) => 10 ** (decades[i]! / 2))));
      }),
      { numRuns: 150 },
    );
  });

  test("a covariance at the width of the features, 64, and one of fewer rows than columns", () => {
    checkEigen(moments(random(1, 200, 64)).covariance);
    const values = checkEigen(moments(random(2, 20, 64)).covariance);
    expect(values.filter((value) => value > 1e-10)).toHaveLength(19);
  });
});

describe("pairs of rows", () => {
  const [a, b] = [random(3, 71, 1300), random(4, 45, 1300)]; // no multiple of the blocks

  test("squared distances and products as by the definition, each row visited once, in order", () => {
    const visited: number[] = [];
    forEachDistanceRow(a, b, (i, squared) => {
      visited.push(i);
      expect(squared).toHaveLength(b.count);
      for (let j = 0; j < b.count; j += 7) {
        let sum = 0;
        for (let d = 0; d < a.width; d++) sum += (a.data[i * a.width + d]! - b.data[j * a.width + d]!) ** 2;
        expect(squared[j]).toBe(sum);
      }
    });
    expect(visited).toEqual(Array.from({ length: 71 }, (_, i) => i));
    forEachProductRow(b, a, (i, products) => {
      for (let j = 0; j < a.count; j += 7) {
        let sum = 0;
        for (let d = 0; d < a.width; d++) sum += b.data[i * a.width + d]! * a.data[j * a.width + d]!;
        expect(products[j]).toBe(sum);
      }
    });
  });

  test("d(a, b) is d(b, a) and d of a copy bit by bit, wherever in the block", () => {
    const rows = (m: Matrix, n: Matrix) => {
      const out: number[][] = [];
      forEachDistanceRow(m, n, (_, squared) => out.push([...squared]));
      return out;
    };
    const forth = rows(a, b);
    const back = rows(b, a);
    for (const [i, row] of forth.entries()) expect(back.map((column) => column[i])).toEqual(row);
    const shifted: Matrix = {
      data: Float64Array.from([...b.data.subarray(0, 1300), ...a.data]),
      count: 72,
      width: 1300,
    };
    expect(rows(shifted, b).slice(1)).toEqual(forth);
  });

  test.each([1, 2, 33, 71])("within one matrix of %d rows: each pair once, bit by bit as across", (count) => {
    const m = random(count, count, 5);
    for (const [within, across] of [
      [forEachDistanceWithin, forEachDistanceRow],
      [forEachProductWithin, forEachProductRow],
    ] as const) {
      const rows: number[][] = [];
      across(m, m, (i, values) => rows.push([...values.subarray(i + 1)]));
      const upper: number[][] = [];
      within(m, (i, values) => upper.push([...values.subarray(i + 1)]));
      expect(upper).toEqual(rows);
    }
  });
});

describe("moments", () => {
  test("by hand", () => {
    const { mean, covariance, centred } = moments(
      matrix([
        [1, 2],
        [3, 6],
        [5, 1],
      ]),
    );
    expect([...mean]).toEqual([3, 3]);
    expect([...covariance.data]).toEqual([4, -1, -1, 7]);
    expect([...centred.data]).toEqual([-2, -1, 0, 3, 2, -2]);
    expect(trace(covariance)).toBe(11);
  });

  test("a large mean costs no digits", () => {
    const far = matrix([
      [1e9 + 4, 1],
      [1e9 + 7, 1],
      [1e9 + 13, 1],
      [1e9 + 16, 1],
    ]);
    expect([...moments(far).covariance.data]).toEqual([30, 0, 0, 0]);
  });
});

describe("transport between Gaussians", () => {
  const [a, b] = [moments(random(5, 40, 6)).covariance, moments(random(6, 50, 6)).covariance];

  test("diagonal covariances: trace of the root is the sum of sqrt(a b)", () => {
    const { traceOfRoot } = transport(
      matrix([
        [4, 0],
        [0, 9],
      ]),
      matrix([
        [16, 0],
        [0, 1],
      ]),
    );
    expect(traceOfRoot).toBeCloseTo(8 + 3, 13);
  });

  test("symmetric; tr A for B = A; homogeneous; 0 with a zero covariance", () => {
    const value = transport(a, b).traceOfRoot;
    expect(transport(b, a).traceOfRoot).toBeCloseTo(value, 12);
    expect(transport(a, a).traceOfRoot).toBeCloseTo(trace(a), 12);
    expect(transport({ ...a, data: a.data.map((x) => 4 * x) }, b).traceOfRoot).toBeCloseTo(2 * value, 12);
    const zero = { ...a, data: new Float64Array(36) };
    expect(transport(zero, b)).toEqual({ traceOfRoot: 0 });
    expect(transport(a, zero)).toEqual({ traceOfRoot: 0 });
  });

  test("fewer rows than columns: real, symmetric, and tr A on A itself", () => {
    const [few, fewer] = [moments(random(7, 10, 32)).covariance, moments(random(8, 14, 32)).covariance];
    expect(transport(few, fewer).traceOfRoot).toBeCloseTo(transport(fewer, few).traceOfRoot, 7);
    expect(transport(few, few).traceOfRoot).toBeCloseTo(trace(few), 10);
    expect(transport(few, fewer).factors).toBeUndefined();
    // from the full side 22 of 32 eigenvalues are rounding, from the singular side none is among them
    const full = moments(random(9, 60, 32)).covariance;
    expect(transport(full, few).traceOfRoot).toBeCloseTo(transport(few, full).traceOfRoot, 10);
  });

  test("the maps carry A onto B and B onto A, and undo each other", () => {
    const { factors } = transport(a, b);
    if (!factors) throw new Error("full rank has maps");
    const forward = times(transpose(factors.forward), factors.forward);
    const backward = times(transpose(factors.backward), factors.backward);
    expect(largestDifference(times(times(forward, a), forward), b)).toBeLessThan(1e-11);
    expect(largestDifference(times(times(backward, b), backward), a)).toBeLessThan(1e-11);
    expect(largestDifference(times(forward, backward), identity(6))).toBeLessThan(1e-11);
  });

  test("half the map is the derivative of the trace, also where both lack the same direction", () => {
    const dead = (m: Matrix): Matrix => ({
      ...m,
      data: m.data.map((x, at) => (at % 6 === 2 || (at < 18 && at >= 12) ? 0 : x)),
    });
    for (const [from, to] of [
      [a, b],
      [dead(a), dead(b)],
    ] as const) {
      const change = dead(moments(random(9, 20, 6)).covariance);
      const moved = (step: number): Matrix => ({
        ...from,
        data: from.data.map((x, at) => x + step * change.data[at]!),
      });
      const h = 1e-5;
      const slope = (transport(moved(h), to).traceOfRoot - transport(moved(-h), to).traceOfRoot) / (2 * h);
      const { factors } = transport(from, to);
      if (!factors) throw new Error("the same range has maps");
      const map = times(transpose(factors.forward), factors.forward);
      expect(trace(times(map, change)) / 2).toBeCloseTo(slope, 7);
    }
  });
});
