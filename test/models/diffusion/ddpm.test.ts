import { beforeAll, describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import type { Engine, HostTensor } from "../../../src/engine/contract.ts";
import { createReferenceEngine } from "../../../src/engine/eager/reference.ts";
import type { State } from "../../../src/models/contract.ts";
import { createDdpm } from "../../../src/models/diffusion/ddpm.ts";
import { compiledEngine, compileFor, evaluateOnce, nextState, unlabelled, waves } from "../evaluate.ts";
import { expectClose } from "../golden.ts";
import { expectGradient } from "../gradients.ts";

let engine: Engine;
let fast: Engine;
beforeAll(async () => {
  engine = await createReferenceEngine();
  fast = await compiledEngine();
});

const tiny = {
  size: 8,
  channels: 1 as const,
  base: 8,
  multipliers: [1, 2],
  blocks: 1,
  attention: [],
  timesteps: 100,
  schedule: { name: "cosine" as const },
};

/** Away from the zeros that a network starts with, so that every parameter matters. */
function shaken(state: State): State {
  const parameters = state.denoiser!.data as Float32Array;
  const data = parameters.map((p, i) => p + 0.1 * Math.sin(i * 1.3 + i * i * 0.01));
  return { ...state, denoiser: { ...state.denoiser!, data } };
}

describe("training", () => {
  it.each([1, 3] as const)("has the gradient of its loss, %i channels", async (channels) => {
    const model = createDdpm({ ...tiny, channels, clip: 0, ema: 0 });
    const state = shaken(model.initialState(rng(1)));
    const feed = model.feed(unlabelled(waves(2, channels)), rng(2), 1);
    const step = await compileFor(engine, model.trainStep, { ...model.state, ...model.feedSignature(2) });
    const outputs = await step({ ...state, ...feed });
    const gradient = outputs.denoiser_moment1!.map((m) => m / (1 - 0.9));
    expect(Math.hypot(...gradient)).toBeCloseTo(outputs.gradient_norm![0]!, 3);
    const loss = async (data: Float32Array) =>
      (await step({ ...state, ...feed, denoiser: { shape: [data.length], data } })).loss![0]!;
    await expectGradient(loss, state.denoiser!.data as Float32Array, gradient, {
      distance: 0.01,
      tolerance: 2e-3,
    });
  });

  it("loses on a handful of images within a few steps, and equal seeds give equal weights", async () => {
    const model = createDdpm({ ...tiny, learningRate: 3e-3, warmup: 5, ema: 0.9 });
    const step = await compileFor(fast, model.trainStep, { ...model.state, ...model.feedSignature(4) });
    const run = async (steps: number) => {
      let state = model.initialState(rng(1));
      const losses: number[] = [];
      for (let i = 1; i <= steps; i++) {
        const outputs = await step({ ...state, ...model.feed(unlabelled(waves(4)), rng(2), i) });
        state = nextState(state, outputs);
        losses.push(outputs.loss![0]!);
      }
      return { state, losses };
    };
    const long = await run(60);
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(long.losses.slice(0, 5))).toBeGreaterThan(0.8); // predicts 0 at first: the noise's variance
    expect(mean(long.losses.slice(-10))).toBeLessThan(0.6);
    const [a, b] = [await run(3), await run(3)];
    expect(a).toEqual(b);
    expect(a.losses).toEqual(long.losses.slice(0, 3));
  });

  it("moves the averaged weights by the share of the warm-up", async () => {
    const model = createDdpm({ ...tiny, ema: 0.9999, warmup: 0, learningRate: 0.1 });
    const state = shaken(model.initialState(rng(1)));
    const outputs = await evaluateOnce(engine, model.trainStep, {
      ...state,
      ...model.feed(unlabelled(waves(1)), rng(2), 1),
    });
    const before = state.denoiser_ema!.data as Float32Array;
    const expected = before.map((e, i) => e + (1 - 2 / 11) * (outputs.denoiser![i]! - e));
    expectClose(outputs.denoiser_ema!, expected, 1e-6);
    expect(model.samplingWeights(nextState(state, outputs)).weights!.data).toEqual(outputs.denoiser_ema);
  });

  it("clips the whole gradient and reports its norm before that", async () => {
    const inputs = (clip: number) => {
      const model = createDdpm({ ...tiny, clip });
      return {
        model,
        inputs: { ...shaken(model.initialState(rng(1))), ...model.feed(unlabelled(waves(1)), rng(2), 1) },
      };
    };
    const run = async (clip: number) => {
      const { model, inputs: given } = inputs(clip);
      return evaluateOnce(engine, model.trainStep, given);
    };
    const [free, clipped] = [await run(0), await run(0.01)];
    expect(free.gradient_norm![0]).toBeGreaterThan(0.01);
    expect(clipped.gradient_norm).toEqual(free.gradient_norm);
    expect(Math.hypot(...clipped.denoiser_moment1!) / 0.1).toBeCloseTo(0.01, 5);
  });
});

