import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import {
  hodgesLehmann,
  holm,
  leastPairedP,
  logBinomial,
  mannWhitney,
  pairedPower,
  permutationTest,
  robustDeviation,
  signFlipTest,
  studentCdf,
  studentQuantile,
  twoSamplePower,
} from "../../../src/core/statistics/index.ts";

interface Golden {
  two_sample: {
    name: string;
    a: number[];
    b: number[];
    u: number;
    exact?: number;
    exactWithTies?: number;
    normal: number;
    permutation?: number;
    signflip?: number;
  }[];
  student: { p: number; df: number; t: number }[];
  student_cdf: { t: number; df: number; p: number }[];
}
const golden: Golden = JSON.parse(readFileSync("test/golden/two_sample_tests.json", "utf8"));

const values = (min = 1, max = 7) =>
  fc.array(fc.integer({ min: -20, max: 20 }), { minLength: min, maxLength: max });

describe("against SciPy", () => {
  it.each(golden.two_sample)("two samples: $name", ({ a, b, ...expected }) => {
    const { u, p, method } = mannWhitney(a, b);
    expect(u).toBe(expected.u);
    const exact = expected.exactWithTies ?? expected.exact;
    if (method === "exact") expect(p).toBeCloseTo(exact!, 10);
    else expect(p).toBeCloseTo(expected.normal, 10);
    if (expected.permutation !== undefined)
      expect(permutationTest(a, b)).toBeCloseTo(expected.permutation, 10);
    if (expected.signflip !== undefined)
      expect(signFlipTest(b.map((y, i) => y - a[i]!))).toBeCloseTo(expected.signflip, 10);
  });

  it.each(golden.student)("t quantile at $p, $df degrees of freedom", ({ p, df, t }) => {
    expect(studentQuantile(p, df) / t).toBeCloseTo(1, 9);
    expect(studentQuantile(1 - p, df)).toBeCloseTo(-studentQuantile(p, df), 6);
  });

  it.each(golden.student_cdf)("P(T <= $t), $df degrees of freedom", ({ t, df, p }) => {
    expect(studentCdf(t, df) / p).toBeCloseTo(1, 10);
  });

  it("the normal approximation is SciPy's where the exact distribution is too large", () => {
    const stream = rng(3);
    const [a, b] = [0.2, 0].map((shift) => Array.from({ length: 220 }, () => stream.normal() + shift));
    const { p, method, u } = mannWhitney(a!, b!);
    expect(method).toBe("normal");
    const z = (Math.abs(u - 220 ** 2 / 2) - 0.5) / Math.sqrt((220 ** 2 * 441) / 12);
    expect(p).toBeCloseTo(2 * (1 - studentCdf(z, 1e9)), 5);
  });
});

