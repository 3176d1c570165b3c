/** Laws of the metrics that decide: their floor, what moves them and by how much, and whether their intervals hold the truth. */
import { describe, expect, test } from "vitest";
import { rng } from "../../src/core/rng.ts";
import { mean } from "../../src/core/statistics/index.ts";
import type { Estimate, Sample } from "../../src/metrics/contract.ts";
import { metrics } from "../../src/metrics/index.ts";
import { neighbourhoods } from "../../src/metrics/neighbourhoods.ts";
import { features, MODES, mixture, take } from "./samples.ts";

type Drawn = Parameters<typeof mixture>[2];
type Name = "rbfMmd" | "c2st" | "clippedDensity" | "clippedCoverage" | "fld" | "fldGap";

const SEEDS = 40;

/** Estimates from as many seeds, n images a set, twice as many for training. */
function repeated(name: Name, made: Drawn, n: number): Estimate[] {
  return Array.from({ length: SEEDS }, (_, seed) => {
    const stream = rng(seed);
    const training = mixture(stream.fold("training"), 2 * n);
    return metrics[name].estimate(
      mixture(stream.fold("generated"), n, made),
      mixture(stream.fold("real"), n),
      {
        training,
      },
    );
  });
}

const center = (estimates: readonly Estimate[]) => mean(estimates.map(({ value }) => value));
const holding = (estimates: readonly Estimate[], truth: number) =>
  estimates.filter(({ interval }) => interval!.low <= truth && truth <= interval!.high).length;

const joined = (...samples: Sample[]): Sample => ({
  features: {
    data: Float64Array.from(samples.flatMap(({ features: { data } }) => [...data])),
    count: samples.reduce((sum, { features: { count } }) => sum + count, 0),
    width: samples[0]!.features.width,
  },
});

const scaled = ({ features: { data, ...size } }: Sample, by: number): Sample => ({
  features: { ...size, data: data.map((x) => by * x) },
});

const firstOf = (sample: Sample, count: number) =>
  take(
    sample,
    Array.from({ length: count }, (_, i) => i),
  );

describe("over seeds, where the distributions are equal", () => {
  test.each([
    ["rbfMmd", 0],
    ["c2st", 0.5],
  ] as const)("%s is %d, and nine intervals in ten hold it", (name, truth) => {
    const estimates = repeated(name, {}, 80);
    const error = Math.sqrt(mean(estimates.map(({ value }) => (value - truth) ** 2)) / SEEDS);
    expect(Math.abs(center(estimates) - truth)).toBeLessThan(4 * error);
    expect(holding(estimates, truth)).toBeGreaterThanOrEqual(0.9 * SEEDS);
  });

  test("FLD is about 0, and nine intervals in ten hold its mean", () => {
    const estimates = repeated("fld", {}, 60);
    expect(Math.abs(center(estimates))).toBeLessThan(3);
    expect(holding(estimates, center(estimates))).toBeGreaterThanOrEqual(0.9 * SEEDS);
  });

  test("clipped density and coverage are nearly 1", () => {
    expect(center(repeated("clippedDensity", {}, 120))).toBeGreaterThan(0.93);
    expect(center(repeated("clippedCoverage", {}, 120))).toBeGreaterThan(0.9);
  });
});

test.each([
  ["rbfMmd", { shift: 1.5 }],
  ["c2st", { shift: 1.5 }],
  ["c2st", { dropped: 0.25 }],
  ["clippedDensity", { shift: 1 }],
  ["fld", { dropped: 0.25 }],
] as const)("%s of %o: nine intervals in ten hold the mean over seeds", (name, made) => {
  const estimates = repeated(name, made, 60);
  expect(holding(estimates, center(estimates))).toBeGreaterThanOrEqual(0.9 * SEEDS);
});

describe("clipped density and coverage", () => {
  const real = mixture(rng(1), 400);
  const fresh = mixture(rng(2), 400);
  const far = scaled(mixture(rng(3), 400), 50);
  const of = (name: "clippedDensity" | "clippedCoverage", generated: Sample) =>
    metrics[name].estimate(generated, real, {}).value;

  test.each([0.1, 0.3, 0.6, 0.9])("a share of %d of bad images costs about as much, over seeds", (share) => {
    const bad = Math.round(share * 300);
    for (const name of ["clippedDensity", "clippedCoverage"] as const) {
      const values = Array.from({ length: 6 }, (_, seed) => {
        const good = mixture(rng(100 + seed), 300 - bad);
        const against = mixture(rng(200 + seed), 300);
        return metrics[name].estimate(joined(good, firstOf(far, bad)), against, {}).value;
      });
      expect(Math.abs(mean(values) - (1 - share))).toBeLessThan(0.05);
    }
  });

  test.each([1, 2, 4])(
    "%d of eight modes left out cost coverage their share, and density nothing",
    (lost) => {
      const dropped = mixture(rng(4), 400, { dropped: lost / MODES });
      expect(Math.abs(of("clippedCoverage", dropped) - (1 - lost / MODES))).toBeLessThan(0.06);
      expect(of("clippedDensity", dropped)).toBeGreaterThan(0.9);
    },
  );

  test("a real outlier's wide ball vouches for nothing, where precision believes it", () => {
    const outliers = Array.from({ length: 6 }, (_, i) => [60 + 20 * i, 0, 0, 0, 0, 0]);
    const spoilt = joined(real, { features: features(outliers) });
    const near = { features: features(Array.from({ length: 100 }, (_, i) => [70, i / 100, 0, 0, 0, 0])) };
    expect(metrics.precision.estimate(near, spoilt, {}).value).toBe(1);
    expect(metrics.clippedDensity.estimate(near, spoilt, {}).value).toBe(0);
  });

  test("crowding at one good image does not make up for bad ones, where density believes it", () => {
    const { crowding } = neighbourhoods(fresh.features, real.features, 5);
    const best = crowding.indexOf(Math.max(...crowding));
    const crowd = joined(firstOf(far, 300), ...Array.from({ length: 100 }, () => take(fresh, [best])));
    expect(metrics.density.estimate(crowd, real, {}).value).toBeGreaterThan(0.6);
    const clipped = metrics.clippedDensity.estimate(crowd, real, {});
    expect(clipped.value).toBeCloseTo(0.25 / Number(clipped.details?.ofReal), 10);
  });
});