describe("feed", () => {
  const model = createDdpm({ ...tiny, warmup: 100, learningRate: 1e-3 });

  it("depends on the stream and the step alone", () => {
    expect(model.feed(unlabelled(waves(3)), rng(4), 9)).toEqual(model.feed(unlabelled(waves(3)), rng(4), 9));
    expect(model.feed(unlabelled(waves(3)), rng(4), 10).noise).not.toEqual(
      model.feed(unlabelled(waves(3)), rng(4), 9).noise,
    );
  });

  it("draws every step of the process equally often, and standard normal noise", () => {
    const count = 20_000;
    const { t, noise, signal, spread } = model.feed(
      unlabelled({ data: new Float32Array(count * 64), count, height: 8, width: 8, channels: 1 }),
      rng(1),
      1,
    ) as Record<string, HostTensor>;
    const seen = new Array<number>(100).fill(0);
    for (const step of t!.data) seen[step]!++;
    const chiSquare = seen.reduce((sum, n) => sum + (n - count / 100) ** 2 / (count / 100), 0);
    expect(chiSquare).toBeLessThan(150); // 99 degrees of freedom: exceeded once in a thousand
    const power = (noise!.data as Float32Array).reduce((sum, z) => sum + z * z, 0) / noise!.data.length;
    expect(power).toBeCloseTo(1, 2);
    for (let i = 0; i < 100; i++) expect(signal!.data[i]! ** 2 + spread!.data[i]! ** 2).toBeCloseTo(1, 6);
  });

  it("warms the learning rate up linearly", () => {
    const size = (step: number) =>
      model.feed(unlabelled(waves(1)), rng(1), step).denoiser_step_size!.data[0]!;
    const correction = (step: number) => Math.sqrt(1 - 0.999 ** step) / (1 - 0.9 ** step);
    for (const [step, rate] of [
      [1, 1e-5],
      [50, 5e-4],
      [100, 1e-3],
      [5000, 1e-3],
    ] as const) // prettier-ignore
      expect(size(step)).toBeCloseTo(rate * correction(step), 9);
  });
});

describe("sampling", () => {
  const model = createDdpm({ ...tiny, variance: "fixed-large" });
  const weights = () =>
    model.samplingWeights({
      ...model.initialState(rng(1)),
      denoiser_ema: shaken(model.initialState(rng(1))).denoiser!,
    });

  it("gives image i whatever the batch", async () => {
    const four = await model.generator(engine, weights(), { sampler: "ddpm", steps: 3 }, 4);
    const one = await model.generator(engine, weights(), { sampler: "ddpm", steps: 3 }, 1);
    const all = await four.generate(rng(3), 8);
    const tenth = await one.generate(rng(3), 10);
    expectClose(all.data.subarray(2 * 64, 3 * 64), tenth.data, 1e-5);
    const other = await one.generate(rng(3), 11);
    expect(Math.abs(other.data[0]! - tenth.data[0]!)).toBeGreaterThan(1e-4);
  });

  it("traces once, however many steps and calls", async () => {
    const before = engine.traces;
    const generator = await model.generator(engine, weights(), { sampler: "ddim", steps: 5 }, 1);
    await generator.generate(rng(3), 0);
    await generator.generate(rng(3), 1);
    expect(engine.traces).toBe(before + 1);
  });

  it.each([
    [{ sampler: "hein", steps: 5 }, /no sampler "hein"; known: ddpm, ddim, euler, heun/],
    [{ sampler: "ddim", steps: 0 }, /1 to 100 steps/],
    [{ sampler: "ddim", steps: 101 }, /1 to 100 steps/],
    [{ sampler: "ddim", steps: 2.5 }, /1 to 100 steps/],
  ])("refuses %j", async (setting, message) => {
    const making = model.generator(engine, weights(), setting, 1);
    await expect(making).rejects.toMatchObject({
      code: "BAD_CONFIG",
      message: expect.stringMatching(message),
    });
  });
});
