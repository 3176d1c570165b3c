/** What a generator's latent space is used for besides sampling: filling holes, and walks. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FloatImages } from "../../../src/core/images.ts";
import { rng } from "../../../src/core/rng.ts";
import type { Engine } from "../../../src/engine/contract.ts";
import type { State } from "../../../src/models/contract.ts";
import { createGan } from "../../../src/models/gan/gan.ts";
import { slerp } from "../../../src/models/gan/walk.ts";
import { compiledEngine } from "../evaluate.ts";
import { expectClose } from "../golden.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await compiledEngine();
});
afterAll(() => engine.dispose());

const onePass = { sampler: "none", steps: 1 };

/** A generator whose images differ: at N(0, 0.02) they are all but grey. */
function setting(channels: 1 | 3 = 1) {
  const model = createGan("dcgan", {
    size: 8,
    channels,
    latent: 4,
    generatorWidth: 4,
    discriminatorWidth: 4,
  });
  const { generator, ...state } = model.initialState(rng(1));
  const loud = { shape: generator!.shape, data: generator!.data.map((w) => 8 * w) as Float32Array };
  return { model, weights: model.samplingWeights({ ...state, generator: loud }) };
}

async function generated(count: number, channels: 1 | 3 = 1): Promise<FloatImages> {
  const { model, weights } = setting(channels);
  const generator = await model.generator(engine, weights, onePass, count);
  const images = await generator.generate(rng(77), 0);
  generator.dispose();
  return images;
}

/** The lower half missing. */
const half = Float32Array.from({ length: 64 }, (_, i) => (i < 32 ? 1 : 0));

async function fill(images: FloatImages, options: Record<string, unknown>, first = 0, channels: 1 | 3 = 1) {
  const { model, weights } = setting(channels);
  const inpainter = await model.inpainter(engine, weights, options, images.count);
  const filled = await inpainter.fill(images, half, rng(5), first);
  inpainter.dispose();
  return filled.data;
}

const hole = (data: Float32Array) => data.filter((_, i) => i % 64 >= 32);
const distance = (a: Float32Array, b: Float32Array) =>
  Math.sqrt(a.reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0) / a.length);

describe("inpainting", () => {
  it("finds the latent of an image of the generator's own from half of its pixels", async () => {
    const truth = await generated(3);
    const start = await fill(truth, { steps: 1, rate: 1e-6, restarts: 1, prior: 0 });
    const found = await fill(truth, { steps: 300, rate: 0.05, restarts: 6, prior: 0 });
    expect(distance(hole(start), hole(truth.data))).toBeGreaterThan(0.1);
    expect(distance(hole(found), hole(truth.data))).toBeLessThan(0.02);
  });

  it("keeps the known pixels bit by bit and does not read the hole", async () => {
    for (const channels of [1, 3] as const) {
      const truth = await generated(2, channels);
      const known = (_: number, i: number) => Math.floor(i / channels) % 64 < 32;
      const blank = { ...truth, data: truth.data.map((x, i) => (known(x, i) ? x : Number.NaN)) };
      const options = { steps: 5 };
      const filled = await fill(truth, options, 0, channels);
      expect(filled.filter(known)).toEqual(truth.data.filter(known));
      expect(await fill(blank, options, 0, channels)).toEqual(filled);
    }
  });

  it("draws image i from the stream's fold i, whatever the batch", async () => {
    const truth = await generated(3);
    const all = await fill(truth, { steps: 5 }, 10);
    for (let i = 0; i < 3; i++) {
      const one = { ...truth, count: 1, data: truth.data.slice(i * 64, (i + 1) * 64) };
      expectClose(await fill(one, { steps: 5 }, 10 + i), all.slice(i * 64, (i + 1) * 64), 1e-4);
    }
  });

  it("takes the restart that fits the known pixels best: with more of them the hole comes nearer the truth", async () => {
    const truth = await generated(4);
    const error = async (restarts: number) =>
      distance(await fill(truth, { steps: 20, restarts, prior: 0 }), truth.data);
    expect(await error(8)).toBeLessThan(await error(1));
  });

  it("counts a pass backward as two", async () => {
    const { model, weights } = setting();
    const inpainter = await model.inpainter(engine, weights, { steps: 10, restarts: 3 }, 2);
    expect(inpainter.networkEvaluations).toBe(3 * (10 * 3 + 1));
    inpainter.dispose();
  });

  it("refuses an option that it does not have", async () => {
    const { model, weights } = setting();
    await expect(model.inpainter(engine, weights, { stepz: 1 }, 1)).rejects.toMatchObject({
      code: "BAD_CONFIG",
      message: expect.stringMatching(/"stepz"; known: steps, rate, restarts, prior/),
    });
  });
});

describe("walks between latents", () => {
  it("keep to the great circle, at even angles", () => {
    const [a, b] = [Float64Array.of(2, 0, 0), Float64Array.of(0, 2, 0)];
    expectClose(slerp(a, b, 0), a, 1e-12);
    expectClose(slerp(a, b, 1), b, 1e-12);
    const third = slerp(a, b, 1 / 3);
    expect(Math.hypot(...third)).toBeCloseTo(2, 12);
    expect(Math.atan2(third[1]!, third[0]!)).toBeCloseTo(Math.PI / 6, 12);
    expectClose(slerp(a, Float64Array.of(4, 0, 0), 0.5), [3, 0, 0], 1e-12);
  });

  it("show a row per stream, smooth from end to end", async () => {
    const { model, weights } = setting();
    const shape = { rows: 2, columns: 9 };
    const shown = await model.illustrate(engine, weights as State, onePass, rng(3), shape);
    expect(shown).toMatchObject(shape);
    expect(shown.images.count).toBe(18);
    const at = (i: number) => shown.images.data.slice(i * 64, (i + 1) * 64);
    const steps = Array.from({ length: 8 }, (_, i) => distance(at(i), at(i + 1)));
    expect(Math.max(...steps)).toBeLessThan(distance(at(0), at(8)));
    expect(distance(at(0), at(9))).toBeGreaterThan(0.01); // the rows differ
    const first = await model.illustrate(engine, weights as State, onePass, rng(3), { rows: 1, columns: 9 });
    expectClose(first.images.data, shown.images.data.slice(0, 9 * 64), 1e-5);
  });
});
