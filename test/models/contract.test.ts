/** What the harness relies on, for every model in the registry. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rng } from "../../src/core/rng.ts";
import { type Engine, sizeOf } from "../../src/engine/contract.ts";
import { type Model, models, type TrainedKind, type TrainingBatch } from "../../src/models/index.ts";
import { compiledEngine, compileFor, nextState } from "./evaluate.ts";
import { expectClose } from "./golden.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await compiledEngine();
});
afterAll(() => engine.dispose());

/** Settings that make each kind small enough to test. */
const small: Record<keyof typeof models, object> = {
  ddpm: { base: 8, multipliers: [1, 2], blocks: 1, timesteps: 50 },
  progressive: { from: 8, trainingSteps: 20 },
  consistency: { levels: 8, trainingSteps: 20 },
  "consistency-training": { base: 8, multipliers: [1, 2], blocks: 1, timesteps: 50, trainingSteps: 20 },
  dcgan: { latent: 8, generatorWidth: 8, discriminatorWidth: 8 },
  "sngan-hinge": { latent: 8, generatorWidth: 8, discriminatorWidth: 8 },
  "wgan-gp": { latent: 8, generatorWidth: 8, discriminatorWidth: 8, discriminatorSteps: 2 },
  "dcgan-r1-diffaug": { latent: 8, generatorWidth: 8, discriminatorWidth: 8 },
};

const kinds: Readonly<Record<string, TrainedKind>> = models;
const BATCH = 4;

/** Labels in turn where the model has any. */
function someImages(model: Model): TrainingBatch {
  const { size, channels } = model;
  const data = rng(9).fillNormal(new Float32Array(BATCH * size * size * channels));
  const images = { data: data.map(Math.tanh), count: BATCH, height: size, width: size, channels };
  return { images, labels: Array.from({ length: BATCH }, (_, i) => i % Math.max(1, model.classes)) };
}

