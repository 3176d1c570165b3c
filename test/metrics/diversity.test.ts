/** Vendi, inception score and MS-SSIM by hand, and their intervals against repetitions. */
import { describe, expect, test } from "vitest";
import { rng } from "../../src/core/rng.ts";
import { mean, standardDeviation } from "../../src/core/statistics/index.ts";
import { metrics } from "../../src/metrics/index.ts";
import { scalesFor } from "../../src/metrics/ms-ssim.ts";
import { msSsim } from "../../src/metrics/ssim.ts";
import { features, mixture, probabilities } from "./samples.ts";

const vendis = ["vendi", "vendi2", "vendiInfinity"] as const;
const oneHot = (kinds: number[], width: number) =>
  kinds.map((kind) => Array.from({ length: width }, (_, d) => (d === kind ? 3 : 0)));

describe("Vendi", () => {
  test.each(vendis)("%s counts kinds of image: as many as are equally frequent and nothing alike", (name) => {
    const of = (rows: number[][]) => {
      const sample = { features: features(rows) };
      return metrics[name].estimate(sample, sample, {}).value;
    };
    expect(of(oneHot([0, 1, 2], 6))).toBeCloseTo(3, 10); // n below the width
    expect(
      of(
        oneHot(
          Array.from({ length: 12 }, (_, i) => i % 4),
          6,
        ),
      ),
    ).toBeCloseTo(4, 10);
    expect(of(oneHot([2, 2, 2, 2], 3))).toBeCloseTo(1, 10);
  });

  test("unequal kinds, shares 1/2, 1/4, 1/4: by the three entropies", () => {
    const sample = { features: features(oneHot([0, 0, 1, 2], 3)) };
    const value = (name: (typeof vendis)[number]) => metrics[name].estimate(sample, sample, {}).value;
    expect(value("vendi")).toBeCloseTo(2 ** 1.5, 10);
    expect(value("vendi2")).toBeCloseTo(8 / 3, 10);
    expect(value("vendiInfinity")).toBeCloseTo(2, 10);
  });

  test("by either Gram matrix: dead features change nothing, nor does brightness", () => {
    const rows = Array.from({ length: 9 }, () => Array.from({ length: 4 }, () => 0));
    const stream = rng(1);
    const drawn = rows.map((row) => row.map(() => stream.normal()));
    const sample = (width: number, scale = 1) => ({
      features: features(
        drawn.map((row, i) => [...row.map((x) => x * scale ** i), ...Array<number>(width).fill(0)]),
      ),
    });
    for (const name of vendis) {
      const { value } = metrics[name].estimate(sample(0), sample(0), {});
      expect(metrics[name].estimate(sample(10), sample(10), {}).value).toBeCloseTo(value, 10);
      expect(metrics[name].estimate(sample(0, 2), sample(0, 2), {}).value).toBeCloseTo(value, 10);
    }
  });

  test.each(vendis)("%s: its interval is as wide as the spread over repetitions", (name) => {
    const real = mixture(rng(9), 20);
    const runs = Array.from({ length: 80 }, (_, i) => {
      const all = { data: rng(i).fillNormal(new Float64Array(1800)), count: 300, width: 6 };
      for (let at = 0; at < 1800; at++) all.data[at]! *= 0.5 ** (at % 6); // eigenvalues well apart
      return metrics[name].estimate({ features: all }, real, {});
    });
    const claimed = mean(runs.map(({ value, interval }) => Math.log(interval!.high / value) / 1.96));
    const ratio = claimed / standardDeviation(runs.map(({ value }) => Math.log(value)))!;
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.25);
  });

  test("an image without features, and matrices too large, are undefined with the reason", () => {
    const blank = {
      features: features([
        [1, 2],
        [0, 0],
        [3, 4],
      ]),
    };
    expect(() => metrics.vendi.estimate(blank, blank, {})).toThrow(
      "the features of image 1, from 0, are all 0",
    );
    const wide = { features: { data: new Float64Array(4097 * 4097).fill(1), count: 4097, width: 4097 } };
    expect(() => metrics.vendi.estimate(wide, wide, {})).toThrow("a matrix of 4097, at most 4096");
  });
});

