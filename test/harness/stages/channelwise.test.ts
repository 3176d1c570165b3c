import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { takeImages } from "../../../src/core/images.ts";
import type { Engine } from "../../../src/engine/contract.ts";
import { loadDataset } from "../../../src/harness/datasets/index.ts";
import { trainJudge } from "../../../src/harness/stages/classifier/run.ts";
import { judgeOf } from "../../../src/harness/stages/shared/judge.ts";
import { compiledEngine } from "../../models/evaluate.ts";

describe("the judge of stacked images", async () => {
  const dataset = await loadDataset("stacked:shapes", {
    size: 8,
    channels: 3,
    seed: 0,
    train: 50,
    test: 400,
  });
  let engine: Engine;
  let trained: Awaited<ReturnType<typeof trainJudge>>;
  beforeAll(async () => {
    engine = await compiledEngine();
    trained = await trainJudge(engine, dataset, { batch: 64, images: 12_800, seed: 0 }, () => {});
  });
  afterAll(() => engine.dispose());

  it("learns single channels, and is as right on a mode as on three of them", () => {
    expect(trained.target).toBe("mode");
    expect(trained.featureWidth).toBe(3 * 64);
    expect(trained.channelAccuracy).toBeGreaterThan(0.8);
    expect(Math.abs(trained.accuracy - trained.channelAccuracy! ** 3)).toBeLessThan(0.08);
  });

  it("gives each channel its features and its digit of the mode", async () => {
    const judge = await judgeOf(engine, dataset, trained.tensors, "test");
    const single = await judgeOf(engine, dataset.channelwise!, trained.tensors, "test");
    const images = takeImages(dataset.test.images, [3, 141]);
    const { features, assignments, probabilities } = await judge.judge(images);
    expect(features).toMatchObject({ count: 2, width: 192 });
    expect(probabilities).toBeUndefined();
    for (const [channel, place] of [100, 10, 1].entries()) {
      const data = images.data.filter((_, i) => i % 3 === channel);
      const alone = await single.judge({ ...images, data, channels: 1 });
      for (let i = 0; i < 2; i++) {
        expect(Math.floor(assignments[i]! / place) % 10).toBe(alone.assignments[i]);
        const from = (3 * i + channel) * 64;
        expect(features.data.slice(from, from + 64)).toEqual(alone.features.data.slice(64 * i, 64 * (i + 1)));
      }
    }
    judge.dispose();
    single.dispose();
  });
});
