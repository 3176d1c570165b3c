/** Training steps of every preset and of what they are combined from: gradients, who moves whom, turns, labels, averages. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import type { Engine, HostTensor } from "../../../src/engine/contract.ts";
import { quantities } from "../../../src/harness/record/quantities.ts";
import type { Model, State } from "../../../src/models/contract.ts";
import { createGan } from "../../../src/models/gan/gan.ts";
import { type PresetName, presets } from "../../../src/models/gan/presets.ts";
import { scalar } from "../../../src/models/nn/index.ts";
import { compiledEngine, compileFor, nextState, type Outputs, waves } from "../evaluate.ts";
import { expectClose } from "../golden.ts";
import { expectGradient } from "../gradients.ts";
import { shaken, tiny } from "./tiny.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await compiledEngine();
});
afterAll(() => engine.dispose());

const BATCH = 4;

const still = (turns: number): State => ({
  generator_step_size: scalar(0),
  ...Object.fromEntries(
    Array.from({ length: turns }, (_, turn) => [
      `discriminator_step_size${turn === 0 ? "" : `_${turn + 1}`}`,
      scalar(0),
    ]),
  ),
});

async function setting(preset: PresetName, options: object = {}) {
  const model = createGan(preset, { ...tiny, ...options });
  const labels = [0, 1, 2, 1];
  const inputs: Record<string, HostTensor> = {
    ...shaken(model.initialState(rng(1))),
    ...model.feed({ images: waves(BATCH, model.channels), labels }, rng(2), 1),
  };
  const step = await compileFor(engine, model.trainStep, { ...model.state, ...model.feedSignature(BATCH) });
  return { model, inputs, step };
}

/** Spectral norms as they settle: only then does the gradient, which takes their vectors as constants, equal differences. */
async function settled({ model, inputs, step }: Awaited<ReturnType<typeof setting>>, turns: number) {
  let at = inputs;
  const name = "discriminator_singular";
  if (!(name in model.state)) return at;
  for (let i = 0; i < 100; i++) {
    const outputs = await step({ ...at, ...still(turns) });
    at = { ...at, [name]: { shape: at[name]!.shape, data: outputs[name]! } };
  }
  return at;
}

const configurations: [string, PresetName, object][] = [
  ["dcgan", "dcgan", {}],
  ["dcgan, smoothed and conditional", "dcgan", { labelSmoothing: 0.1, conditional: true, classes: 3 }],
  ["dcgan, least squares", "dcgan", { loss: "least-squares" }],
  ["sngan-hinge", "sngan-hinge", {}],
  ["sngan-hinge, conditional", "sngan-hinge", { conditional: true, classes: 3 }],
  ["wgan-gp", "wgan-gp", { discriminatorSteps: 1 }],
  ["wgan-gp, conditional", "wgan-gp", { discriminatorSteps: 1, conditional: true, classes: 3 }],
  [
    "dcgan-r1-diffaug, colour",
    "dcgan-r1-diffaug",
    { r1: 2, augment: ["colour", "translation", "cutout"], channels: 3 },
  ],
];

describe.each(configurations)("%s", (_, preset, options) => {
  it.each(["discriminator", "generator"] as const)("has the gradient of the %s's loss", async (network) => {
    const made = await setting(preset, options);
    const inputs = { ...(await settled(made, 1)), ...still(1) };
    const run = (at: Float32Array) => made.step({ ...inputs, [network]: { shape: [at.length], data: at } });
    const parameters = inputs[network]!.data as Float32Array;
    const outputs = await run(parameters);
    const share = 1 - presets[preset].defaults.beta1; // of a gradient in its first moment, which starts at 0
    const gradient = outputs[`${network}_moment1`]!.map((m) => m / share);
    expect(Math.hypot(...gradient)).toBeCloseTo(outputs[`${network}_gradient_norm`]![0]!, 3);
    const loss = async (at: Float32Array) => {
      const outputs = await run(at);
      const penalty = network === "discriminator" ? (outputs.discriminator_penalty?.[0] ?? 0) : 0;
      return outputs[`${network}_loss`]![0]! + penalty;
    };
    // a short way: LeakyReLU has kinks, at which a penalty's gradient jumps
    await expectGradient(loss, parameters, gradient, { distance: 2e-4, tolerance: 1e-2 });
  });

  it("moves each network by its own step alone", async () => {
    const { model, inputs, step } = await setting(preset, options);
    const of = (network: string) => Object.keys(model.state).filter((name) => name.startsWith(network));
    const both = await step(inputs);
    const onlyDiscriminator = await step({ ...inputs, generator_step_size: scalar(0) });
    const onlyGenerator = await step({ ...inputs, discriminator_step_size: scalar(0) });
    for (const name of of("discriminator")) expect(onlyDiscriminator[name], name).toEqual(both[name]);
    expect(onlyDiscriminator.generator).toEqual(inputs.generator!.data);
    expect(onlyDiscriminator.discriminator).not.toEqual(inputs.discriminator!.data);
    expect(onlyGenerator.discriminator).toEqual(inputs.discriminator!.data);
    expect(onlyGenerator.generator).not.toEqual(inputs.generator!.data);
  });

  it("records only quantities that are documented", async () => {
    const { model } = await setting(preset, options);
    for (const quantity of model.quantities) expect(Object.keys(quantities)).toContain(quantity);
  });
});

