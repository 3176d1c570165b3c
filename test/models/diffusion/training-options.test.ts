/** What the options of ddpm change in training: every combination has the gradient of its loss on every engine. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FloatImages } from "../../../src/core/images.ts";
import { rng } from "../../../src/core/rng.ts";
import type { Engine } from "../../../src/engine/contract.ts";
import { createReferenceEngine } from "../../../src/engine/eager/reference.ts";
import type { Model, State } from "../../../src/models/contract.ts";
import { createDdpm } from "../../../src/models/diffusion/ddpm.ts";
import { compiledEngine, compileFor, nextState } from "../evaluate.ts";
import { expectClose } from "../golden.ts";
import { expectGradient } from "../gradients.ts";

let engine: Engine;
let fast: Engine;
beforeAll(async () => {
  engine = await createReferenceEngine();
  fast = await compiledEngine();
});
afterAll(() => fast.dispose());

const tiny = {
  size: 4,
  channels: 1 as const,
  classes: 3,
  base: 8,
  multipliers: [1, 1],
  blocks: 1,
  attention: [],
  timesteps: 20,
  schedule: { name: "cosine" as const },
  clip: 0,
  ema: 0,
};
type Options = Omit<Partial<Parameters<typeof createDdpm>[0]>, "size" | "channels">;

const BATCH = 3;
const batch = {
  images: {
    data: Float32Array.from({ length: BATCH * 16 }, (_, i) => Math.sin(i * 0.7) * Math.cos(i * 0.05)),
    count: BATCH,
    height: 4,
    width: 4,
    channels: 1,
  } satisfies FloatImages,
  labels: [0, 2, 1],
};

/** Away from the zeros that a network starts with, so that every parameter matters. */
function shaken(state: State): State {
  const parameters = state.denoiser!.data as Float32Array;
  const data = parameters.map((p, i) => p + 0.1 * Math.sin(i * 1.3 + i * i * 0.01));
  return { ...state, denoiser: { ...state.denoiser!, data } };
}

const feedOf = (model: Model, step = 1) => model.feed(batch, rng(2), step, model.memory?.initial);

const combinations: [string, Options][] = [
  ["target x0", { target: "x0" }],
  ["target v", { target: "v" }],
  ["the bound in means", { objective: { name: "bound" }, variance: "fixed-large" }],
  ["the bound in epsilon form", { objective: { name: "bound", form: "epsilon" } }],
  ["the bound of the mean", { objective: { name: "bound" }, target: "mean" }],
  ["min-SNR on v", { objective: { name: "min-snr" }, target: "v" }],
  ["hybrid", { objective: { name: "hybrid", weight: 1 }, variance: "learned-range" }],
  ["the bound with a learned variance", { objective: { name: "bound" }, variance: "learned-range" }],
  ["loss-aware timesteps", { objective: { name: "bound" }, timestepSampling: "loss-aware" }],
  ["input scale, expected deviation", { inputScale: 0.5, inputNormalisation: "expected", target: "v" }],
  [
    "input scale, own deviation",
    { inputScale: 0.5, inputNormalisation: "sample", objective: { name: "bound" } },
  ],
  ["labels", { conditional: true }],
  ["dropout", { dropout: 0.2 }],
  ["pooling, two heads, no zeros", { resampling: "pooling", heads: 2, zeroInitialised: false }],
  ["the article's time encoding", { timeEncoding: "interleaved", timePeriod: 1000 }],
];

