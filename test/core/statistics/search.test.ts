import { describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import {
  bestFirst,
  bootstrapDifference,
  expectedBest,
  halvingRungs,
  mean,
  searchGain,
} from "../../../src/core/statistics/index.ts";

describe("successive halving", () => {
  it("keeps the best 1/eta of each rung, at eta times the budget, up to the whole one", () => {
    expect(halvingRungs(16, 4, 2, 20_000)).toEqual([
      { trials: 16, budget: 5000 },
      { trials: 4, budget: 20_000 },
    ]);
    expect(halvingRungs(27, 3, 4, 1000)).toEqual([
      { trials: 27, budget: 38 },
      { trials: 9, budget: 112 },
      { trials: 3, budget: 334 },
      { trials: 1, budget: 1000 },
    ]);
    expect(halvingRungs(5, 2, 1, 7)).toEqual([{ trials: 5, budget: 7 }]);
    expect(() => halvingRungs(3, 2, 3, 7)).toThrow("cannot be divided");
  });

  it("spends about the same on every rung", () => {
    const spent = halvingRungs(64, 4, 3, 64_000).map(({ trials, budget }) => trials * budget);
    expect(spent).toEqual([256_000, 256_000, 256_000]);
  });
});

describe("trials", () => {
  const trials = [
    { trial: 0, value: 3 },
    { trial: 1 },
    { trial: 2, value: 1 },
    { trial: 3, value: 3 },
    { trial: 4 },
  ];

  it("are ranked by value, ties by number, those without a value last", () => {
    const order = (better: "lower" | "higher") => bestFirst(trials, better).map(({ trial }) => trial);
    expect(order("lower")).toEqual([2, 0, 3, 1, 4]);
    expect(order("higher")).toEqual([0, 3, 2, 1, 4]);
  });
});

/** All subsets of k of the values. */
function subsets(values: readonly number[], k: number): number[][] {
  if (k === 0) return [[]];
  return values.flatMap((value, i) => subsets(values.slice(i + 1), k - 1).map((rest) => [value, ...rest]));
}

describe("the expected best of k values", () => {
  const values = [5, 0.25, 7, 2, 2, 11, 3.5];

  it("is the mean of the smallest over all subsets, one by one", () => {
    const counted = values.map((_, i) => mean(subsets(values, i + 1).map((drawn) => Math.min(...drawn))));
    const found = expectedBest(values);
    for (const [i, value] of counted.entries()) expect(found[i]).toBeCloseTo(value, 12);
    expect(found[0]).toBeCloseTo(mean(values), 12);
    expect(found.at(-1)).toBeCloseTo(0.25, 12);
  });

  it("estimates the expectation without bias: exponential values, whose smallest of k has mean 1/k", () => {
    const stream = rng(7).fold("exponential");
    const curves = Array.from({ length: 4000 }, (_, i) => {
      const draws = stream.fold(i);
      return expectedBest(Array.from({ length: 6 }, () => -Math.log(1 - draws.uniform())));
    });
    for (const k of [1, 3, 6]) {
      const found = mean(curves.map((curve) => curve[k - 1]!));
      expect(Math.abs(found - 1 / k)).toBeLessThan(4 / k / Math.sqrt(4000));
    }
  });
});

describe("the gain of a search", () => {
  it("is none where all settings are alike, and grows with their spread", () => {
    expect(searchGain([2, 2, 2, 2])).toBeCloseTo(0, 12);
    const spread = [-3, -1, 0, 1, 2, 4];
    expect(searchGain(spread.map((x) => 3 * x + 5))).toBeCloseTo(3 * searchGain(spread), 10);
  });

  it("differs by an interval that holds 0 for equal distributions in about as many searches as it says", () => {
    const stream = rng(11).fold("searches");
    const sample = (i: number, side: string, scale: number) => {
      const draws = stream.fold(i).fold(side);
      return Array.from({ length: 15 }, () => scale * draws.normal());
    };
    const share = (scale: number) =>
      mean(
        Array.from({ length: 100 }, (_, i) => {
          const request = { confidence: 0.95, stream: stream.fold(i), resamples: 200 };
          const difference = bootstrapDifference(
            sample(i, "a", 1),
            sample(i, "b", scale),
            searchGain,
            request,
          );
          return Number(difference.low > 0 || difference.high < 0);
        }),
      );
    expect(share(1)).toBeLessThan(0.12); // 5% and three standard errors
    expect(share(4)).toBeGreaterThan(0.8);
  });
});
