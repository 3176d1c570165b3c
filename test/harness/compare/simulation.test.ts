import { describe, expect, it } from "vitest";
import { judgeLatest } from "../../../src/harness/compare/history/night.ts";
import { usual } from "../../../src/harness/compare/options.ts";
import { countOf } from "../../../src/harness/compare/result.ts";
import { historyOf, hosted, type MachineNoise, simulatedNight } from "./made.ts";

const request = {
  options: usual,
  select: { patterns: [] },
  allowMismatch: false,
  strict: false,
  notices: [],
};

const nights = (seed: number, count: number, noise: MachineNoise) =>
  Array.from({ length: count }, (_, n) => simulatedNight(seed, n, noise, { readings }));

const readings = 5;

describe("over 1,000 simulated nights on which nothing changed", () => {
  it("at most 5% raise any alarm, and at most 10% of readings are inconclusive", () => {
    const all = nights(1, 1025, hosted);
    const told = { regressed: 0, improved: 0, inconclusive: 0 };
    for (let n = 25; n < all.length; n++) {
      const result = judgeLatest(historyOf(all.slice(n - 25, n + 1)), request);
      if (countOf(result, "regressed") > 0) told.regressed++;
      if (countOf(result, "improved") > 0) told.improved++;
      told.inconclusive += countOf(result, "inconclusive") / result.rows.length;
    }
    expect((told.regressed + told.improved) / 1000).toBeLessThanOrEqual(0.05);
    expect(told.inconclusive / 1000).toBeLessThanOrEqual(0.1);
  });
});

describe("a planted slowdown of 10%", () => {
  /** Verdicts on the first slow night, one a reading, over `trials` histories of `before` nights. */
  function verdicts(trials: number, before: number, noise: MachineNoise) {
    const told = { regressed: 0, improved: 0, inconclusive: 0, unchanged: 0 };
    for (let trial = 0; trial < trials; trial++) {
      const slow = simulatedNight(100 + trial, before, noise, { slower: 1.1, readings });
      const { rows } = judgeLatest(historyOf([...nights(100 + trial, before, noise), slow]), request);
      for (const { verdict } of rows) told[verdict as keyof typeof told]++;
    }
    const total = Object.values(told).reduce((sum, n) => sum + n, 0);
    return Object.fromEntries(Object.entries(told).map(([name, n]) => [name, n / total])) as typeof told;
  }

  it("is caught in at least 95% of readings where 25 nights came before", () => {
    const told = verdicts(60, 25, hosted);
    expect(told.regressed).toBeGreaterThanOrEqual(0.95);
    expect(told.unchanged + told.improved).toBeLessThanOrEqual(0.01);
  });

  it("is called inconclusive, not unchanged, where the nights are few or too unlike", () => {
    const few = verdicts(60, 4, hosted);
    const wild = verdicts(60, 25, { ...hosted, night: 0.06, reading: 0.03 });
    for (const told of [few, wild]) expect(told.unchanged + told.improved).toBeLessThanOrEqual(0.05);
    expect(few.inconclusive).toBe(1);
  });
});