describe.each(combinations)("%s", (_, options) => {
  const model = createDdpm({ ...tiny, ...options });
  const state = shaken(model.initialState(rng(1)));
  const inputs = { ...state, ...feedOf(model) };
  const signature = { ...model.state, ...model.feedSignature(BATCH) };

  it("has the gradient of its loss, the same on every engine", async () => {
    const step = await compileFor(fast, model.trainStep, signature);
    const outputs = await step(inputs);
    const gradient = outputs.denoiser_moment1!.map((m) => m / (1 - 0.9));
    expect(Math.hypot(...gradient) / outputs.gradient_norm![0]!).toBeCloseTo(1, 3);
    const eager = await (await compileFor(engine, model.trainStep, signature))(inputs);
    expect(Object.keys(eager).sort()).toEqual(Object.keys(outputs).sort());
    const quantities = Object.keys(outputs).filter((name) => !(name in model.state));
    for (const name of [...quantities, "denoiser_moment1"]) expectClose(outputs[name]!, eager[name]!, 1e-4);
    // hybrid's bound holds the mean still, so its loss moves more than its gradient says
    if (options.objective?.name === "hybrid") return;
    const loss = async (data: Float32Array) =>
      (await step({ ...inputs, denoiser: { shape: [data.length], data } })).loss![0]!;
    await expectGradient(loss, state.denoiser!.data as Float32Array, gradient, {
      distance: 0.004,
      tolerance: 4e-3,
    });
  });

  const affectsSampling = ["target", "variance", "inputScale", "conditional", "timeEncoding"].some(
    (name) => name in options,
  );
  if (!affectsSampling) return;
  it("samples and bounds what it has trained", async () => {
    const weights = model.samplingWeights(state);
    const generator = await model.generator(fast, weights, { sampler: "ddpm", steps: 3 }, 2);
    const labels = model.classes > 0 ? [0, 2] : undefined;
    const { data } = await generator.generate(rng(3), 0, labels);
    generator.dispose();
    expect(data.every((value) => Number.isFinite(value) && Math.abs(value) < 20)).toBe(true);
    const { prior, terms } = await model.diffusion!.bound(fast, weights, {
      images: batch.images,
      labels: batch.labels,
      stream: rng(4),
      batch: 2,
    });
    expect(prior.every((bits) => bits >= 0)).toBe(true);
    for (const row of terms) expect(row.every((bits) => bits > -1e-5 && Number.isFinite(bits))).toBe(true);
  });
});

describe("labels", () => {
  const model = createDdpm({ ...tiny, conditional: true, labelDropout: 0.25 });

  it("are withheld at the rate, and otherwise told as they are", () => {
    const count = 4000;
    const images = { ...batch.images, data: new Float32Array(count * 16), count };
    const labels = Array.from({ length: count }, (_, i) => i % 3);
    const told = Array.from(model.feed({ images, labels }, rng(1), 1).labels!.data);
    const withheld = told.filter((label) => label === 3).length;
    expect(Math.abs(withheld / count - 0.25)).toBeLessThan(0.03);
    for (const [i, label] of told.entries()) expect([3, labels[i]]).toContain(label);
  });

  it("must sometimes be withheld for guidance to have something to guide away from", () => {
    const guided = { sampler: "ddim", steps: 2, options: { guidance: 1 } };
    expect(() => model.checkSetting(guided)).not.toThrow();
    expect(model.drawsUnlabelled).toBe(true);
    const told = createDdpm({ ...tiny, conditional: true, labelDropout: 0 });
    expect(() => told.checkSetting(guided)).toThrow(/every label told: set its labelDropout above 0/);
    expect(told.drawsUnlabelled).toBe(false);
    expect(createDdpm({ ...tiny, labelDropout: 0.25 }).drawsUnlabelled).toBe(false); // nothing to leave out
  });

  it("say of the model how many there are", () => {
    expect(model.classes).toBe(3);
    expect(createDdpm(tiny).classes).toBe(0);
    expect(createDdpm(tiny).feedSignature(1).labels).toBeUndefined();
  });
});