describe("RBF MMD", () => {
  const [real, generated] = [mixture(rng(5), 150), mixture(rng(6), 150, { shift: 0.7 })];

  test("does not depend on the features' scale", () => {
    const value = metrics.rbfMmd.estimate(generated, real, {}).value;
    expect(metrics.rbfMmd.estimate(scaled(generated, 1000), scaled(real, 1000), {}).value).toBeCloseTo(
      value,
      12,
    );
  });

  test("sees less spread about the same mean", () => {
    const normal = (seed: number, sd: number): Sample => ({
      features: {
        data: rng(seed)
          .fillNormal(new Float64Array(300 * 4))
          .map((x) => sd * x),
        count: 300,
        width: 4,
      },
    });
    expect(metrics.rbfMmd.estimate(normal(2, 0.7), normal(1, 1), {}).interval!.low).toBeGreaterThan(0);
  });

  test("has no bandwidth where most real images are copies", () => {
    const copies = joined(...Array.from({ length: 30 }, () => firstOf(real, 1)), firstOf(real, 5));
    expect(() => metrics.rbfMmd.estimate(generated, copies, {})).toThrow("rbf_mmd has no bandwidth");
  });
});

describe("the classifier test", () => {
  test("a shift, a lost mode and less spread are each told apart, far sets always", () => {
    const real = mixture(rng(7), 200);
    for (const made of [{ shift: 1.5 }, { dropped: 0.375 }, { spread: 0.5 }])
      expect(metrics.c2st.estimate(mixture(rng(8), 200, made), real, {}).interval!.low).toBeGreaterThan(0.5);
    expect(metrics.c2st.estimate(mixture(rng(8), 200, { shift: 30 }), real, {}).value).toBe(1);
  });

  test("of two sizes it takes as many of each, by content", () => {
    const [real, more] = [mixture(rng(9), 60), mixture(rng(10), 100)];
    expect(metrics.c2st.estimate(more, real, {}).details).toMatchObject({ images: 60 });
    const turned = take(more, rng(11).permutation(100));
    expect(metrics.c2st.estimate(turned, real, {}).value).toBe(metrics.c2st.estimate(more, real, {}).value);
  });
});

describe("FLD's gap", () => {
  const real = mixture(rng(12), 150);
  const training = mixture(rng(13), 300);
  const gap = (generated: Sample) => metrics.fldGap.estimate(generated, real, { training });
  const fresh = mixture(rng(14), 150);

  test("copies take it below the interval of fresh images, a tenth of them as well; FLD finds a copier worse than noise", () => {
    const ofFresh = gap(fresh);
    expect(ofFresh.value).toBeLessThan(0);
    const tenth = gap(joined(firstOf(training, 15), firstOf(fresh, 135)));
    expect(tenth.value).toBeLessThan(ofFresh.interval!.low);
    expect(gap(firstOf(training, 150)).value).toBeLessThan(10 * tenth.value);
    const fld = (generated: Sample) => metrics.fld.estimate(generated, real, { training }).value;
    const noise = scaled(
      { features: { ...fresh.features, data: rng(15).fillNormal(new Float64Array(900)) } },
      4,
    );
    expect(fld(firstOf(training, 150))).toBeGreaterThan(fld(noise));
    expect(fld(noise)).toBeGreaterThan(fld(fresh) + 10);
  });

  test("copies of test images, which no generator has seen, are no copies of training images", () => {
    expect(gap(firstOf(real, 150)).value).toBeGreaterThan(0);
  });
});

test("features that all real images share have no scale and are left out of the likelihoods", () => {
  const [generated, real, training] = [mixture(rng(16), 100), mixture(rng(17), 100), mixture(rng(18), 100)];
  const wider = ({ features: { data, count } }: Sample): Sample => {
    const value = (at: number) => (at % 7 === 6 ? 3 : data[Math.floor(at / 7) * 6 + (at % 7)]!);
    return {
      features: { data: Float64Array.from({ length: count * 7 }, (_, at) => value(at)), count, width: 7 },
    };
  };
  const gap = metrics.fldGap.estimate(generated, real, { training });
  const widened = metrics.fldGap.estimate(wider(generated), wider(real), { training: wider(training) });
  expect(widened.value).toBeCloseTo(gap.value, 9);
  expect(widened.details).toMatchObject({ features: 6 });
  const blank = { features: { data: new Float64Array(50).fill(1), count: 10, width: 5 } };
  expect(() => metrics.fld.estimate(blank, blank, { training: blank })).toThrow(
    "all real images have the same features",
  );
});