describe("laws of the tests", () => {
  it("p is the same with the samples exchanged, mirrored or shifted", () => {
    fc.assert(
      fc.property(values(), values(), fc.integer({ min: -9, max: 9 }), (a, b, shift) => {
        for (const test of [permutationTest, (x: number[], y: number[]) => mannWhitney(x, y).p]) {
          const p = test(a, b);
          expect(p).toBeGreaterThan(0);
          expect(p).toBeLessThanOrEqual(1);
          expect(test(b, a)).toBeCloseTo(p, 12);
          expect(test(a.map((x) => -x), b.map((x) => -x))).toBeCloseTo(p, 12); // biome-ignore format: a pair
          expect(test(a.map((x) => x + shift), b.map((x) => x + shift))).toBeCloseTo(p, 12); // biome-ignore format: a pair
        }
      }),
    );
  });

  it.each([
    [3, 3, 0.1],
    [4, 4, 2 / 70],
    [5, 5, 2 / 252],
    [2, 5, 2 / 21],
  ])("%i against %i, all separate, have the least p there is: %f", (n, m, p) => {
    const a = Array.from({ length: n }, (_, i) => i * 1.1);
    const b = Array.from({ length: m }, (_, i) => 100 + i * 1.3);
    expect(2 / Math.exp(logBinomial(n + m, n))).toBeCloseTo(p, 12);
    expect(mannWhitney(a, b).p).toBeCloseTo(p, 12);
    // as many relabellings of unequal sizes are as extreme at the one end only
    expect(permutationTest(a, b)).toBeCloseTo(n === m ? p : p / 2, 12);
  });

  it("two against two: of six orders, 1, 1, 2, 1, 1 have U of 0 to 4", () => {
    const p = (a: number[], b: number[]) => mannWhitney(a, b).p;
    expect([p([1, 2], [3, 4]), p([1, 3], [2, 4]), p([1, 4], [2, 3])]).toEqual([2 / 6, 4 / 6, 1]);
  });

  it("equal samples show nothing", () => {
    expect(permutationTest([2, 2, 2], [2, 2])).toBe(1);
    expect(mannWhitney([2, 2, 2], [2, 2]).p).toBe(1);
    expect(signFlipTest([0, 0, 0])).toBe(1);
    expect(signFlipTest([1, 1, 1, 1, 1, 1])).toBe(leastPairedP(6));
  });

  it("reject a true null hypothesis at most as often as they say, in 2,000 simulated pairs", () => {
    const stream = rng(11);
    const draw = (n: number) => Array.from({ length: n }, () => stream.normal());
    const rejected = { permutation: 0, rank: 0, signs: 0 };
    for (let i = 0; i < 2000; i++) {
      const [a, b] = [draw(5), draw(5)];
      if (permutationTest(a, b) <= 0.05) rejected.permutation++;
      if (mannWhitney(a, b).p <= 0.05) rejected.rank++;
      if (signFlipTest(draw(7)) <= 0.05) rejected.signs++;
    }
    // exact levels: 12/252, 8/252, 6/128; three standard errors above
    expect(rejected.permutation / 2000).toBeLessThan(0.048 + 3 * 0.0048);
    expect(rejected.rank / 2000).toBeLessThan(0.032 + 3 * 0.004);
    expect(rejected.signs / 2000).toBeLessThan(0.047 + 3 * 0.0048);
    expect(rejected.permutation / 2000).toBeGreaterThan(0.03);
  });
});

describe("the shift", () => {
  it("of Hollander & Wolfe's example 4.2 (permeability of membranes) is their statistic, p and estimate", () => {
    const term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
    const early = [1.15, 0.88, 0.9, 0.74, 1.21];
    expect(mannWhitney(term, early).u).toBe(35);
    expect(mannWhitney(term, early).p).toBeCloseTo(0.2544, 4);
    expect(hodgesLehmann(early, term).shift).toBeCloseTo(0.305, 10);
  });

  it("moves with the values, and its interval excludes 0 just where the test rejects", () => {
    const stream = rng(5);
    for (let i = 0; i < 300; i++) {
      const a = Array.from({ length: 4 + (i % 3) }, () => stream.normal());
      const b = Array.from({ length: 5 }, () => stream.normal() + (i % 4));
      const { shift, interval } = hodgesLehmann(a, b, 0.95);
      expect(interval.defined).toBe(true);
      if (!interval.defined) continue;
      expect(interval.confidence).toBeGreaterThanOrEqual(0.95);
      const excludes = interval.low > 0 || interval.high < 0;
      expect(excludes).toBe(mannWhitney(a, b).p <= 0.05 + 1e-12);
      const moved = hodgesLehmann(
        a,
        b.map((x) => x + 10),
        0.95,
      );
      expect(moved.shift).toBeCloseTo(shift + 10, 10);
      expect(moved.interval.defined && moved.interval.low).toBeCloseTo(interval.low + 10, 10);
    }
  });

  it("covers the true shift as often as it says, in 1,000 simulated pairs", () => {
    const stream = rng(8);
    let covered = 0;
    for (let i = 0; i < 1000; i++) {
      const a = Array.from({ length: 6 }, () => stream.normal());
      const b = Array.from({ length: 6 }, () => stream.normal() + 2);
      const { interval } = hodgesLehmann(a, b, 0.95);
      if (interval.defined && interval.low <= 2 && interval.high >= 2) covered++;
    }
    expect(covered / 1000).toBeGreaterThan(0.95 - 3 * 0.0069);
    expect(covered / 1000).toBeLessThan(0.985);
  });

  it("has no 95% interval from three against three", () => {
    const { interval } = hodgesLehmann([1, 2, 3], [4, 5, 6]);
    expect(interval).toEqual({ defined: false, why: "3 against 3 values carry no interval at 95%" });
  });
});