describe("inception score", () => {
  const score = (rows: number[][], splits?: number) => {
    const sample = {
      features: { data: new Float64Array(), count: rows.length, width: 0 },
      probabilities: probabilities(rows),
    };
    return metrics.inceptionScore.estimate(sample, sample, splits === undefined ? {} : { splits });
  };

  test("all classes, each certain: their number; torn or of one class: 1", () => {
    expect(
      score([
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ]).value,
    ).toBeCloseTo(3, 12);
    expect(
      score([
        [0.5, 0.5],
        [0.5, 0.5],
      ]).value,
    ).toBeCloseTo(1, 12);
    expect(
      score([
        [1, 0],
        [1, 0],
      ]).value,
    ).toBeCloseTo(1, 12);
  });

  test("chunks are consecutive: classes sorted into them are each of one class", () => {
    const sorted = [
      [1, 0],
      [1, 0],
      [0, 1],
      [0, 1],
    ];
    expect(score(sorted).value).toBeCloseTo(2, 12);
    expect(score(sorted, 2).value).toBeCloseTo(1, 12);
    expect(() => score(sorted, 0)).toThrow("splits is a whole number from 1");
  });

  test("the interval is as wide as the spread over repetitions", () => {
    const runs = Array.from({ length: 80 }, (_, i) => {
      const drawn = mixture(rng(i), 200, { shift: 4 });
      return metrics.inceptionScore.estimate(drawn, drawn, {});
    });
    const claimed = mean(runs.map(({ value, interval }) => Math.log(interval!.high / value) / 1.96));
    const ratio = claimed / standardDeviation(runs.map(({ value }) => Math.log(value)))!;
    expect(ratio).toBeGreaterThan(0.75);
    expect(ratio).toBeLessThan(1.4);
  });
});

describe("MS-SSIM", () => {
  const flat = (value: number, edge = 14) => ({
    ...{ data: new Uint8Array(edge * edge).fill(value), height: edge, width: edge, channels: 1 },
  });

  test("flat pictures differ in luminance alone: (2 a b + C) / (a^2 + b^2 + C)", () => {
    const c = (0.01 * 255) ** 2;
    const expected = (2 * 100 * 50 + c) / (100 ** 2 + 50 ** 2 + c);
    const window = { size: 7, sigma: 1.5 };
    expect(msSsim(flat(100), flat(50), window, [1])).toBeCloseTo(expected, 12);
    expect(msSsim(flat(100), flat(50), window, [0.25, 0.75])).toBeCloseTo(expected ** 0.75, 12);
  });

  test("window and scales by size", () => {
    const of = (edge: number) => [scalesFor(edge).window.size, scalesFor(edge).weights.length];
    const sizes = [7, 13, 14, 28, 32, 64, 112, 175, 176, 256];
    expect(sizes.map(of)).toEqual([
      ...[
        [7, 1],
        [7, 1],
        [7, 2],
        [7, 3],
        [7, 3],
        [7, 4],
        [7, 5],
        [7, 5],
        [11, 5],
        [11, 5],
      ],
    ]);
    for (const edge of sizes) expect(scalesFor(edge).weights.reduce((a, b) => a + b)).toBeCloseTo(1, 14);
    expect(() => scalesFor(6)).toThrow("at least 7 pixels, not 6");
  });

  test("one image repeated is 1; at most 1,000 pairs of images are looked at", () => {
    const { images } = mixture(rng(1), 2100);
    const same = { ...images!, data: images!.data.map((_, i) => images!.data[i % 196]!) };
    const sample = { features: { data: new Float64Array(), count: 2100, width: 0 }, images: same };
    const { value, details } = metrics.msSsim.estimate(sample, sample, {});
    expect(value).toBeCloseTo(1, 12);
    expect(details?.pairs).toBe(1000);
  });

  test("another seed draws other pairs, within the interval", () => {
    const sample = mixture(rng(2), 300);
    const [a, b] = [0, 1].map((seed) => metrics.msSsim.estimate(sample, sample, { seed }));
    expect(a!.value).not.toBe(b!.value);
    expect(Math.abs(a!.value - b!.value)).toBeLessThan(a!.interval!.high - a!.interval!.low);
  });
});
