import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../../src/engine/contract.ts";
import type { Dataset } from "../../../src/harness/datasets/contract.ts";
import { loadDataset } from "../../../src/harness/datasets/index.ts";
import { targetsOf } from "../../../src/harness/stages/shared/judge.ts";
import { trainModel } from "../../../src/harness/stages/shared/training.ts";
import type { Position } from "../../../src/harness/stages/shared/training-loop.ts";
import type { State } from "../../../src/models/index.ts";
import { models } from "../../../src/models/index.ts";
import { compiledEngine } from "../../models/evaluate.ts";

const ema = 0.9;
const tiny = {
  size: 8,
  channels: 1,
  latent: 6,
  generatorWidth: 4,
  discriminatorWidth: 4,
  learningRate: 0.01,
};

describe("a trained generator's state", () => {
  let engine: Engine;
  let dataset: Dataset;
  beforeAll(async () => {
    engine = await compiledEngine();
    dataset = await loadDataset("shapes", { size: 8, channels: 1, seed: 0, train: 64, test: 20 });
  });
  afterAll(() => engine.dispose());

  it("is settled wherever it can be sampled from, and not where training goes on from it", async () => {
    const model = models.dcgan.create({ ...tiny, ema });
    const settled = (state: State) => model.settled!(engine, state, targetsOf(dataset, dataset.train).labels);
    const taken: State[] = [];
    const saved: Position[] = [];
    const run = (from?: Position) =>
      trainModel({
        context: { engine, progress() {} },
        id: "dcgan",
        model,
        configured: { batch: 8, images: 96 },
        seed: 0,
        dataset,
        from,
        snapshots: { at: [6], take: async ({ state }) => void taken.push(state) },
        saving: { everySeconds: 0, save: async (position) => void saved.push(position) },
      });
    const { state } = await run();
    const at = saved.find(({ step }) => step === 6)!;
    expect(await settled(state)).toEqual(state);
    expect(taken).toEqual([await settled(at.state)]);
    expect(taken[0]).not.toEqual(at.state);
    expect((await run(at)).state).toEqual(state);
  });
});
