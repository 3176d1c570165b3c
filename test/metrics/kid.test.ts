import { describe, expect, test } from "vitest";
import { rng } from "../../src/core/rng.ts";
import { mean, standardDeviation } from "../../src/core/statistics/index.ts";
import { kid } from "../../src/metrics/kid.ts";
import { takeRows } from "../../src/metrics/order.ts";
import { features, kidOfSubsets } from "./samples.ts";

const estimate = (generated: number[][], real: number[][]) =>
  kid.estimate({ features: features(generated) }, { features: features(real) }, {});

const normal = (seed: number, count: number, scale = 1): number[][] => {
  const stream = rng(seed);
  return Array.from({ length: count }, () => [scale * stream.normal(), scale * stream.normal() + 0.2]);
};

describe("KID", () => {
  test("by hand: {0, 1} against {0, 2}, kernel (xy + 1)^3: 1 + 1 - 2 (1 + 1 + 1 + 27)/4", () => {
    expect(estimate([[0], [1]], [[0], [2]]).value).toBe(-13);
  });

  test("the standard error is the jackknife's, by leaving each image out in turn", () => {
    const [generated, real] = [normal(1, 9, 1.5), normal(2, 7)];
    const without = (rows: number[][], i: number) => rows.filter((_, at) => at !== i);
    const variance = (values: number[]) => {
      const centre = mean(values);
      return ((values.length - 1) / values.length) * values.reduce((sum, x) => sum + (x - centre) ** 2, 0);
    };
    const expected = Math.sqrt(
      variance(generated.map((_, i) => estimate(without(generated, i), real).value)) +
        variance(real.map((_, i) => estimate(generated, without(real, i)).value)),
    );
    expect(Number(estimate(generated, real).details?.standardError)).toBeCloseTo(expected, 12);
  });

  test("unbiased, and its standard error the spread over repetitions", () => {
    const values: number[] = [];
    const errors: number[] = [];
    for (let repetition = 0; repetition < 300; repetition++) {
      const result = estimate(normal(2 * repetition, 60, 1.4), normal(2 * repetition + 1, 60));
      values.push(result.value);
      errors.push(Number(result.details?.standardError));
    }
    const ratio = mean(errors) / standardDeviation(values)!;
    expect(ratio).toBeGreaterThan(0.85);
    expect(ratio).toBeLessThan(1.25);

    // equal distributions: 0 within four standard errors of the mean of 200
    const equal = Array.from(
      { length: 200 },
      (_, i) => estimate(normal(1000 + i, 30), normal(5000 + i, 30)).value,
    );
    expect(Math.abs(mean(equal))).toBeLessThan((4 * standardDeviation(equal)!) / Math.sqrt(equal.length));
  });

  test("two images on a side have a value and no interval", () => {
    expect(estimate(normal(1, 2), normal(2, 5)).interval).toBeUndefined();
  });

  test("on subsets: the whole sets as one subset give the value, other subsets that of their rows", () => {
    const [generated, real] = [features(normal(3, 12)), features(normal(4, 10))];
    const all = (n: number) => Array.from({ length: n }, (_, i) => i);
    const some = { generated: [3, 1, 7], real: [0, 9] };
    const [whole, part] = kidOfSubsets(generated, real, [{ generated: all(12), real: all(10) }, some]);
    expect(whole).toBe(kid.estimate({ features: generated }, { features: real }, {}).value);
    const rows = { features: takeRows(generated, some.generated) };
    expect(part).toBe(kid.estimate(rows, { features: takeRows(real, some.real) }, {}).value);
  });
});
