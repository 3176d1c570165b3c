import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import * as s from "../../../src/core/statistics/index.ts";

/**
 * Independent numbers: Python 3.11. NumPy 1.24: mean, var(ddof=1), quantile (its default is type 7), roots of Wilson's
 * quadratic. Standard library: NormalDist.inv_cdf, erfc, log(comb(n, k)), and for the order statistics the binomial
 * sums in exact fractions.
 */
const values = [3.1, 0.4, 2.2, 9.6, 4.7, 4.7, -1.3, 12.8, 0.05, 6.0, 7.7];

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });

describe("moments", () => {
  test("agree with NumPy", () => {
    expect(s.mean(values)).toBeCloseTo(4.540909090909091, 12);
    expect(s.variance(values)).toBeCloseTo(18.495409090909092, 12);
    expect(s.standardDeviation(values)).toBeCloseTo(4.300628918066414, 12);
    expect(s.coefficientOfVariation(values)).toBeCloseTo(0.947085447422033, 12);
  });

  test("a large offset costs the variance no digits", () => {
    expect(s.variance([4, 7, 13, 16].map((x) => x + 1e9))).toBe(30);
  });

  test("one value has no spread, and a mean of 0 no coefficient of variation", () => {
    expect(s.variance([3])).toBeUndefined();
    expect(s.standardDeviation([3])).toBeUndefined();
    expect(s.coefficientOfVariation([3])).toBeUndefined();
    expect(s.coefficientOfVariation([-1, 1])).toBeUndefined();
  });

  test("no values and values that are not finite are refused", () => {
    expect(() => s.mean([])).toThrow("mean of no values");
    expect(() => s.variance([1, Number.NaN])).toThrow("value 1 is NaN");
    expect(() => s.spikeScore([Number.POSITIVE_INFINITY])).toThrow("value 0 is Infinity");
  });
});

describe("span", () => {
  test("is the mean between the lowest and the highest of the values, in any order", () => {
    expect(s.spanOf([3, 1, 8])).toEqual({ value: 4, low: 1, high: 8, n: 3 });
    expect(s.spanOf([5])).toEqual({ value: 5, low: 5, high: 5, n: 1 });
    expect(() => s.spanOf([])).toThrow("no values");
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1, maxLength: 20 }), (sample) => {
        const { value, low, high } = s.spanOf(sample);
        const slack = 1e-9 * (1 + Math.abs(value));
        expect(low).toBeLessThanOrEqual(value + slack);
        expect(high).toBeGreaterThanOrEqual(value - slack);
        expect(s.spanOf(sample.toReversed())).toMatchObject({ low, high });
      }),
    );
  });
});

describe("quantile", () => {
  test.each([
    [0, -1.3],
    [0.1, 0.05],
    [0.25, 1.3],
    [0.5, 4.7],
    [0.9, 9.6],
    [0.95, 11.2],
    [1, 12.8],
  ])("p %d agrees with NumPy's type 7", (p, expected) => {
    expect(s.quantile(values, p)).toBeCloseTo(expected, 12);
  });

  test("rises with p, ignores order, leaves its input alone, and commutes with increasing linear maps", () => {
    fc.assert(
      fc.property(
        fc.array(finite, { minLength: 1, maxLength: 30 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (x, p) => {
          const before = [...x];
          const q = s.quantile(x, p);
          expect(x).toEqual(before);
          expect(s.quantile([...x].reverse(), p)).toBe(q);
          expect(s.quantile(x, p / 2)).toBeLessThanOrEqual(q + 1e-9);
          const mapped = s.quantile(
            x.map((value) => 2 * value + 1),
            p,
          );
          expect(mapped).toBeCloseTo(2 * q + 1, 6);
        },
      ),
    );
    expect(s.median([5, 1, 2, 10])).toBe(3.5);
  });
});

describe("binomial and normal", () => {
  test.each([
    [5, 2, Math.log(10)],
    [20, 10, 12.126791314602455],
    [100, 3, 11.993498045565198],
    [1000, 500, 689.4672615678512],
    [662, 1, 6.495265555937008],
  ])("ln of %d over %d", (n, k, expected) => {
    expect(Math.abs(s.logBinomial(n, k) / expected - 1)).toBeLessThan(1e-13);
  });

  test("Pascal's rule, and probabilities that sum to 1", () => {
    for (let n = 2; n < 60; n++) {
      for (let k = 1; k < n; k++) {
        const pascal = Math.exp(s.logBinomial(n - 1, k - 1)) + Math.exp(s.logBinomial(n - 1, k));
        expect(Math.abs(Math.exp(s.logBinomial(n, k)) / pascal - 1)).toBeLessThan(1e-12);
      }
      const all = Array.from({ length: n + 1 }, (_, k) => s.binomialProbability(k, n, 0.3));
      expect(all.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    }
  });

  test.each([
    [-8, 6.220960574271819e-16],
    [-3, 0.0013498980316300957],
    [-1.5, 0.06680720126885809],
    [0.7, 0.758036347776927],
    [2.5, 0.9937903346742238],
    [6, 0.9999999990134123],
  ])("P(Z <= %d)", (x, expected) => {
    expect(Math.abs(s.normalCdf(x) / expected - 1)).toBeLessThan(1e-12);
  });

  test.each([
    [1e-12, -7.034483825301132],
    [1e-6, -4.753424308822899],
    [0.025, -1.9599639845400538],
    [0.3, -0.5244005127080407],
    [0.5, 0],
    [0.9, 1.2815515655446008],
    [0.995, 2.5758293035489],
  ])("normal quantile of %d", (p, expected) => {
    expect(s.normalQuantile(p)).toBeCloseTo(expected, 9);
  });

  test("quantile and distribution undo each other, deep tail included", () => {
    for (const p of [1e-300, 1e-50, 1e-8, 0.01, 0.2, 0.49, 0.51, 0.999])
      expect(Math.abs(s.normalCdf(s.normalQuantile(p)) / p - 1)).toBeLessThan(1e-11);
  });
});

describe("values that a quantile needs", () => {
  test.each([
    [0.9, 0.95, 29],
    [0.95, 0.95, 59],
    [0.99, 0.95, 299],
    [0.9, 0.99, 44],
    [0.95, 0.99, 90],
    [0.99, 0.99, 459],
  ])("p %d with an upper bound at %d: %d", (p, confidence, needed) => {
    expect(s.samplesForQuantile(p, confidence)).toBe(needed);
  });
});

describe("Wilson interval", () => {
  test.each([
    [0, 3, 0.95, 0, 0.5614970317550454],
    [3, 3, 0.95, 0.43850296824495466, 1],
    [7, 20, 0.95, 0.18119182410108203, 0.5671457233147638],
    [50, 1000, 0.99, 0.03502507572253247, 0.07090697269053367],
  ])("%d of %d at %d", (k, n, confidence, low, high) => {
    const interval = s.wilsonInterval(k, n, confidence);
    expect(interval.low).toBeCloseTo(low, 9);
    expect(interval.high).toBeCloseTo(high, 9);
  });

  test("holds the share, stays in [0, 1], and mirrors successes and failures", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(500), (n, raw) => {
        const k = raw % (n + 1);
        const { low, high } = s.wilsonInterval(k, n);
        const mirror = s.wilsonInterval(n - k, n);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(k / n);
        expect(high).toBeGreaterThanOrEqual(k / n);
        expect(1 - mirror.high).toBeCloseTo(low, 12);
      }),
    );
  });
});

