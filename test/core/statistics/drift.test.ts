import { describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import { drift, firstValue, noiseOf, normalCdf } from "../../../src/core/statistics/index.ts";

/** AR(1) noise around 10 with the given memory, plus a trend per value. */
function series(seed: number, n: number, { memory = 0, trend = 0 } = {}): number[] {
  const stream = rng(seed).fold("series");
  let x = 0;
  return Array.from({ length: n }, (_, i) => {
    x = memory * x + Math.sqrt(1 - memory ** 2) * stream.normal();
    return 10 + 0.2 * x + trend * i;
  });
}

const tested = (values: readonly number[]) => {
  const found = drift(values);
  if (!found.defined) throw new Error(found.why);
  return found;
};

/** Mann and Kendall's p with the variance of S that values without memory have. There must be no ties. */
function withoutCorrection(values: readonly number[]): number {
  const n = values.length;
  const s = (Math.abs(tested(values).tau) * n * (n - 1)) / 2;
  return 2 * normalCdf(-(s - 1) / Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18));
}

/** Share of `runs` simulated series in which a trend is claimed at 5%. */
const claims = (
  runs: number,
  n: number,
  options: Parameters<typeof series>[2],
  p = (values: readonly number[]) => tested(values).p,
) =>
  Array.from({ length: runs }, (_, seed) => p(series(seed, n, options)) < 0.05).filter(Boolean).length / runs;

describe("a drift", () => {
  it("is the textbook's on a series worked by hand", () => {
    const values = [1, 2, 4, 3, 5, 6, 8, 7, 9, 10, 12, 11];
    const { tau, p, change } = tested(values);
    expect(tau).toBeCloseTo(60 / 66, 12); // three neighbours swapped, 66 - 2 x 3
    // Var S = 12 x 11 x 29 / 18, swaps having no memory that would widen it: z = 59 / sqrt(Var S) = 4.05
    expect(p).toBeCloseTo(5.2e-5, 6);
    expect(change).toBeCloseTo(11 / 6.5, 12); // Sen's slope is 1
  });

  it("changes its sign with time, and neither with shift nor with scale", () => {
    const values = series(3, 40, { trend: 0.01 });
    const [forward, backward] = [tested(values), tested(values.toReversed())];
    expect(backward.tau).toBeCloseTo(-forward.tau, 12);
    expect(backward.p).toBeCloseTo(forward.p, 10);
    expect(backward.change).toBeCloseTo(-forward.change, 12);
    const scaled = tested(values.map((value) => 1000 * value));
    expect(scaled.p).toBeCloseTo(forward.p, 12);
    expect(scaled.change).toBeCloseTo(forward.change, 12);
  });

  it("is claimed of unchanging series no more often than the level says, with and without memory", () => {
    expect(claims(400, 40, {})).toBeLessThan(0.085); // 5% and three standard errors
    expect(claims(400, 100, { memory: 0.5 })).toBeLessThan(0.12);
    expect(claims(400, 100, { memory: 0.5 }, withoutCorrection)).toBeGreaterThan(0.15); // 22.5%
  });

  it("of a tenth over 40 values with 2% noise is found", () => {
    expect(claims(200, 40, { trend: 1 / 39 })).toBeGreaterThan(0.99);
    const { change } = tested(series(1, 40, { trend: 1 / 39 }));
    expect(change).toBeGreaterThan(0.06);
    expect(change).toBeLessThan(0.14);
  });

  it("needs values that differ, and ten of them", () => {
    expect(drift(new Array(20).fill(3))).toEqual({ defined: false, why: "the series is constant" });
    expect(drift([1, 2, 3])).toEqual({ defined: false, why: "a trend needs 10 values, not 3" });
  });
});

describe("a first value", () => {
  const others = [10, 10.1, 9.9, 10.2, 9.8, 10, 10.1, 9.9];

  it("stands apart by the fences of the others alone", () => {
    expect(firstValue([10.05, ...others])).toMatchObject({ defined: true, class: "normal" });
    expect(firstValue([20, ...others])).toMatchObject({ defined: true, ratio: 2, class: "highSevere" });
    expect(firstValue([5, ...others])).toMatchObject({ class: "lowSevere" });
  });

  it("is not judged by fewer than eight others", () => {
    expect(firstValue([20, 1, 1])).toMatchObject({ defined: false });
  });
});

it("noise holds what can be said of few values", () => {
  expect(noiseOf([1, 3])).toMatchObject({
    coefficientOfVariation: Math.SQRT2 / 2,
    drift: { defined: false },
    first: { defined: false },
  });
  expect(noiseOf([1]).coefficientOfVariation).toBeUndefined();
});
