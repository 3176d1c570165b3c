import type * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { FloatImages } from "../../../src/core/images.ts";
import { rng } from "../../../src/core/rng.ts";
import type { Engine } from "../../../src/engine/contract.ts";
import { createReferenceEngine } from "../../../src/engine/eager/reference.ts";
import type { State } from "../../../src/models/contract.ts";
import { createGan } from "../../../src/models/gan/gan.ts";
import { losses } from "../../../src/models/gan/losses/index.ts";
import { discriminatorNetwork, generatorNetwork } from "../../../src/models/gan/networks.ts";
import { countOf, initialise, scalar } from "../../../src/models/nn/index.ts";
import {
  compiledEngine,
  compileFor,
  evaluateOnce,
  nextState,
  type Outputs,
  unlabelled,
  waves,
} from "../evaluate.ts";
import { expectClose, host } from "../golden.ts";
import { shaken, tiny } from "./tiny.ts";

let engine: Engine;
let fast: Engine;
beforeAll(async () => {
  engine = await createReferenceEngine();
  fast = await compiledEngine();
});

describe("networks", () => {
  it("have the parameters and convolution work of the same networks in PyTorch", () => {
    const model = createGan("dcgan", { size: 28, channels: 1 });
    expect(model.parameters).toBe(898_370); // sum of numel() over nn.Module.parameters()
    expect(model.samplingParameters).toBe(759_681);
    const shape = { size: 28, channels: 1, depth: 2 };
    expect(generatorNetwork(shape, 100, 64).flops.convolution / 1e6).toBeCloseTo(13.246, 3); // by forward hooks
    expect(discriminatorNetwork(shape, 64).flops.convolution / 1e6).toBeCloseTo(13.246, 3);
  });

  it("are the paper's at 64 pixels: 4 x 4 maps of 8 times the width, four doublings", () => {
    const generator = generatorNetwork({ size: 64, channels: 3, depth: 4 }, 100, 128);
    const filters = Object.entries(generator.parameters).filter(([name]) => name.endsWith("filter"));
    expect(generator.parameters["dense.kernel"]!.shape).toEqual([100, 1024 * 16]);
    expect(filters.map(([, { shape }]) => shape)).toEqual([
      [1024, 512, 4, 4],
      [512, 256, 4, 4],
      [256, 128, 4, 4],
      [128, 3, 4, 4],
    ]);
    expect(createGan("dcgan", { size: 64, channels: 3, generatorWidth: 128 }).samplingParameters).toBe(
      countOf(generator.parameters),
    );
  });

  it("start at N(0, 0.02), gains at N(1, 0.02)", () => {
    const { parameters } = generatorNetwork({ size: 28, channels: 1, depth: 2 }, 100, 64);
    const values = (name: string) => initialise({ [name]: parameters[name]! }, rng(1));
    const moments = (x: Float32Array) => {
      const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
      return [mean, Math.sqrt(x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length)];
    };
    const [mean, deviation] = moments(values("dense.kernel"));
    expect(mean).toBeCloseTo(0, 3);
    expect(deviation).toBeCloseTo(0.02, 3);
    const [gain, spread] = moments(values("stages.0.norm.scale"));
    expect(gain).toBeCloseTo(1, 2);
    expect(spread).toBeCloseTo(0.02, 2);
  });

  it.each([16, 28, 32, 64])("make images of %i pixels in [-1, 1], grey or colour", async (size) => {
    for (const channels of [1, 3] as const) {
      const model = createGan("dcgan", {
        size,
        channels,
        latent: 4,
        generatorWidth: 2,
        discriminatorWidth: 2,
      });
      const weights = model.samplingWeights(shaken(model.initialState(rng(1))));
      const generator = await model.generator(fast, weights, { sampler: "none", steps: 1 }, 2);
      const made = await generator.generate(rng(2), 0);
      generator.dispose();
      expect(made.data.length).toBe(2 * size * size * channels);
      const sizes = made.data.map(Math.abs);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(1);
      expect(Math.max(...sizes)).toBeGreaterThan(0.1);
    }
  });

  it("refuse sizes that do not halve evenly", () => {
    expect(() => createGan("dcgan", { size: 30, channels: 1 })).toThrow(/30 does not halve evenly 2 times/);
    expect(() => createGan("dcgan", { size: 28, channels: 1, depth: 3 })).toThrow(
      /28 does not halve evenly 3 times/,
    );
  });
});

describe.each(Object.entries(losses))("loss %s", (_name, loss) => {
  it("falls for the discriminator as real scores rise and fake ones sink, and for the generator as fake ones rise", async () => {
    const at = async (real: number, fake: number) =>
      evaluateOnce(
        engine,
        ({ real, fake }) => ({
          discriminator: loss.discriminator(real as tf.Tensor1D, fake as tf.Tensor1D),
          generator: loss.generator(fake as tf.Tensor1D),
        }),
        { real: host([real, real]), fake: host([fake, fake]) },
      );
    const even = await at(0.5, 0.5); // where no loss is satisfied: least squares has its targets at 0 and 1
    expect((await at(0.75, 0.5)).discriminator![0]).toBeLessThan(even.discriminator![0]!);
    expect((await at(0.5, 0.25)).discriminator![0]).toBeLessThan(even.discriminator![0]!);
    expect((await at(0.5, 0.75)).generator![0]).toBeLessThan(even.generator![0]!);
  });
});

