import { describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import { findSteps } from "../../../src/core/statistics/index.ts";

const options = { alpha: 0.01, shuffles: 999 };
const steps = (values: readonly number[], seed = 1) => findSteps(values, rng(seed), options);

/** Levels with how many values each, and normal noise. */
function series(levels: readonly (readonly [number, number])[], noise: number, seed: number): number[] {
  const stream = rng(seed).fold("series");
  return levels.flatMap(([level, count]) =>
    Array.from({ length: count }, () => level + noise * stream.normal()),
  );
}

/** Least squared error of every partition into stretches of at least 3, by trying all of them. */
function bestByExhaustion(values: readonly number[], penalty: number): number[] {
  let best: { cost: number; starts: number[] } = { cost: Number.POSITIVE_INFINITY, starts: [] };
  const error = (part: readonly number[]) => {
    const mean = part.reduce((sum, x) => sum + x, 0) / part.length;
    return part.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  };
  const visit = (from: number, starts: number[], cost: number) => {
    const whole = cost + error(values.slice(from));
    if (values.length - from >= 3 && whole < best.cost) best = { cost: whole, starts };
    for (let to = from + 3; to <= values.length - 3; to++)
      visit(to, [...starts, to], cost + error(values.slice(from, to)) + penalty);
  };
  visit(0, [], 0);
  return best.starts;
}

describe("steps", () => {
  it("are where the series was built to have them", () => {
    const found = steps(
      series(
        [
          [100, 40],
          [110, 25],
          [95, 35],
        ],
        1.5,
        3,
      ),
    );
    expect(found.map(({ index }) => index)).toEqual([40, 65]);
    expect(found[0]!.before).toBeCloseTo(100, 0);
    expect(found[0]!.after).toBeCloseTo(110, 0);
    expect(found[1]!.after).toBeCloseTo(95, 0);
    for (const { p } of found) expect(p).toBeLessThanOrEqual(0.01);
  });

  it("are those of the best of all partitions, where a search through all of them is possible", () => {
    for (let seed = 0; seed < 25; seed++) {
      const values = series(
        [
          [0, 6],
          [4, 5],
          [-4, 6],
        ],
        0.7,
        seed,
      );
      const noise = 0.7;
      const found = findSteps(values, rng(0), { alpha: 1, shuffles: 1 }).map(({ index }) => index);
      // both criteria agree on clear steps whatever the exact penalty
      expect(found).toEqual(bestByExhaustion(values, 3 * noise ** 2 * Math.log(values.length)));
    }
  });

  it("do not move when all values are shifted or scaled, and mirror when time runs backwards", () => {
    const values = series(
      [
        [10, 30],
        [13, 30],
      ],
      0.8,
      9,
    );
    const at = steps(values).map(({ index }) => index);
    expect(at).toHaveLength(1);
    expect(steps(values.map((x) => 1e6 + 50 * x)).map(({ index }) => index)).toEqual(at);
    expect(steps([...values].reverse()).map(({ index }) => index)).toEqual(at.map((i) => 60 - i));
  });

  it("are found in at most 3% of 300 series without one, wild nights among them", () => {
    let alarms = 0;
    for (let seed = 0; seed < 300; seed++) {
      const values = series([[100, 60]], 2, 100 + seed);
      values[17] = 130;
      values[44] = 85;
      if (steps(values, seed).length > 0) alarms++;
    }
    expect(alarms / 300).toBeLessThanOrEqual(0.03);
  });

  it("of three deviations are found in at least 95% of 120 series, to within one night", () => {
    let found = 0;
    for (let seed = 0; seed < 120; seed++) {
      const at = steps(
        series(
          [
            [100, 40],
            [106, 20],
          ],
          2,
          500 + seed,
        ),
        seed,
      );
      if (at.length === 1 && Math.abs(at[0]!.index - 40) <= 1) found++;
    }
    expect(found / 120).toBeGreaterThanOrEqual(0.95);
  });

  it("of numbers that repeat exactly are every departure, the last one too", () => {
    const constant = Array.from({ length: 10 }, () => 1.25);
    expect(steps(constant)).toEqual([]);
    expect(steps([...constant, 1.5])).toEqual([{ index: 10, before: 1.25, after: 1.5 }]);
    expect(steps([...constant, 1.5, 1.5, ...constant]).map(({ index }) => index)).toEqual([10, 12]);
  });

  it("need values: of fewer than three nothing is said", () => {
    expect(steps([])).toEqual([]);
    expect(steps([1])).toEqual([]);
    expect(steps([1, 2])).toEqual([]);
  });
});
