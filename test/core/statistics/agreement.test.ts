import * as fc from "fast-check";
import { expect, it } from "vitest";
import { kendallTau } from "../../../src/core/statistics/index.ts";

it("is scipy's tau-b, with and without ties", () => {
  // scipy.stats.kendalltau, 1.10
  expect(kendallTau([12, 2, 1, 12, 2], [1, 4, 7, 1, 0])).toBeCloseTo(-0.47140452079103173, 12);
  expect(kendallTau([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5])).toBeCloseTo(0.6, 12);
});

it("is 1 for any rising function of the values, -1 for a falling one, and symmetric", () => {
  const values = fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 30 });
  fc.assert(
    fc.property(values, fc.func(fc.double({ noNaN: true })), (a, drawn) => {
      const b = a.map(drawn);
      expect(
        kendallTau(
          a,
          a.map((x) => x ** 3 + x),
        ),
      ).toBeCloseTo(1, 12);
      expect(
        kendallTau(
          a,
          a.map((x) => -x),
        ),
      ).toBeCloseTo(-1, 12);
      expect(kendallTau(a, b)).toBe(kendallTau(b, a));
    }),
  );
});

it("has no value where one of them orders nothing", () => {
  expect(kendallTau([1, 1, 1], [1, 2, 3])).toBeUndefined();
  expect(kendallTau([1], [1])).toBeUndefined();
});
