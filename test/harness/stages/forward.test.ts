import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decode } from "fast-png";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import type { Engine } from "../../../src/engine/contract.ts";
import { publishTensors } from "../../../src/harness/checkpoints/files.ts";
import { datasetSources } from "../../../src/harness/datasets/index.ts";
import type { CellRecord, ForwardRecord, LikelihoodRecord } from "../../../src/harness/record/index.ts";
import { recordSchema } from "../../../src/harness/record/index.ts";
import type { CellContext, Stage } from "../../../src/harness/stages/contract.ts";
import { forwardStage } from "../../../src/harness/stages/forward/run.ts";
import { likelihoodStage, profileOf } from "../../../src/harness/stages/likelihood/run.ts";
import { createModel } from "../../../src/harness/stages/shared/models.ts";
import { noisingModels } from "../../../src/harness/stages/shared/plan.ts";
import { floorImages } from "../../../src/harness/stages/shared/sets.ts";
import { stepsAtEqualDistances } from "../../../src/harness/stages/shared/training.ts";
import { resolveSuite, type SuiteConfig } from "../../../src/harness/suite/index.ts";
import { compiledEngine } from "../../models/evaluate.ts";
import { temporaryFolders } from "../datasets/fixtures.ts";

const options = { base: 8, multipliers: [1, 1], blocks: 1, timesteps: 20, schedule: { name: "chen-cosine" } };
const configOf = (changes: object = {}): SuiteConfig =>
  resolveSuite(
    {
      name: "x",
      dataset: { source: "shapes", size: 8, train: 40, test: 30 },
      models: {
        plain: { type: "ddpm", images: 100, options },
        scaled: { type: "ddpm", images: 100, options: { ...options, inputScale: 0.5, conditional: true } },
        gan: { type: "dcgan", images: 100 },
      },
      stages: { forward: { rows: 2, columns: 5, goneBelow: 0.1 }, likelihood: { images: 5, batch: 4 } },
      ...changes,
    },
    [],
    "x",
  ).config;

let engine: Engine;
beforeAll(async () => {
  engine = await compiledEngine();
});
afterAll(() => engine.dispose());
const temporary = temporaryFolders();

const dataset = () =>
  datasetSources.shapes.load("", { size: 8, channels: 1, train: 40, test: 30, seed: 0 } as never);
const labelsOf = async () => {
  const { modes, classes } = await dataset();
  return (modes ?? classes).length;
};

async function run<T extends CellRecord>(
  stage: Stage,
  out: string,
  model: string,
  record: CellContext["record"] = () => {
    throw new Error("needs nothing");
  },
): Promise<T> {
  const config = configOf();
  const cell = stage.plan(config).find(({ settings }) => settings.model === model)!;
  const done = await stage.run({
    cell: { ...cell, configHash: "" },
    config,
    labels: await labelsOf(),
    out,
    engine,
    dataset: dataset as CellContext["dataset"],
    record,
    progress: () => {},
    note: () => {},
    missing: () => undefined,
  });
  return recordSchema.parse(done) as T;
}