describe("several discriminator steps", () => {
  it("are single steps one after another, each on its share of the batch", async () => {
    const whole = await setting("wgan-gp", { discriminatorSteps: 2 });
    const both = await whole.step({ ...whole.inputs, generator_step_size: scalar(0) });
    const single = createGan("wgan-gp", { ...tiny, discriminatorSteps: 1 });
    const step = await compileFor(engine, single.trainStep, { ...single.state, ...single.feedSignature(2) });
    const part = (name: string, turn: number): HostTensor => {
      const { shape, data } = whole.inputs[name]!;
      const size = data.length / 2;
      return { shape: [2, ...shape.slice(1)], data: data.slice(turn * size, (turn + 1) * size) };
    };
    let state: State = Object.fromEntries(
      Object.keys(single.state).map((name) => [name, whole.inputs[name]!]),
    );
    const losses: number[] = [];
    for (const turn of [0, 1]) {
      const outputs = await step({
        ...state,
        ...single.feed({ images: waves(2), labels: [0, 0] }, rng(0), turn + 1), // Adam's second step at the second
        ...Object.fromEntries(["images", "latent", "mix"].map((name) => [name, part(name, turn)])),
        generator_step_size: scalar(0),
      });
      losses.push(outputs.discriminator_loss![0]!);
      state = nextState(state, outputs);
    }
    for (const name of ["discriminator", "discriminator_moment1", "discriminator_moment2"])
      expectClose(both[name]!, state[name]!.data, 1e-5);
    expect(both.discriminator_loss![0]).toBeCloseTo((losses[0]! + losses[1]!) / 2, 5);
  });

  it("refuse a batch that they do not divide", () => {
    const model = createGan("wgan-gp", tiny);
    expect(() => model.feedSignature(32)).toThrow(
      expect.objectContaining({ code: "BAD_CONFIG", message: expect.stringMatching(/multiple of 5/) }),
    );
  });
});

describe("the discriminator's accuracy", () => {
  it("is 1/2 where real and generated images are the same, 1 where it tells them apart", async () => {
    const { model, inputs, step } = await setting("sngan-hinge");
    // a generator of zeros makes grey images; so are these real ones
    const zeros = { ...inputs.generator!, data: new Float32Array(inputs.generator!.data.length) };
    const grey = { ...inputs.images!, data: new Float32Array(inputs.images!.data.length) };
    const same = await step({ ...inputs, generator: zeros, images: grey });
    expect([0, 0.5]).toContain(same.discriminator_accuracy![0]); // a score of exactly 0 is on neither side
    let state: State = Object.fromEntries(Object.keys(model.state).map((name) => [name, inputs[name]!]));
    let outputs: Outputs = {};
    for (let i = 1; i <= 150; i++) {
      const fed = model.feed({ images: waves(BATCH), labels: [] }, rng(2), i);
      outputs = await step({
        ...state,
        ...fed,
        generator_step_size: scalar(0),
        discriminator_step_size: scalar(0.01),
      });
      state = nextState(state, outputs);
    }
    expect(outputs.discriminator_accuracy![0]).toBe(1);
  });
});

describe("the averaged generator", () => {
  it("comes with averaged statistics, and is what is sampled", async () => {
    const { model, inputs, step } = await setting("dcgan-r1-diffaug");
    const outputs = await step(inputs);
    const share = inputs.generator_ema_share!.data[0]!;
    // statistics move a tenth of the way to the batch's, which gives the batch's
    const before = inputs.statistics!.data;
    const batch = outputs.statistics!.map((s, i) => before[i]! + (s - before[i]!) / 0.1);
    const averaged = Float32Array.from(batch, (b, i) => before[i]! + share * (b - before[i]!));
    expectClose(outputs.statistics_ema!, averaged, 1e-4);
    const weights = model.samplingWeights(
      nextState(Object.fromEntries(Object.keys(model.state).map((n) => [n, inputs[n]!])), outputs),
    );
    expect(weights.weights!.data).toEqual(outputs.generator_ema);
    expect(weights.statistics!.data).toEqual(outputs.statistics_ema);
  });
});