it("the loss memory takes the step's losses, and the next draws follow it", async () => {
  const model = createDdpm({
    ...tiny,
    timesteps: 2,
    objective: { name: "bound" },
    timestepSampling: "loss-aware",
  });
  const step = await compileFor(fast, model.trainStep, { ...model.state, ...model.feedSignature(BATCH) });
  let memory = model.memory!.initial;
  let state = shaken(model.initialState(rng(1)));
  for (let i = 1; i <= 12; i++) {
    const feed = model.feed(batch, rng(2), i, memory);
    const outputs = await step({ ...state, ...feed });
    memory = model.memory!.next(memory, feed, {
      sample_loss: { shape: [BATCH], data: outputs.sample_loss! },
    });
    const weighted = Array.from(feed.loss_weight!.data).map((weight, k) => weight * outputs.sample_loss![k]!);
    expect(outputs.loss![0]! / (weighted.reduce((a, b) => a + b, 0) / BATCH)).toBeCloseTo(1, 4);
    state = nextState(state, outputs);
  }
  expect(Array.from(memory.step_counts!.data)).toEqual([10, 10]);
  const weights = [13, 14, 15, 16].flatMap((i) => [
    ...model.feed(batch, rng(2), i, memory).loss_weight!.data,
  ]);
  expect(weights.some((weight) => weight === 1)).toBe(false);
});

it("dropout is drawn from the step's stream, and only in training", () => {
  const model = createDdpm({ ...tiny, dropout: 0.2 });
  expect(feedOf(model).dropout).toEqual(feedOf(model).dropout);
  expect(feedOf(model, 2).dropout).not.toEqual(feedOf(model, 1).dropout);
  expect(Object.keys(model.network.signature(1))).toEqual(["weights", "images", "t"]);
});

it("an input scale multiplies the images before they are noised", () => {
  const signal = (inputScale: number) => feedOf(createDdpm({ ...tiny, inputScale })).signal!.data;
  expectClose(
    signal(0.3),
    Array.from(signal(1), (value) => 0.3 * value),
    1e-6,
  );
});

it("the exported network names what it estimates", () => {
  const outputs = (options: Options) => {
    const model = createDdpm({ ...tiny, ...options });
    return engine.compile("network", model.network.program, model.network.signature(2));
  };
  return Promise.all(
    (
      [
        [{}, ["epsilon"]],
        [{ target: "v" }, ["v"]],
        [{ objective: { name: "hybrid" }, variance: "learned-range" }, ["epsilon", "variance_share"]],
      ] as const
    ).map(async ([options, names]) => {
      const compiled = await outputs(options);
      expect(Object.keys(compiled.outputs)).toEqual(names);
      for (const { shape } of Object.values(compiled.outputs)) expect(shape).toEqual([2, 4, 4, 1]);
    }),
  );
});

describe("refusals", () => {
  it.each([
    [
      { variance: "learned-range", target: "x0", objective: { name: "hybrid" } },
      /learned-range is not supported with target x0/,
    ],
    [{ variance: "learned-range" }, /objective simple: it does not train the variance/],
    [{ objective: { name: "hybrid" } }, /objective hybrid: its bound trains a learned variance/],
    [{ conditional: true, classes: 0 }, /conditional: this data has no labels/],
    [{ inputScale: 0 }, /ddpm.inputScale: .*>0/],
    [{ inputScale: -1 }, /ddpm.inputScale: .*>0/],
    [{ schedule: { name: "chen-sigmoid", start: 2, end: 1 } }, /ddpm.schedule.*start is not below end/],
    [{ schedule: { name: "linear", scaled: true }, timesteps: 10 }, /of 10 steps/],
    [{ dropout: 1 }, /ddpm.dropout/],
    [{ heads: 3 }, /3 heads/],
    [{ objective: { name: "simple", gamma: 5 } }, /unknown option "gamma"; known: name/],
  ])("%j", (options, message) => {
    const make = () => createDdpm({ ...tiny, ...(options as Options) });
    expect(make).toThrow(expect.objectContaining({ code: "BAD_CONFIG" }));
    expect(make).toThrow(message);
  });
});
