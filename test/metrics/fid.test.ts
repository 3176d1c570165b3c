import { describe, expect, test } from "vitest";
import { rng } from "../../src/core/rng.ts";
import { mean, standardDeviation, variance } from "../../src/core/statistics/index.ts";
import type { Features } from "../../src/metrics/contract.ts";
import { fid } from "../../src/metrics/fid.ts";
import { features } from "./samples.ts";

const estimate = (generated: Features, real: Features) =>
  fid.estimate({ features: generated }, { features: real }, {});
const value = (generated: Features, real: Features) => estimate(generated, real).value;

const normal = (seed: number, count: number, width: number): Features => ({
  data: rng(seed).fillNormal(new Float64Array(count * width)),
  count,
  width,
});

const mapped = (f: Features, map: (x: number, column: number) => number): Features => ({
  ...f,
  data: f.data.map((x, at) => map(x, at % f.width)),
});

describe("FID", () => {
  test("by hand in one dimension: means 1 and 3, variances 2 and 8", () => {
    const { value: distance, details } = estimate(features([[1], [5]]), features([[0], [2]]));
    expect(distance).toBeCloseTo(4 + (Math.sqrt(8) - Math.sqrt(2)) ** 2, 13);
    expect(details).toMatchObject({ meanTerm: 4, generated: 2, real: 2, width: 1 });
  });

  test.each([
    [200, 12],
    [8, 12],
  ])(
    "of %d rows of %d: a shift by c is |c|^2, a scaling by a is (a - 1)^2 (tr S + |mu|^2)",
    (count, width) => {
      const real = normal(count, count, width);
      const shift = (column: number) => 0.1 * (column + 1);
      const length = Array.from({ length: width }, (_, column) => shift(column) ** 2).reduce((a, b) => a + b);
      expect(
        value(
          mapped(real, (x, column) => x + shift(column)),
          real,
        ),
      ).toBeCloseTo(length, 7);
      const means = Array.from({ length: width }, (_, d) => {
        let sum = 0;
        for (let i = 0; i < count; i++) sum += real.data[i * width + d]! / count;
        return sum;
      });
      const squares = real.data.reduce((sum, x, at) => sum + (x - means[at % width]!) ** 2 / (count - 1), 0);
      const expected = 0.25 * (squares + means.reduce((sum, m) => sum + m * m, 0));
      expect(
        value(
          mapped(real, (x) => 1.5 * x),
          real,
        ),
      ).toBeCloseTo(expected, 7);
    },
  );

  test("features in another order, or turned, change nothing", () => {
    const [generated, real] = [mapped(normal(1, 60, 4), (x, c) => x * (c + 1)), normal(2, 70, 4)];
    const turned = (f: Features): Features => {
      const data = new Float64Array(f.data.length);
      const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
      for (let i = 0; i < f.count; i++) {
        const [x, y, z, w] = f.data.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
        data.set([w, c * x - s * y, z, s * x + c * y], 4 * i);
      }
      return { ...f, data };
    };
    expect(value(turned(generated), turned(real))).toBeCloseTo(value(generated, real), 11);
  });

  test("two equal distributions: too high by an amount that falls with n", () => {
    const bias = (n: number) => value(normal(n, n, 8), normal(n + 1, n, 8));
    expect(bias(50)).toBeGreaterThan(3 * bias(400));
    expect(bias(400)).toBeGreaterThan(0);
  });

  test("the standard error in one dimension, by the derivative of (m - m')^2 + (s - s')^2", () => {
    const [generated, real] = [mapped(normal(11, 40, 1), (x) => 3 * x + 1), normal(12, 50, 1)];
    const sampleOf = ({ data }: Features) => ({ data, centre: mean(data), sd: standardDeviation(data)! });
    const ofSide = (own: ReturnType<typeof sampleOf>, other: ReturnType<typeof sampleOf>) => {
      const influence = own.data.map((x) => {
        const away = x - own.centre; // moves the mean by itself, the variance by its square
        return 2 * (own.centre - other.centre) * away + (1 - other.sd / own.sd) * away ** 2;
      });
      return variance(influence)! / influence.length;
    };
    const [g, r] = [sampleOf(generated), sampleOf(real)];
    const expected = Math.sqrt(ofSide(g, r) + ofSide(r, g));
    expect(Number(estimate(generated, real).details?.standardError)).toBeCloseTo(expected, 11);
  });

  test("the standard error is the spread over repetitions, normal features or not", () => {
    const draw = (seed: number, count: number, scale: number): Features =>
      mapped(normal(seed, count, 4), (x, c) => scale * (c < 2 ? x : Math.max(0, x) ** 1.5));
    const values: number[] = [];
    const errors: number[] = [];
    for (let repetition = 0; repetition < 150; repetition++) {
      const result = estimate(draw(2 * repetition, 80, 1.6), draw(2 * repetition + 1, 120, 1));
      values.push(result.value);
      errors.push(Number(result.details?.standardError));
    }
    const ratio = mean(errors) / standardDeviation(values)!;
    expect(ratio).toBeGreaterThan(0.85);
    expect(ratio).toBeLessThan(1.2);
  });

  test("no interval where it has no basis: too few images for the features, or a feature dead in one set only", () => {
    expect(estimate(normal(1, 15, 8), normal(2, 100, 8)).interval).toBeUndefined();
    const dead = mapped(normal(3, 60, 4), (x, column) => (column === 1 ? 0 : x));
    expect(estimate(dead, normal(4, 60, 4)).interval).toBeUndefined();
    const deadToo = mapped(normal(5, 60, 4), (x, column) => (column === 1 ? 0 : x));
    expect(estimate(dead, deadToo).interval).toBeDefined();
  });
});