describe("a training step", () => {
  const still = { discriminator_step_size: scalar(0), generator_step_size: scalar(0) };
  const setting = async (channels: 1 | 3 = 1) => {
    const model = createGan("dcgan", { ...tiny, channels });
    const inputs = {
      ...shaken(model.initialState(rng(1))),
      ...model.feed(unlabelled(waves(4, channels)), rng(2), 1),
    };
    const step = await compileFor(engine, model.trainStep, { ...model.state, ...model.feedSignature(4) });
    return { model, inputs, step };
  };

  it("plays the generator against the discriminator just moved", async () => {
    const { inputs, step } = await setting();
    const moved = await step(inputs);
    const opponent = { shape: inputs.discriminator!.shape, data: moved.discriminator! };
    const against = await step({ ...inputs, ...still, discriminator: opponent });
    expect(moved.generator_loss).toEqual(against.generator_loss);
    expect(moved.generator_loss).not.toEqual((await step({ ...inputs, ...still })).generator_loss);
  });

  it("moves the running statistics a tenth of the way to the batch's", async () => {
    const { model, inputs, step } = await setting();
    const once = await step({ ...inputs, ...still });
    const from = (data: Float32Array) => ({ shape: model.state.statistics!.shape, data });
    const twice = await step({ ...inputs, ...still, statistics: from(once.statistics!) });
    // the batch's own statistics b solve s1 = s0 + 0.1 (b - s0); the same batch again must give the same b
    const batch = (s0: ArrayLike<number>, s1: Float32Array) => s1.map((s, i) => s0[i]! + (s - s0[i]!) / 0.1);
    expectClose(
      batch(once.statistics!, twice.statistics!),
      batch(inputs.statistics!.data, once.statistics!),
      1e-4,
    );
  });

  it("normalises samples by statistics that follow: evaluation comes to equal training", async () => {
    const { model, inputs, step } = await setting();
    let outputs: Outputs = await step({ ...inputs, ...still });
    for (let i = 0; i < 150; i++) {
      const statistics = { shape: model.state.statistics!.shape, data: outputs.statistics! };
      outputs = await step({ ...inputs, ...still, statistics });
    }
    const { images: made } = await evaluateOnce(engine, model.network.program, {
      weights: inputs.generator!,
      statistics: { shape: model.state.statistics!.shape, data: outputs.statistics! },
      latent: inputs.latent!,
    });
    // what the discriminator saw: its score of these is the score that the step reports, up to n / (n - 1)
    const { score } = await evaluateOnce(
      engine,
      (given) => {
        const seen = model.trainStep({ ...given, images: given.made! });
        return { score: seen.discriminator_real! };
      },
      { ...inputs, ...still, made: { shape: [4, 8, 8, 1], data: made! } },
    );
    expect(score![0]).toBeCloseTo(outputs.discriminator_fake![0]!, 2);
  }, 120_000);

  it("averages the generator where asked to, and samples from that", async () => {
    const model = createGan("dcgan", { ...tiny, ema: 0.9999 });
    const state = model.initialState(rng(1));
    const outputs = await evaluateOnce(engine, model.trainStep, {
      ...state,
      ...model.feed(unlabelled(waves(4)), rng(2), 1),
      generator_step_size: scalar(0.1),
    });
    const before = state.generator_ema!.data as Float32Array;
    const expected = before.map((e, i) => e + (1 - 2 / 11) * (outputs.generator![i]! - e));
    expectClose(outputs.generator_ema!, expected, 1e-6);
    expect(model.samplingWeights(nextState(state, outputs)).weights!.data).toEqual(outputs.generator_ema);
  });
});

it("learns a single image, and equal seeds give equal weights", async () => {
  const model = createGan("dcgan", { ...tiny, generatorWidth: 8, discriminatorWidth: 8, learningRate: 2e-3 });
  const one = waves(1);
  const batch: FloatImages = { ...one, count: 8, data: new Float32Array(8 * 64) };
  for (let i = 0; i < 8; i++) batch.data.set(one.data, i * 64);
  const step = await compileFor(fast, model.trainStep, { ...model.state, ...model.feedSignature(8) });
  const run = async (steps: number) => {
    let state = model.initialState(rng(1));
    for (let i = 1; i <= steps; i++)
      state = nextState(state, await step({ ...state, ...model.feed(unlabelled(batch), rng(2), i) }));
    return state;
  };
  expect(await run(3)).toEqual(await run(3));
  const distance = async (state: State) => {
    const generator = await model.generator(
      fast,
      model.samplingWeights(state),
      { sampler: "none", steps: 1 },
      8,
    );
    const { data } = await generator.generate(rng(5), 0);
    return data.reduce((sum, v, i) => sum + (v - batch.data[i]!) ** 2, 0) / data.length;
  };
  const before = await distance(model.initialState(rng(1)));
  expect(await distance(await run(300))).toBeLessThan(0.25 * before);
});
