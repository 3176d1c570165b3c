/** What looks for copies: of real images, of generated ones by each other, and within classes. */
import { describe, expect, test } from "vitest";
import { BenchError } from "../../src/core/errors.ts";
import { rng } from "../../src/core/rng.ts";
import { metrics } from "../../src/metrics/index.ts";
import { nearDuplicateDistance, pointsWithin } from "../../src/metrics/neighbourhoods.ts";
import { features, MODES, mixture, take } from "./samples.ts";

const onLine = (...places: number[]) => ({ features: features(places.map((x) => [x])) });

describe("AuthPct", () => {
  test("by hand: the nearest real image decides, equally far is not authentic", () => {
    const real = onLine(0, 1, 10, 13); // to their nearest: 1, 1, 3, 3
    const authentic = (...places: number[]) => metrics.authpct.estimate(onLine(...places), real, {}).value;
    expect(authentic(0.5, 2, 2.1, 7.1)).toBe(25); // 0.5, 1 and 2.9 away: copies; 1.1 away from 1: not
    expect(authentic(5.5, -2)).toBe(100); // 4.5 from both 1 and 10, 2 from 0
    expect(authentic(3, 7)).toBe(50); // 2 from 1, which has 1; 3 from 10, which has 3
  });

  test("of two equally near real images the more remote one counts", () => {
    const real = onLine(-1, 1, 1.5, -9);
    expect(metrics.authpct.estimate(onLine(0, 0), real, {}).value).toBe(0); // 1 away; -1 has 2, 1 has 0.5
  });

  test("equal distributions in one dimension: a third, of rates 1 and 2; with half of them copies half of it", () => {
    const draw = (seed: number) => onLine(...rng(seed).fillNormal(new Float64Array(1000)));
    const [real, fresh] = [draw(1), draw(2)];
    const half = onLine(...real.features.data.slice(0, 500), ...fresh.features.data.slice(0, 500));
    const anchor = metrics.authpct.estimate(fresh, real, {}).value;
    expect(Math.abs(anchor - 100 / 3)).toBeLessThan(6);
    expect(Math.abs(metrics.authpct.estimate(half, real, {}).value - anchor / 2)).toBeLessThan(5);
  });
});

describe("memorisation", () => {
  const real = mixture(rng(1), 500);

  test("fresh images: about one in a hundred; with a tenth of them copied a tenth more", () => {
    const share = (copies: number) => {
      const fresh = mixture(rng(2), 500).features.data.slice(copies * 6);
      const data = Float64Array.from([...real.features.data.slice(0, copies * 6), ...fresh]);
      return metrics.memorisation.estimate({ features: { data, count: 500, width: 6 } }, real, {}).value;
    };
    expect(share(0)).toBeLessThan(0.03);
    expect(share(50)).toBeGreaterThanOrEqual(0.1);
    expect(share(50)).toBeLessThan(0.13);
  });

  test("the distance is the ceil(n / 100)-th smallest, and is itself not memorised", () => {
    const places = Array.from({ length: 150 }, (_, i) => 10 * i);
    places[1] = 1; // 0 and 1 are 1 apart, all others 9 or 10
    const set = onLine(...places);
    expect(nearDuplicateDistance(set.features)).toBe(1); // the second of 1, 1, 10, ...
    expect(metrics.memorisation.estimate(onLine(...places.map((x) => x - 1)), set, {}).details?.copied).toBe(
      1,
    );
  });

  test("real images that are copies of each other leave no distance to go by", () => {
    const doubled = take(
      real,
      Array.from({ length: 500 }, (_, i) => i % 400),
    );
    expect(() => metrics.memorisation.estimate(real, doubled, {})).toThrow("exact copies of each other");
  });
});

describe("support size", () => {
  const real = onLine(...Array.from({ length: 200 }, (_, i) => i * 1e-3));

  test("draws from N equally likely images: N, within its interval nineteen times in twenty", () => {
    const N = 300;
    const estimates = Array.from({ length: 60 }, (_, i) => {
      const stream = rng(i);
      const drawn = onLine(...Array.from({ length: 200 }, () => stream.integer(N)));
      return metrics.supportSize.estimate(drawn, real, {});
    });
    const sorted = estimates.map(({ value }) => value).sort((a, b) => a - b);
    expect(sorted[30]).toBeGreaterThan(0.85 * N);
    expect(sorted[30]).toBeLessThan(1.15 * N);
    const held = estimates.filter(({ interval }) => interval!.low <= N && N <= interval!.high);
    expect(held.length).toBeGreaterThanOrEqual(54);
  });

  test("one image repeated: 1; no pair at all: only a bound, which is given", () => {
    expect(metrics.supportSize.estimate(onLine(...Array<number>(100).fill(7)), real, {}).value).toBe(1);
    const apart = onLine(...Array.from({ length: 100 }, (_, i) => i));
    const undefinedHere = () => metrics.supportSize.estimate(apart, real, {});
    expect(undefinedHere).toThrow(BenchError);
    expect(undefinedHere).toThrow("at 95% confidence it is above 1652"); // 4950 / -ln 0.05
  });

  test("partners within a distance, the edge included", () => {
    expect([...pointsWithin(features([[0], [1], [2], [9]]), 1)]).toEqual([1, 2, 1, 0]);
  });
});

describe("within classes", () => {
  const real = mixture(rng(3), 400);
  const options = { modes: MODES };

  test("classes exchanged: FID sees nothing, FID within classes does", () => {
    const exchanged = { ...real, assignments: Array.from(real.assignments!, (mode) => mode ^ 1) };
    expect(metrics.fid.estimate(exchanged, real, options).value).toBeLessThan(1e-9);
    expect(metrics.classFid.estimate(exchanged, real, options).value).toBeGreaterThan(50);
  });

  test("images drawn towards their class's middle by a: diversity a^2, one class alone: its share of it", () => {
    const towards = (classes: readonly number[]) => {
      const centre = (mode: number, d: number) => {
        const rows = Array.from(real.assignments!, (m, i) => (m === mode ? i : -1)).filter((i) => i >= 0);
        return rows.reduce((sum, i) => sum + real.features.data[i * 6 + d]! / rows.length, 0);
      };
      const centres = Array.from({ length: MODES }, (_, m) =>
        Array.from({ length: 6 }, (_, d) => centre(m, d)),
      );
      const data = real.features.data.map((x, at) => {
        const mode = real.assignments![Math.floor(at / 6)]!;
        const middle = centres[mode]![at % 6]!;
        return classes.includes(mode) ? middle + 0.5 * (x - middle) : x;
      });
      return { ...real, features: { ...real.features, data } };
    };
    const of = (classes: readonly number[]) =>
      metrics.classDiversity.estimate(towards(classes), real, options);
    expect(of([0, 1, 2, 3, 4, 5, 6, 7]).value).toBeCloseTo(0.25, 10);
    expect(of([5]).value).toBeCloseTo(1 - 0.75 / MODES, 10);
    expect(of([5]).details).toMatchObject({ leastClass: 5, classes: MODES });
  });

  test("a class with too few images is named; a class without real ones is left out", () => {
    const rows = Array.from({ length: 400 }, (_, i) => i);
    const without = take(
      real,
      rows.filter((i) => real.assignments![i] !== 6),
    );
    expect(() => metrics.classFid.estimate(without, real, options)).toThrow(
      "class_fid needs at least 12 images of each class; there are 0 generated ones of class 6",
    );
    expect(metrics.classFid.estimate(real, without, options).details?.classes).toBe(MODES - 1);
  });
});