describe("outliers", () => {
  test("Tukey's fences on known quartiles: all are classified, none is dropped", () => {
    const sample = [0, 1, 2, 2, 2, 3, 4, 5, 6, 6, 6, 7, 8, 12, 14.1, 14, -4, -6, -6.1];
    expect([s.quantile(sample, 0.25), s.quantile(sample, 0.75)]).toEqual([1.5, 6.5]);
    // mild beyond 1.5 - 7.5 = -6 and 6.5 + 7.5 = 14, the fences themselves inside
    const classes = sample.map((value) => s.outlierClass(value, sample));
    expect(classes.at(-1)).toBe("lowMild");
    expect(classes[14]).toBe("highMild");
    expect(classes.filter((name) => name === "normal")).toHaveLength(17);
  });

  test("severe ones, both sides, in the order of the values", () => {
    const sample = [100, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, -100];
    const classes = sample.map((value) => s.outlierClass(value, sample));
    expect(classes[0]).toBe("highSevere");
    expect(classes[12]).toBe("lowSevere");
    expect(classes.filter((name) => name === "normal")).toHaveLength(11);
  });

  test("a constant series has none", () => {
    expect(s.outlierClass(2, [2, 2, 2])).toBe("normal");
  });
});

describe("spike score", () => {
  const noise = (n: number) => Array.from(rng(3).fillNormal(new Float64Array(n)));

  test("below 128 values it is undefined and says so", () => {
    expect(s.spikeScore(noise(127))).toEqual({
      defined: false,
      why: "a spike score needs 128 values, not 127",
    });
    expect(s.spikeScore(noise(128))).toEqual({ defined: true, score: 0, spikes: 0, scored: 96 });
  });

  test("planted spikes are counted, up and down; those too early to be scored are not", () => {
    const series = noise(2032);
    for (const at of [5, 500, 900, 1500]) series[at] = at % 1000 === 900 ? -60 : 60;
    expect(s.spikeScore(series)).toEqual({ defined: true, score: 3 / 2000, spikes: 3, scored: 2000 });
  });

  test("shift and scale change nothing", () => {
    const series = noise(400).map((x, i) => (i % 90 === 60 ? 40 * x : x));
    const { score } = s.spikeScore(series) as { score: number };
    expect(score).toBeGreaterThan(0);
    expect(s.spikeScore(series.map((x) => 1e-3 * x + 5))).toMatchObject({ score });
  });

  test("the value is left out of its window: the threshold is 7 sd of those before it", () => {
    const window = Array.from({ length: 128 }, (_, i) => (i % 2 ? 1 : -1)); // mean 0, sd sqrt(128/127)
    const at = 7 * Math.sqrt(128 / 127);
    expect(s.spikeScore([...window, at + 1e-9])).toMatchObject({ spikes: 1 });
    expect(s.spikeScore([...window, at - 1e-9])).toMatchObject({ spikes: 0 });
  });

  test("only the 1,000 before it count: an old level is forgotten", () => {
    const old = Array.from({ length: 100 }, (_, i) => (i % 2 ? 1e30 : -1e30));
    const series = [...old, ...noise(1100), 20];
    expect(s.spikeScore(series)).toMatchObject({ spikes: 1 });
  });

  test("a constant series has none, and a step in it is one", () => {
    const flat = Array.from({ length: 200 }, () => 0.1);
    expect(s.spikeScore(flat)).toMatchObject({ spikes: 0 });
    expect(s.spikeScore([...flat, 0.2])).toMatchObject({ spikes: 1 });
  });
});
