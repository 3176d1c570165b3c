/** FID without the bias of n, and KID with an error that needs no overlap. */
import { describe, expect, test } from "vitest";
import { rng } from "../../src/core/rng.ts";
import { mean, standardDeviation } from "../../src/core/statistics/index.ts";
import type { Features } from "../../src/metrics/contract.ts";
import { line } from "../../src/metrics/fid-infinity.ts";
import { metrics } from "../../src/metrics/index.ts";

const WIDTH = 6;
const SHIFT = 0.5;
const TRUE_FID = SHIFT ** 2 * WIDTH + WIDTH * 0.3 ** 2; // of N(0.5, 1.3^2) and N(0, 1) in each feature

const normal = (seed: number, count: number, scale = 1, shift = 0): Features => ({
  data: rng(seed)
    .fillNormal(new Float64Array(count * WIDTH))
    .map((x) => scale * x + shift),
  count,
  width: WIDTH,
});

const estimate = (
  name: "fid" | "fidInfinity" | "kid" | "kidBlocks",
  seed: number,
  n: number,
  same = false,
) => {
  const generated = same ? normal(2 * seed, n) : normal(2 * seed, n, 1.3, SHIFT);
  return metrics[name].estimate({ features: generated }, { features: normal(2 * seed + 1, n) }, {});
};

describe("FID infinity", () => {
  test("the line through four points, by hand", () => {
    expect(line([1, 2, 3, 4], [5, 7, 9, 11])).toEqual({ intercept: 3, slope: 2, standardError: 0 });
    // residuals 0.1, -0.3, 0.3, -0.1 leave 0.2 over two degrees of freedom: 0.1 (1/4 + 2.5^2 / 5)
    const { intercept, standardError } = line([1, 2, 3, 4], [5.1, 6.7, 9.3, 10.9]);
    expect(intercept).toBeCloseTo(3, 12);
    expect(standardError).toBeCloseTo(Math.sqrt(0.1 * 1.5), 12);
  });

  test("holds the true value in its interval at every n, where FID starts too high and comes down to it", () => {
    const repetitions = 40;
    const bias = [64, 128, 512].map((n) => {
      const runs = Array.from({ length: repetitions }, (_, i) => ({
        plain: estimate("fid", 1000 * n + i, n).value,
        infinite: estimate("fidInfinity", 1000 * n + i, n),
      }));
      const held = runs.filter(({ infinite: { interval } }) => {
        return interval!.low <= TRUE_FID && TRUE_FID <= interval!.high;
      });
      expect(held.length / repetitions).toBeGreaterThanOrEqual(0.85);
      const plain = mean(runs.map((run) => run.plain)) - TRUE_FID;
      const infinite = mean(runs.map((run) => run.infinite.value)) - TRUE_FID;
      expect(Math.abs(infinite)).toBeLessThan(0.5 * Math.max(plain, 0.05));
      return plain;
    });
    expect(bias[0]).toBeGreaterThan(3 * bias[2]!);
    expect(bias[1]).toBeGreaterThan(bias[2]!);
    expect(bias[2]).toBeGreaterThan(0);
  });

  test("equal distributions: 0 on average, and below it about half the time", () => {
    const values = Array.from({ length: 60 }, (_, i) => estimate("fidInfinity", i, 100, true).value);
    expect(Math.abs(mean(values))).toBeLessThan((4 * standardDeviation(values)!) / Math.sqrt(60) + 0.02);
    expect(values.filter((value) => value < 0).length).toBeGreaterThan(10);
  });
});

describe("KID over blocks", () => {
  test("the same expectation as KID, and its standard error is the spread over repetitions", () => {
    const runs = Array.from({ length: 120 }, (_, i) => ({
      whole: estimate("kid", i, 80).value,
      blocks: estimate("kidBlocks", i, 80),
    }));
    const values = runs.map(({ blocks }) => blocks.value);
    const difference = mean(values) - mean(runs.map(({ whole }) => whole));
    expect(Math.abs(difference)).toBeLessThan((4 * standardDeviation(values)!) / Math.sqrt(120));
    const claimed = mean(runs.map(({ blocks }) => Number(blocks.details?.standardError) ** 2));
    const ratio = Math.sqrt(claimed) / standardDeviation(values)!;
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.25);
  });
});