describe("a conditional GAN", () => {
  const conditional = {
    ...tiny,
    conditional: true,
    classes: 2,
    generatorWidth: 8,
    discriminatorWidth: 8,
    learningRate: 2e-3,
  };
  const shade = (label: number) => (label === 0 ? -0.7 : 0.7);

  async function learned(): Promise<{ model: Model; weights: State }> {
    const model = createGan("dcgan", conditional);
    const step = await compileFor(engine, model.trainStep, { ...model.state, ...model.feedSignature(16) });
    const labels = Array.from({ length: 16 }, (_, i) => i % 2);
    const flat = new Float32Array(16 * 64);
    for (let i = 0; i < 16; i++) flat.fill(shade(labels[i]!), i * 64, (i + 1) * 64);
    let state = model.initialState(rng(1));
    for (let i = 1; i <= 120; i++) {
      const batch = { images: { ...waves(16), data: flat }, labels };
      state = nextState(state, await step({ ...state, ...model.feed(batch, rng(2), i) }));
    }
    return { model, weights: model.samplingWeights(state) };
  }

  it("makes what it is asked for, image i from fold i and label i", async () => {
    const { model, weights } = await learned();
    expect(model.classes).toBe(2);
    const generator = await model.generator(engine, weights, { sampler: "none", steps: 1 }, 6);
    const asked = [0, 1, 1, 0, 1, 0];
    const { data } = await generator.generate(rng(3), 0, asked);
    generator.dispose();
    asked.forEach((label, i) => {
      const mean = data.slice(i * 64, (i + 1) * 64).reduce((sum, x) => sum + x, 0) / 64;
      expect(Math.sign(mean)).toBe(Math.sign(shade(label)));
    });
    const walk = await model.illustrate(engine, weights, { sampler: "none", steps: 1 }, rng(4), {
      rows: 2,
      columns: 3,
    });
    const row = (i: number) =>
      walk.images.data.slice(i * 3 * 64, (i + 1) * 3 * 64).reduce((a, b) => a + b, 0);
    expect(row(0)).toBeLessThan(0);
    expect(row(1)).toBeGreaterThan(0);
    // a hole filled as labelled: nothing known but the label
    const inpainter = await model.inpainter(engine, weights, { steps: 2 }, 2);
    const none = new Float32Array(64);
    const filled = await inpainter.fill(
      { ...waves(2), data: new Float32Array(128) },
      none,
      rng(5),
      0,
      [1, 0],
    );
    inpainter.dispose();
    expect(filled.data.slice(0, 64).reduce((a, b) => a + b, 0)).toBeGreaterThan(0);
    expect(filled.data.slice(64).reduce((a, b) => a + b, 0)).toBeLessThan(0);
  });

  it("needs the labels of the data", () => {
    expect(() => createGan("dcgan", { ...tiny, conditional: true })).toThrow(
      expect.objectContaining({ code: "BAD_CONFIG", message: expect.stringMatching(/at least 2 labels/) }),
    );
    expect(createGan("dcgan", { ...tiny, classes: 7 }).classes).toBe(0); // given by the data, not asked for
  });
});

describe("parts that do not fit", () => {
  it.each([
    [
      { gradientPenalty: 10 },
      /batch normalisation mixes them; set discriminatorNorm to layer or none, or gradientPenalty/,
    ],
    [{ r1: 1, gradientPenalty: 1 }, /gradientPenalty and r1 to 0/],
    [{ loss: "hinge", labelSmoothing: 0.1 }, /hinge loss has none/],
    [{ augment: ["colours"] }, /dcgan\.augment/],
  ])("%j is refused", (options, message) => {
    expect(() => createGan("dcgan", { ...tiny, ...options })).toThrow(
      expect.objectContaining({ code: "BAD_CONFIG", message: expect.stringMatching(message) }),
    );
  });

  it("refuses sampler options", () => {
    const model = createGan("dcgan", tiny);
    expect(() => model.checkSetting({ sampler: "none", steps: 1, options: { guidance: 1 } })).toThrow(
      /takes no options; leave out guidance/,
    );
  });
});