describe.each(Object.entries<TrainedKind>(models))("model %s", (name, kind) => {
  const { distilled = false } = kind;
  /** Size and channels, which a distilled model has from its teacher. */
  const given = (size: number, channels: number) => (distilled ? {} : { size, channels });
  const teacherOf = (size: number, channels: number) =>
    distilled ? kinds.ddpm!.create({ size, channels, target: "v", ...small.ddpm }) : undefined;
  const make = (size = 16, channels = 1) =>
    kind.create(
      { ...given(size, channels), ...small[name as keyof typeof models] },
      teacherOf(size, channels),
    );
  const start = (model: Model, seed: number) => {
    const teacher = teacherOf(model.size, model.channels);
    return model.initialState(
      rng(seed),
      teacher?.samplingWeights(teacher.initialState(rng(seed).fold("teacher"))),
    );
  };
  const setting = (model: Model) => {
    if (model.onePass) return { sampler: "none", steps: 1 };
    if (name.startsWith("consistency")) return { sampler: "consistency", steps: 2 };
    return { sampler: "ddim", steps: distilled ? 4 : 3 };
  };

  it("documents every option and needs but size and channels, a student nothing", () => {
    for (const [option, schema] of Object.entries(kind.schema.shape))
      expect((schema as { description?: string }).description, option).toBeTruthy();
    const resolved = kind.schema.parse(given(16, 1));
    const teacher = teacherOf(16, 1);
    expect(kind.create(resolved, teacher).parameters).toBe(kind.create(given(16, 1), teacher).parameters);
    expect(kind.schema.parse(resolved)).toEqual(resolved);
  });

  it("refuses an unknown option by name, and a missing one", () => {
    const wrong = () => kind.create({ ...given(16, 1), roh: 2 });
    expect(wrong).toThrow(expect.objectContaining({ code: "BAD_CONFIG" }));
    expect(wrong).toThrow(
      new RegExp(`${name}: unknown option "roh"; known: ${distilled ? "trainingSteps" : "size, channels"}`),
    );
    if (!distilled) expect(() => kind.create({ channels: 1 })).toThrow(new RegExp(`${name}.size`));
  });

  it("says of itself what it is", () => {
    const model = make();
    expect([model.side, model.onePass]).toEqual([kind.side, kind.onePass]);
    expect(kind.trained).toBe(true);
    expect(kind.widthOption === undefined || kind.widthOption in kind.schema.shape).toBe(true);
    expect(kind.widthOption === undefined).toBe(distilled);
    expect(model.flopsPerTrainingImage).toBeGreaterThan(model.flopsPerEvaluation);
    expect(model.samplingParameters).toBeLessThanOrEqual(model.parameters);
  });

  it("starts as its state says, from the seed alone", () => {
    const model = make();
    const state = start(model, 1);
    expect(Object.keys(state)).toEqual(Object.keys(model.state));
    for (const [key, { shape, data }] of Object.entries(state)) {
      expect(shape).toEqual(model.state[key]!.shape);
      expect(data.length).toBe(sizeOf(shape));
    }
    expect(start(model, 1)).toEqual(state);
    expect(start(model, 2)).not.toEqual(state);
  });

  it("samples an average where it is asked to keep one, and then has the last step's own weights too", () => {
    const withAverage = (ema: number) =>
      kind.create({ ...given(16, 1), ...small[name as keyof typeof models], ema }, teacherOf(16, 1));
    const [averaging, plain] = [withAverage(0.9), withAverage(0)];
    expect([averaging.averaged, plain.averaged]).toEqual([true, false]);
    expect(plain.rawWeights).toBeUndefined();
    if (name === "progressive") return expect(averaging.rawWeights).toBeUndefined(); // keeps ends of stages
    const state = start(averaging, 1);
    const [own] = Object.keys(state);
    const moved = { ...state, [own!]: { ...state[own!]!, data: state[own!]!.data.map((x) => x + 1) } };
    const raw = averaging.rawWeights!(moved);
    const sampled = averaging.samplingWeights(moved);
    expect(Object.entries(raw).map(([key, { shape }]) => [key, shape])).toEqual(
      Object.entries(sampled).map(([key, { shape }]) => [key, shape]),
    );
    expect(raw.weights).toBe(moved[own!]);
    expect(sampled.weights).toEqual(state[own!]);
  });

  it("feeds what its signature says, the same for the same step, other for another", () => {
    const model = make();
    const feed = model.feed(someImages(model), rng(3), 1);
    const signature = model.feedSignature(BATCH);
    expect(Object.keys(feed).sort()).toEqual(Object.keys(signature).sort());
    for (const [key, { shape, data }] of Object.entries(feed)) {
      expect(shape).toEqual(signature[key]!.shape);
      expect(data.length).toBe(sizeOf(shape));
    }
    expect(model.feed(someImages(model), rng(3), 1)).toEqual(feed);
    expect(model.feed(someImages(model), rng(3), 2)).not.toEqual(feed);
  });

  it.each([1, 3])(
    "trains with one trace: new state, scalar quantities, all finite (%i channels)",
    async (channels) => {
      const model = make(16, channels);
      const before = engine.traces;
      const step = await compileFor(engine, model.trainStep, {
        ...model.state,
        ...model.feedSignature(BATCH),
      });
      const first = start(model, 1);
      let state = first;
      for (let i = 1; i <= 3; i++) {
        const outputs = await step({ ...state, ...model.feed(someImages(model), rng(3), i) });
        expect(Object.keys(outputs).sort()).toEqual(
          [...Object.keys(model.state), ...model.quantities].sort(),
        );
        for (const quantity of model.quantities) expect(outputs[quantity]!.length).toBe(1);
        for (const values of Object.values(outputs)) expect(values.every(Number.isFinite)).toBe(true);
        state = nextState(state, outputs);
      }
      expect(engine.traces).toBe(before + 1);
      for (const key of Object.keys(state))
        if (key !== "teacher") expect(state[key]!.data, key).not.toEqual(first[key]!.data);
    },
  );

  it("samples image i from the stream's fold i, whatever the batch", async () => {
    const model = make();
    const weights = model.samplingWeights(start(model, 1));
    const [one, four] = [
      await model.generator(engine, weights, setting(model), 1),
      await model.generator(engine, weights, setting(model), 4),
    ];
    expect(four.batch).toBe(4);
    expect(four.networkEvaluations).toBe(setting(model).steps);
    const all = await four.generate(rng(6), 10);
    expect(all).toMatchObject({ count: 4, height: 16, width: 16, channels: 1 });
    for (let i = 0; i < 4; i++) {
      const { data } = await one.generate(rng(6), 10 + i);
      expectClose(data, all.data.subarray(i * 256, (i + 1) * 256), 1e-4);
    }
    expect((await four.generate(rng(7), 10)).data).not.toEqual(all.data);
    one.dispose();
    four.dispose();
  });

  it("refuses to sample in ways it does not have", async () => {
    const model = make();
    const weights = model.samplingWeights(start(model, 1));
    for (const wrong of [
      { sampler: "nonesuch", steps: 1 },
      { sampler: setting(model).sampler, steps: 0 },
    ])
      await expect(model.generator(engine, weights, wrong, 1)).rejects.toMatchObject({ code: "BAD_CONFIG" });
  });

  it("fills holes: known pixels stay bit by bit, the hole is not read, image i is drawn from fold i", async () => {
    const model = make();
    const weights = model.samplingWeights(start(model, 1));
    const steps = { steps: name.startsWith("consistency") ? 2 : 4 };
    const { images } = someImages(model);
    const known = Float32Array.from({ length: 256 }, (_, i) => (i < 100 ? 1 : 0));
    const kept = (_: number, i: number) => known[i % 256] === 1;
    const fill = async (given: typeof images, first: number) => {
      const inpainter = await model.inpainter(engine, weights, steps, given.count);
      const { data } = await inpainter.fill(given, known, rng(4), first);
      expect(inpainter.networkEvaluations).toBeGreaterThanOrEqual(steps.steps);
      inpainter.dispose();
      return data;
    };
    const filled = await fill(images, 20);
    expect(filled.filter(kept)).toEqual(images.data.filter(kept));
    expect(filled.every(Number.isFinite)).toBe(true);
    const blank = images.data.map((x, i) => (kept(x, i) ? x : Number.NaN));
    expect(await fill({ ...images, data: blank }, 20)).toEqual(filled);
    const second = { ...images, count: 1, data: images.data.slice(256, 512) };
    expectClose(await fill(second, 21), filled.subarray(256, 512), 1e-4);
    await expect(model.inpainter(engine, weights, { nonesuch: 1 }, 1)).rejects.toMatchObject({
      code: "BAD_CONFIG",
    });
  });

  it("shows how it makes an image, row i from fold i", async () => {
    const model = make();
    const weights = model.samplingWeights(start(model, 1));
    const show = (rows: number) =>
      model.illustrate(engine, weights, setting(model), rng(4), { rows, columns: 3 });
    const [two, one] = [await show(2), await show(1)];
    expect(two).toMatchObject({ rows: 2, columns: 3 });
    expect(two.images).toMatchObject({ count: 6, height: 16, width: 16, channels: 1 });
    expect(two.images.data.length).toBe(6 * 256);
    expectClose(one.images.data, two.images.data.subarray(0, 3 * 256), 1e-4);
    expect(two.images.data.slice(0, 3 * 256)).not.toEqual(two.images.data.slice(3 * 256));
  });

  it("gives its sampling network for export, with the weights among its inputs", async () => {
    const model = make();
    const weights = model.samplingWeights(start(model, 1));
    const signature = model.network.signature(2);
    for (const [key, { shape }] of Object.entries(weights)) expect(signature[key]!.shape).toEqual(shape);
    const compiled = await engine.compile("network", model.network.program, signature);
    expect(compiled.onnx().length).toBeGreaterThan(1000);
    for (const { shape } of Object.values(compiled.outputs)) expect(shape).toEqual([2, 16, 16, 1]);
    compiled.dispose();
  });
});