describe("Holm", () => {
  it("of his own example rejects the two smallest of 0.01, 0.04, 0.03, 0.005 at 5%", () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual(
      [0.03, 0.06, 0.06, 0.02].map((p) => expect.closeTo(p, 12)),
    );
  });

  it("lies between the p itself and Bonferroni's, keeps the order, and ignores how they are listed", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }),
        (ps) => {
          const adjusted = holm(ps);
          ps.forEach((p, i) => {
            expect(adjusted[i]).toBeGreaterThanOrEqual(p);
            expect(adjusted[i]).toBeLessThanOrEqual(Math.min(1, p * ps.length) + 1e-12);
            ps.forEach((q, j) => {
              if (p < q) expect(adjusted[i]!).toBeLessThanOrEqual(adjusted[j]!);
            });
          });
          expect(holm([...ps].reverse())).toEqual([...adjusted].reverse());
        },
      ),
    );
  });
});

describe("robust deviation", () => {
  it.each([2, 3, 5, 10, 25])("estimates the deviation of %i normal values without bias", (n) => {
    const stream = rng(2).fold(n);
    let sum = 0;
    for (let i = 0; i < 4000; i++) sum += robustDeviation(Array.from({ length: n }, () => stream.normal()))!;
    expect(sum / 4000).toBeGreaterThan(0.95);
    expect(sum / 4000).toBeLessThan(1.05);
  });

  it("hardly moves when two of ten values are wild, scales, and is 0 for a constant", () => {
    const calm = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    const wild = [1, 2, 3, 4, 5, 6, 7, 8, 900, 1e9];
    expect(robustDeviation(wild)! / robustDeviation(calm)!).toBeLessThan(1.6);
    expect(robustDeviation(calm.map((x) => -3 * x + 5))).toBeCloseTo(3 * robustDeviation(calm)!, 10);
    expect(robustDeviation([4, 4, 4])).toBe(0);
    expect(robustDeviation([4])).toBeUndefined();
  });
});

describe("power", () => {
  it.each([
    [5, 5, 2, 0.05],
    [7, 7, 2, 0.01],
    [8, 8, 1.5, 0.05],
    [5, 40, 2, 0.01],
    [5, 40, 1.5, 0.001],
  ])(
    "of %i against %i values at an effect of %f deviations and level %f is what a simulation finds",
    (n, m, effect, alpha) => {
      const stream = rng(4).fold(n).fold(m);
      let found = 0;
      for (let i = 0; i < 1500; i++) {
        const a = Array.from({ length: n }, () => stream.normal() + effect);
        const b = Array.from({ length: m }, () => stream.normal());
        if (mannWhitney(a, b).p <= alpha) found++;
      }
      expect(Math.abs(twoSamplePower(n, m, { effect, deviation: 1, alpha }) - found / 1500)).toBeLessThan(
        0.12,
      );
    },
  );

  it("of nine pairs is what a simulation finds", () => {
    const stream = rng(14);
    let found = 0;
    for (let i = 0; i < 800; i++)
      if (signFlipTest(Array.from({ length: 9 }, () => stream.normal() + 1.2)) <= 0.05) found++;
    expect(Math.abs(pairedPower(9, { effect: 1.2, deviation: 1, alpha: 0.05 }) - found / 800)).toBeLessThan(
      0.06,
    );
  });

  it("is nothing where so few values cannot reach the level, and all where nothing varies", () => {
    expect(twoSamplePower(3, 3, { effect: 100, deviation: 1, alpha: 0.05 })).toBe(0);
    expect(twoSamplePower(4, 4, { effect: 1, deviation: 0, alpha: 0.05 })).toBe(1);
    expect(pairedPower(5, { effect: 100, deviation: 1, alpha: 0.05 })).toBe(0);
  });
});