describe("the forward stage", () => {
  it("plans a cell per diffusion model that noises for itself", () => {
    expect(noisingModels(configOf())).toEqual(["plain", "scaled"]);
    expect(forwardStage.plan(configOf()).map(({ id }) => id)).toEqual(["forward/plain", "forward/scaled"]);
    expect(forwardStage.plan(configOf({ stages: {} }))).toEqual([]);
  });

  it("records the schedule's own numbers, the input scale in them", async () => {
    const plain = await run<ForwardRecord>(forwardStage, temporary(), "plain");
    const scaled = await run<ForwardRecord>(forwardStage, temporary(), "scaled");
    expect(plain).toMatchObject({ timesteps: 20, inputScale: 1, schedule: "cosine (start, end, tau)" });
    expect(plain.steps).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    for (const [i, level] of plain.alphaBar.entries()) {
      if (i < 19) expect(level).toBeCloseTo(Math.cos(((i + 1) / 20) * (Math.PI / 2)) ** 2, 12);
      expect(plain.logSnr[i]).toBeCloseTo(Math.log(level / (1 - level)), 9);
      expect(scaled.logSnr[i]! - plain.logSnr[i]!).toBeCloseTo(2 * Math.log(0.5), 9);
    }
    expect(plain.terminalSnr).toBeCloseTo(Math.exp(plain.logSnr[19]!), 12);
    expect(plain.goneShare).toBe(plain.logSnr.filter((value) => Math.exp(value) < 0.1).length / 20);
  });

  it("shows test images going from clean to noise, and the encoding", async () => {
    const out = temporary();
    const { strip, encoding } = await run<ForwardRecord>(forwardStage, out, "plain");
    expect(strip).toMatchObject({ rows: 2, columns: 5 });
    const picture = decode(await readFile(join(out, strip.file.path)));
    expect([picture.height, picture.width]).toEqual([2 * 9 - 1, 5 * 9 - 1]);
    const floor = floorImages(await dataset(), 2);
    const pixel = (row: number, column: number, y: number, x: number) =>
      picture.data[(row * 9 + y) * picture.width + column * 9 + x];
    for (let y = 0; y < 8; y++)
      for (let x = 0; x < 8; x++) expect(pixel(1, 0, y, x)).toBe(floor.data[64 + y * 8 + x]);
    const grey = decode(await readFile(join(out, encoding.file.path)));
    expect([grey.height, grey.width]).toEqual([20, 8]);
    expect(Array.from(grey.data.slice(0, 8))).toEqual([128, 128, 128, 128, 255, 255, 255, 255]); // sines 0, cosines 1
  });

  it("takes steps at equal distances with both ends", () => {
    expect(stepsAtEqualDistances(1000, 101)).toEqual(expect.arrayContaining([1, 1000]));
    expect(stepsAtEqualDistances(1000, 101).length).toBe(101);
    expect(stepsAtEqualDistances(5, 101)).toEqual([1, 2, 3, 4, 5]);
    expect(new Set(stepsAtEqualDistances(102, 101)).size).toBe(101);
  });

  it("refuses more rows than a third of the test images", () => {
    const config = configOf({ stages: { forward: { rows: 30 } } });
    expect(() => forwardStage.check!(config, { name: "shapes", test: 20 } as never)).toThrow(
      /rows is 30.*a third of the 20 test images of shapes is 6/,
    );
  });
});

describe("the likelihood stage", () => {
  it.each(["plain", "scaled"])("bounds the test images of %s, the parts adding up", async (id) => {
    const out = temporary();
    const model = createModel(configOf(), id, await labelsOf());
    const state = model.initialState(rng(1));
    const checkpoint = await publishTensors(out, "checkpoints/x.safetensors", {
      tensors: state,
      metadata: {},
    });
    const trained = { kind: "train", model: id, seed: 0, outcome: "trained", checkpoint };
    const record = await run<LikelihoodRecord>(likelihoodStage, out, id, (() => trained) as never);
    const { bitsPerDimension, prior, decoder, between, profile } = record;
    expect(prior + decoder + between).toBeCloseTo(bitsPerDimension.value, 9);
    expect(bitsPerDimension.low).toBeLessThanOrEqual(bitsPerDimension.value);
    expect(bitsPerDimension.high).toBeGreaterThanOrEqual(bitsPerDimension.value);
    expect(profile.steps).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(profile.bits.reduce((sum, bits) => sum + bits, 0)).toBeCloseTo(decoder + between, 9);
  });

  it("averages the profile over stretches that cover every step once", () => {
    const perStep = Array.from({ length: 120 }, (_, t) => (t === 0 ? 7 : 1));
    const { steps, bits } = profileOf(perStep);
    expect(steps.length).toBe(50);
    expect([steps[0], bits[0], steps.at(-1), bits.at(-1)]).toEqual([1, 7, 120, 1]);
    const total = bits.reduce((sum, value, i) => sum + value * (steps[i]! - (steps[i - 1] ?? 0)), 0);
    expect(total).toBeCloseTo(126, 9);
  });
});
