import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ByteImages, noiseLike, takeImages } from "../../../src/core/images.ts";
import { rng } from "../../../src/core/rng.ts";
import type { Engine } from "../../../src/engine/contract.ts";
import type { Dataset } from "../../../src/harness/datasets/contract.ts";
import { loadDataset } from "../../../src/harness/datasets/index.ts";
import { trainJudge } from "../../../src/harness/stages/classifier/run.ts";
import { type Judge, judgeOf, targetsOf } from "../../../src/harness/stages/shared/judge.ts";
import type { Judged } from "../../../src/harness/stages/shared/judges.ts";
import { metricOf, qualityOf, type Sampled } from "../../../src/harness/stages/shared/quality.ts";
import { referenceImages } from "../../../src/harness/stages/shared/sets.ts";
import {
  collapseOf,
  extremes,
  failureOf,
  modeShares,
  modesHeld,
  qualityBound,
} from "../../../src/harness/stages/stability/failure.ts";
import { stabilityOptions } from "../../../src/harness/stages/stability/options.ts";
import { curveStatistics, saturatedShare } from "../../../src/harness/stages/stability/run.ts";
import { spikesByCurve } from "../../../src/harness/stages/stability/trainings.ts";
import { compiledEngine } from "../../models/evaluate.ts";

describe("failed images, judged as a run judges them", () => {
  const N = 120;
  const made: Sampled = { sampler: "none", steps: 1, networkEvaluations: 1 };
  const options = stabilityOptions.parse({});
  let engine: Engine;
  let dataset: Dataset;
  let judge: Judge;
  let reference: Judged;
  const scoring = () => ({
    ...judge,
    quality: async (sample: Judged, how: Sampled, given: object = {}) =>
      qualityOf(sample, { real: reference }, how, { k: 3, modes: 20 }, given),
  });
  const judged = async (images: ByteImages) => {
    const quality = await scoring().quality(await judge.judge(images), made, {
      metrics: ["fid", "modeCount"],
    });
    const found = failureOf(await extremes(scoring(), dataset, N, 0), quality, dataset, options);
    return { quality, bound: found.bound, collapse: found.collapse! };
  };
  const trainImages = (wanted: (i: number) => boolean) => {
    const { images } = dataset.train;
    const indices = Array.from({ length: images.count }, (_, i) => i).filter(wanted);
    return takeImages(
      images,
      Array.from({ length: N }, (_, i) => indices[i % indices.length]!),
    );
  };

  beforeAll(async () => {
    engine = await compiledEngine();
    dataset = await loadDataset("shapes", { size: 8, channels: 1, seed: 0, train: 600, test: 3 * N });
    const settings = { batch: 32, images: 6400, seed: 0 };
    const { tensors } = await trainJudge(engine, dataset, settings, () => {});
    judge = await judgeOf(engine, dataset, tensors, "test");
    reference = await judge.judge(referenceImages(dataset, N));
  }, 60_000);
  afterAll(async () => {
    judge?.dispose();
    await engine?.dispose();
  });

  it("are pure noise, though single noise images fall into modes", async () => {
    const { bound, quality } = await judged(noiseLike(dataset.test.images, 7));
    expect(metricOf(quality, "mode_count")).toBeGreaterThan(1);
    expect(bound).toMatchObject({ exceeded: true, share: 0.5, metric: "fid" });
    expect(bound.value).toBeGreaterThan(0.8 * bound.noise);
  });

  it("are one image over and over, of a figure or of one grey", async () => {
    const figure = await judged(trainImages((i) => i === 5));
    expect(figure.collapse).toMatchObject({ modes: 1, collapsed: true });
    const grey = dataset.test.images;
    const { collapse, bound } = await judged({ ...grey, data: grey.data.map(() => 128) });
    expect(collapse.modes).toBeLessThanOrEqual(1);
    expect(collapse.collapsed).toBe(true);
    expect(bound.exceeded).toBe(true);
  });

  it("are real images of one mode alone", async () => {
    const { labels } = targetsOf(dataset, dataset.train);
    const { collapse } = await judged(trainImages((i) => labels[i] === 3));
    expect(collapse.collapsed).toBe(true);
    expect(collapse.modes).toBeLessThan(5);
  });

  it("are modes with an image or two each beside one that has all others", async () => {
    const { labels } = targetsOf(dataset, dataset.train);
    const others = Array.from({ length: 20 }, (_, mode) => labels.indexOf(mode));
    const one = Array.from({ length: 600 }, (_, i) => i).filter((i) => labels[i] === 3);
    const rest = Array.from({ length: N - 20 }, (_, i) => one[i % one.length]!);
    const { collapse, quality } = await judged(takeImages(dataset.train.images, [...others, ...rest]));
    expect(metricOf(quality, "mode_count")).toBeGreaterThan(15); // what counted as no collapse before
    expect(collapse.collapsed).toBe(true);
  });

  it("are not real ones", async () => {
    const { collapse, bound } = await judged(trainImages((i) => i < N));
    expect(collapse).toMatchObject({ collapsed: false, threshold: 0.5, modeShare: 0.2 });
    expect(collapse.realModes).toBeGreaterThan(15);
    expect(bound.exceeded).toBe(false);
    expect(bound.value).toBeLessThan(3 * bound.floor);
  });
});

