import { describe, expect, test } from "vitest";
import { type Rng, rng } from "../../../src/core/rng.ts";
import * as s from "../../../src/core/statistics/index.ts";

/** Independent numbers: NumPy 2.4.6's quantile with method "median_unbiased", which is type 8; SciPy 1.17.1's t interval. */
describe("a quantile of few values", () => {
  const values = [3.1, 0.4, 2.2, 9.6, 4.7, 4.7, 1.3, 12.8, 0.05, 6.0, 7.7, 8.1, 2.9];

  test.each([
    [0.5, 4.7],
    [0.9, 10.666666666666668],
    [0.95, 12.8],
  ])("p %d of 13 values agrees with NumPy", (p, expected) => {
    expect(s.medianUnbiasedQuantile(values, p)).toBeCloseTo(expected, 12);
  });

  test("needs its rank among them: p90 7, p95 13, p99 67, and the lower tail as many", () => {
    expect([0.5, 0.9, 0.95, 0.99, 0.05].map(s.valuesForRank)).toEqual([1, 7, 13, 67, 13]);
    expect(() => s.medianUnbiasedQuantile(values.slice(1), 0.95)).toThrow("12 values do not hold");
  });

  test("is about median-unbiased in the tail, where type 7 lies low", () => {
    const stream = rng(3);
    const truth = -Math.log(0.05); // p95 of the exponential
    let [low8, low7] = [0, 0];
    for (let i = 0; i < 2000; i++) {
      const sample = Float64Array.from({ length: 20 }, () => -Math.log(1 - stream.uniform()));
      low8 += Number(s.medianUnbiasedQuantile(sample, 0.95) < truth);
      low7 += Number(s.quantile(sample, 0.95) < truth);
    }
    expect(Math.abs(low8 / 2000 - 0.5)).toBeLessThan(0.08);
    expect(low7 / 2000).toBeGreaterThan(0.6);
  });
});

describe("a percentile over processes", () => {
  test("is the geometric mean of the processes' own, with Student's interval of the logarithms", () => {
    const { value, interval } = s.groupQuantile([[1], [2], [4], [8], [32]], 0.5, 0.95);
    expect(value).toBeCloseTo(2 ** (11 / 5), 12);
    // SciPy: t.interval(0.95, 4, loc=mean, scale=sem) of ln 1, ln 2, ln 4, ln 8, ln 32
    expect(interval).toMatchObject({ defined: true, confidence: 0.95 });
    if (interval.defined) {
      expect(Math.log(interval.low)).toBeCloseTo(-0.1305808800617343, 10);
      expect(Math.log(interval.high)).toBeCloseTo(3.180428474525493, 10);
    }
  });

  test("of equal processes is their value to the last bit, with an interval of no width", () => {
    expect(s.groupQuantile([[100], [100], [100]], 0.5, 0.95)).toEqual({
      value: 100,
      interval: { defined: true, low: 100, high: 100, confidence: 0.95 },
    });
  });

  test("of one process has no interval", () => {
    expect(s.groupQuantile([[1, 2, 3]], 0.5, 0.95).interval.defined).toBe(false);
  });

  test("does not depend on the unit, nor on the order of processes or requests", () => {
    const groups = [[3, 1, 2], [5, 4], [2.5]];
    const one = s.groupQuantile(groups, 0.5, 0.95);
    const other = s.groupQuantile(
      groups.toReversed().map((group) => group.toReversed().map((x) => 1000 * x)),
      0.5,
      0.95,
    );
    expect(other.value / one.value).toBeCloseTo(1000, 9);
    if (one.interval.defined && other.interval.defined)
      expect(other.interval.high / one.interval.high).toBeCloseTo(1000, 9);
  });

  test("needs the requests together and in each process", () => {
    expect(s.valuesNeeded(0.95, 1, 0.95)).toEqual({ together: 59, each: 13 });
    expect(s.valuesNeeded(0.95, 5, 0.95)).toEqual({ together: 65, each: 13 });
    expect(s.valuesNeeded(0.99, 2, 0.95)).toEqual({ together: 299, each: 67 });
    expect(s.valuesNeeded(0.5, 5, 0.95)).toEqual({ together: 5, each: 1 });
  });
});

/**
 * Requests of processes that differ: a least time with a log-normal factor of each process, and above it a tail that
 * falls off as a power (Pareto, index 10). The truth is the percentile of a process without a factor, (1 - p)^(-1/10).
 */
describe("coverage with process effects", () => {
  const request = (stream: Rng) => (1 - stream.uniform()) ** -0.1;

  /** Shares of repetitions in which the interval over processes, and the pooled one, hold the truth. */
  function coverage(p: number, processes: number, requests: number, between: number, repetitions = 1000) {
    const truth = (1 - p) ** -0.1;
    const stream = rng(7).fold(`${p} ${processes} ${requests} ${between}`);
    let [overProcesses, pooled, below] = [0, 0, 0];
    for (let i = 0; i < repetitions; i++) {
      const groups = Array.from({ length: processes }, () => {
        const factor = Math.exp(between * stream.normal());
        return Array.from({ length: requests }, () => factor * request(stream));
      });
      const { interval } = s.groupQuantile(groups, p, 0.95);
      if (!interval.defined) throw new Error(interval.why);
      overProcesses += Number(interval.low <= truth && truth <= interval.high);
      below += Number(truth <= interval.high);
      const [low, high] = pooledInterval(groups.flat(), p);
      pooled += Number(low <= truth && truth <= high);
    }
    return {
      overProcesses: overProcesses / repetitions,
      pooled: pooled / repetitions,
      below: below / repetitions,
    };
  }

  /** Order statistics about 1.96 standard deviations from the quantile, as if requests were independent. */
  function pooledInterval(values: readonly number[], p: number): [number, number] {
    const sorted = values.toSorted((a, b) => a - b);
    const [n, half] = [sorted.length, 1.96 * Math.sqrt(sorted.length * p * (1 - p))];
    const at = (rank: number) => sorted[Math.min(n - 1, Math.max(0, Math.round(rank)))]!;
    return [at(n * p - half - 1), at(n * p + half)];
  }

  test.each([
    [0.5, 5, 20, 0.1],
    [0.5, 5, 20, 0.2],
    [0.5, 3, 20, 0.1],
    [0.95, 5, 20, 0.2],
    [0.95, 5, 100, 0.1],
    [0.99, 5, 100, 0.2],
  ])("of p %d, %d processes of %d requests, factors of %d: at least 90 percent, pooled not", (...given) => {
    const { overProcesses, pooled } = coverage(...given);
    expect(overProcesses).toBeGreaterThan(0.9);
    expect(pooled).toBeLessThan(0.85);
  });

  test("where processes are equal, too", () => {
    expect(coverage(0.5, 5, 20, 0).overProcesses).toBeGreaterThan(0.9);
  });

  test("with the fewest requests the upper bound of p95, which a budget rests on, holds", () => {
    expect(coverage(0.95, 5, 13, 0.1).below).toBeGreaterThan(0.95);
  });
});