describe("the bounds", () => {
  it("lies half way in the distance, a quarter of the way in its square where the floor is 0", () => {
    expect(qualityBound(25, { floor: 0, noise: 100 }, 0.5)).toMatchObject({ worst: 25, exceeded: true });
    expect(qualityBound(24.9, { floor: 0, noise: 100 }, 0.5).exceeded).toBe(false);
    expect(qualityBound(1, { floor: 1, noise: 9 }, 0.5).worst).toBeCloseTo(4, 12); // (1 + (3 - 1) / 2)^2
    expect(qualityBound(1, { floor: 1, noise: 9 }, 1).worst).toBe(9);
  });

  it("count a mode from a fifth of its expected images on, and never without one", () => {
    const rule = { shares: [0.5, 0.3, 0.2, 0], modeShare: 0.2 };
    expect(modesHeld([94, 6, 0, 0], rule)).toBe(2); // 10, 6 and 4 of 100 are enough
    expect(modesHeld([95, 5, 0, 0], rule)).toBe(1);
    expect(modesHeld([90, 6, 4, 0], rule)).toBe(3);
    expect(modesHeld([100, 0, 0, 0], { ...rule, modeShare: 0 })).toBe(1);
  });

  it("call a training collapsed below the share of what real images reach, not at it", () => {
    const rule = { shares: [0.25, 0.25, 0.25, 0.25], modeShare: 0.2, collapseBelow: 0.5 };
    const real = [25, 25, 25, 25];
    expect(collapseOf([50, 50, 0, 0], real, rule).collapsed).toBe(false);
    expect(collapseOf([97, 3, 0, 0], real, rule)).toEqual({
      modes: 1,
      realModes: 4,
      threshold: 0.5,
      modeShare: 0.2,
      collapsed: true,
    });
    expect(modeShares([0, 2, 2, 1], 4)).toEqual([0.25, 0.25, 0.5, 0]);
  });
});

describe("curves", () => {
  const steps = (n: number) => Array.from({ length: n }, (_, i) => 2 * i + 1); // recorded every other step
  const noise = (n: number) => Array.from(rng(3).fillNormal(new Float64Array(n)), (x) => 1 + 0.1 * x);

  it("have a planted spike at its training step and a planted oscillation at its period", () => {
    const values = noise(1000).map((x, i) => x + 0.1 * Math.sin((2 * Math.PI * i) / 16));
    values[731] = 9;
    const found = curveStatistics({ quantity: "loss", steps: steps(1000), values })!;
    expect(found.spikes).toEqual([2 * 731 + 1]);
    expect(found.spikeScore).toBeCloseTo(1 / (1000 - 32), 12);
    values[731] = 1; // a spike has all periods
    const calm = curveStatistics({ quantity: "loss", steps: steps(1000), values })!;
    expect(calm.spikes).toEqual([]);
    expect(calm.oscillation!.significant).toBe(true);
    expect(calm.oscillation!.period).toBeCloseTo(16, 0);
    expect(
      curveStatistics({ quantity: "loss", steps: steps(1000), values: noise(1000) })!.oscillation,
    ).toMatchObject({
      significant: false,
    });
  });

  it("saturate by the share of the second half at or above the threshold", () => {
    expect(saturatedShare([1, 1, 1, 1, 0.5, 0.99, 0.2, 1], 0.99)).toBe(0.5);
  });

  it("give their spikes each, not in one sum over curves that differ in number and length", () => {
    const curve = { count: 200, mean: 1, sd: 1, first: 1, last: 1 };
    const curves = [
      { ...curve, quantity: "generator_loss", spikes: [7, 9] },
      { ...curve, quantity: "discriminator_loss", spikes: [] },
    ];
    expect(spikesByCurve(curves)).toBe("Generator loss 2 of 200; Discriminator loss 0 of 200");
  });
});
