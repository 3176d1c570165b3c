import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import { mean } from "../../../src/core/statistics/index.ts";
import type { Engine, Value } from "../../../src/engine/contract.ts";
import type { Model, State } from "../../../src/models/contract.ts";
import { createDdpm } from "../../../src/models/diffusion/ddpm.ts";
import { createConsistency } from "../../../src/models/diffusion/distillation/consistency.ts";
import {
  consistencyDenoiser,
  consistencyMethod,
  consistencyTarget,
  trainedLevels,
} from "../../../src/models/diffusion/distillation/consistency-function.ts";
import { pseudoHuber } from "../../../src/models/diffusion/distillation/consistency-model.ts";
import { drawPair, levelsAt } from "../../../src/models/diffusion/distillation/consistency-training.ts";
import { halvingStages, shareLeft, stageAt } from "../../../src/models/diffusion/distillation/halving.ts";
import { createProgressive } from "../../../src/models/diffusion/distillation/progressive.ts";
import { sigmaOf, trailingSpacing } from "../../../src/models/diffusion/respacing.ts";
import { samplingOf } from "../../../src/models/diffusion/sampling.ts";
import { compiledEngine, compileFor, evaluateOnce, nextState, unlabelled } from "../evaluate.ts";
import { expectClose } from "../golden.ts";
import { expectGradient } from "../gradients.ts";
import { gaussian, idealWeights, linearTeacher } from "./linear-teacher.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await compiledEngine();
});
afterAll(() => engine.dispose());

const BATCH = 64;

function gaussianImages(step: number, count = BATCH) {
  const data = rng(50)
    .fold(step)
    .fillNormal(new Float32Array(4 * count));
  return unlabelled({
    data: data.map((z) => gaussian.mean + gaussian.deviation * z),
    count,
    height: 2,
    width: 2,
    channels: 1,
  });
}

async function trainOn(model: Model, teacher: State, steps: number): Promise<State> {
  const compiled = await engine.compile("train", model.trainStep, {
    ...model.state,
    ...model.feedSignature(BATCH),
  });
  let state: Record<string, Value> = {};
  for (const [name, tensor] of Object.entries(model.initialState(rng(1), teacher)))
    state[name] = await engine.upload(tensor);
  for (let step = 1; step <= steps; step++) {
    const outputs = await compiled.run({ ...state, ...model.feed(gaussianImages(step), rng(2), step) });
    state = Object.fromEntries(Object.keys(model.state).map((name) => [name, outputs[name]!]));
  }
  const read: Record<string, State[string]> = {};
  for (const [name, value] of Object.entries(state))
    read[name] = { shape: value.shape, data: await value.read() };
  return read;
}

async function sampled(
  model: Pick<Model, "generator">,
  weights: State,
  sampler: string,
  steps: number,
  options = {},
) {
  const generator = await model.generator(engine, weights, { sampler, steps, options }, 500);
  const { data } = await generator.generate(rng(9), 0);
  generator.dispose();
  return data;
}

describe("the halving schedule", () => {
  it("goes from half the first teacher's steps to one, twice as long at the last two, over all of training", () => {
    const stages = halvingStages(32, 700);
    expect(stages).toEqual([
      { steps: 16, before: 0, length: 100 },
      { steps: 8, before: 100, length: 100 },
      { steps: 4, before: 200, length: 100 },
      { steps: 2, before: 300, length: 200 },
      { steps: 1, before: 500, length: 200 },
    ]);
    expect([1, 100, 101, 500, 501, 700, 701].map((step) => stageAt(stages, step).steps)).toEqual([
      16, 16, 8, 2, 1, 1, 1,
    ]);
    expect(() => halvingStages(32, 6)).toThrow(/6 training steps are too few.*at least 7/);
  });

  it("anneals the rate of each student linearly to zero, or keeps it", () => {
    const [first, , , fourth] = halvingStages(32, 700);
    expect([1, 2, 51, 100, 150].map((step) => shareLeft(first!, step))).toEqual([1, 0.99, 0.5, 0.01, 0.01]);
    expect([301, 500].map((step) => shareLeft(fourth!, step))).toEqual([1, 0.005]);
    const rates = (decay: "linear" | "none") => {
      const student = createProgressive(
        { from: 16, trainingSteps: 60, learningRate: 1e-3, decay },
        linearTeacher("x0"),
      );
      // moments begin anew with each student, so equal places of two stages have equal corrections
      return (step: number) => student.feed(gaussianImages(step), rng(1), step).student_step_size!.data[0]!;
    };
    const [kept, falling] = [rates("none"), rates("linear")];
    // stages of 10, 10, 20 and 20 steps
    for (const [step, share] of [
      [1, 1],
      [10, 0.1],
      [11, 1],
      [20, 0.1],
      [21, 1],
      [40, 0.05],
      [60, 0.05],
    ] as const)
      expect(falling(step) / kept(step), `step ${step}`).toBeCloseTo(share, 6);
  });

  it("puts students on their teacher's levels", () => {
    for (const steps of [1, 2, 4, 64]) {
      const teacher = trailingSpacing(1000, 2 * steps);
      expect(trailingSpacing(1000, steps)).toEqual(teacher.filter((_, i) => i % 2 === 1));
    }
  });
});

describe("progressive distillation", () => {
  it("teaches each student the teacher's whole way, down to one step", async () => {
    const teacher = linearTeacher("x0");
    const weights = idealWeights(teacher);
    const config = { from: 16, trainingSteps: 1200, learningRate: 0.03, ema: 0.95 } as const;
    const student = createProgressive(config, teacher);
    const learned = student.samplingWeights(await trainOn(student, weights, 1200));
    const plain = samplingOf(teacher.backbone.denoiser);
    const options = { spacing: "trailing" };
    const wanted = await sampled(plain, weights, "ddim", 16, options);
    for (const steps of [8, 4, 2, 1]) {
      const error = async (data: Promise<Float32Array>) => {
        const made = await data;
        return Math.sqrt(mean(made.map((x, i) => (x - wanted[i]!) ** 2)));
      };
      const own = await error(sampled(student, learned, "ddim", steps));
      expect(own).toBeLessThan(0.03);
      if (steps <= 4)
        expect(own).toBeLessThan((await error(sampled(plain, weights, "ddim", steps, options))) / 3);
    }
  });

  it("makes a student the teacher of the next, whole, and forgets its moments", async () => {
    const teacher = linearTeacher("x0");
    const student = createProgressive({ from: 4, trainingSteps: 8, ema: 0.5 }, teacher);
    const state = student.initialState(rng(1), idealWeights(teacher));
    const step = await compileFor(engine, student.trainStep, {
      ...student.state,
      ...student.feedSignature(BATCH),
    });
    const at = (from: State, k: number) => step({ ...from, ...student.feed(gaussianImages(k), rng(2), k) });
    let now = state;
    for (let k = 1; k <= 4; k++) now = nextState(now, await at(now, k));
    expect(now.teacher!.data).toEqual(state.teacher!.data); // all of the first stage
    expect(now.students!.data.subarray(0, 128)).toEqual(now.student_ema!.data); // 2 steps, in training
    expect(now.students!.data.subarray(128)).toEqual(state.teacher!.data); // 1 step, not yet
    const next = await at(now, 5); // the first step of the last stage
    expect(next.teacher).toEqual(now.student_ema!.data);
    expect(next.students!.subarray(0, 128)).toEqual(now.student_ema!.data);
    expect(next.students!.subarray(128)).toEqual(next.student_ema);
    const fresh = { ...now, student: now.student_ema!, teacher: now.student_ema! };
    const zero = { shape: [128], data: new Float32Array(128) };
    const begun = await at({ ...fresh, student_moment1: zero, student_moment2: zero }, 5);
    expect(begun).toEqual(next);
  });

  it("has the gradient of its loss", async () => {
    const base = { size: 8, channels: 1, base: 8, multipliers: [1, 2], blocks: 1, timesteps: 40 } as const;
    const teacher = createDdpm({ ...base, multipliers: [1, 2], target: "v" });
    const start = teacher.samplingWeights(teacher.initialState(rng(1))).weights!.data as Float32Array;
    const data = start.map((p, i) => p + 0.1 * Math.sin(i * 1.3 + i * i * 0.01));
    const student = createProgressive({ from: 8, trainingSteps: 100, clip: 0, ema: 0 }, teacher);
    const state = student.initialState(rng(1), { weights: { shape: [data.length], data } });
    const images = unlabelled({
      data: rng(4).fillNormal(new Float32Array(128)).map(Math.tanh),
      count: 2,
      height: 8,
      width: 8,
      channels: 1,
    });
    const feed = student.feed(images, rng(3), 2); // not a stage's first step, which would take the teacher over
    const step = await compileFor(engine, student.trainStep, {
      ...student.state,
      ...student.feedSignature(2),
    });
    const outputs = await step({ ...state, ...feed });
    const loss = async (values: Float32Array) =>
      (await step({ ...state, ...feed, student: { shape: [values.length], data: values } })).loss![0]!;
    await expectGradient(
      loss,
      data,
      outputs.student_moment1!.map((m) => m / (1 - 0.9)),
      { distance: 0.01, tolerance: 5e-3 },
    );
  });
});

describe("consistency distillation", () => {
  it("has the path's end as its own value at the least noise, whatever the network", () => {
    const target = consistencyTarget(0.01);
    const level = 1 / (1 + 0.01 ** 2);
    const { x, output } = target.clean(level);
    expect(sigmaOf(level)).toBeCloseTo(0.01, 10);
    expect(x * Math.sqrt(level)).toBeCloseTo(1, 10); // y = x / sqrt(level) itself
    expect(output).toBeCloseTo(0, 10);
  });

  it("learns in one step where the teacher's path ends", async () => {
    const teacher = linearTeacher("v");
    const weights = idealWeights(teacher);
    const [levels, trainingSteps] = [8, 1200];
    const student = createConsistency({ levels, trainingSteps, learningRate: 0.02, ema: 0.98 }, teacher);
    const learned = student.samplingWeights(await trainOn(student, weights, trainingSteps));
    const path = await sampled(samplingOf(teacher.backbone.denoiser), weights, "heun", levels);
    const error = (data: Float32Array) => Math.sqrt(mean(data.map((x, i) => (x - path[i]!) ** 2)));
    const before = error(await sampled(student, weights, "consistency", 1));
    expect(error(await sampled(student, learned, "consistency", 1))).toBeLessThan(before / 5);
  }, 60_000);

  it("is sampled at levels that it was trained at, the noisiest first among them", () => {
    const teacher = linearTeacher("v");
    const own = consistencyDenoiser(teacher.backbone.denoiser);
    const trained = trainedLevels(own, 10);
    const { plan } = consistencyMethod("consistency", own, 10);
    for (const steps of [1, 2, 4, 8]) {
      const { retained } = plan({ sampler: "consistency", steps });
      expect(new Set(retained).size).toBe(steps);
      for (const t of retained) expect(trained).toContain(t);
      expect(retained.at(-1)).toBe(trained.at(-1));
    }
    expect(() => consistencyMethod("c", own, 5).plan({ sampler: "consistency", steps: 8 })).toThrow(
      /in 1, 2, 4 steps/,
    );
  });

  it("measures pseudo-Huber distance", async () => {
    const image = (data: number[]) => ({ shape: [2, 1, 2, 1], data: Float32Array.from(data) });
    const { d } = await evaluateOnce(engine, ({ a, b }) => ({ d: pseudoHuber(a as never, b as never) }), {
      a: image([0, 0, 3, 4]),
      b: image([0, 0, 0, 0]),
    });
    const c = 0.00054 * Math.SQRT2;
    expectClose(d!, [0, Math.sqrt(25 + c ** 2) - c], 1e-6);
  });
});

describe("consistency training", () => {
  it("doubles the levels after equal stretches, from the first count to the last", () => {
    const at = (step: number) => levelsAt(step, 500, 10, 160);
    expect([1, 100, 101, 200, 201, 301, 401, 500].map(at)).toEqual([11, 11, 21, 21, 41, 81, 161, 161]);
  });

  it("draws neighbours by the log-normal's mass between them", () => {
    const sigmas = [0.002, 0.1, 1, 10, 80];
    const counts = [0, 0, 0, 0];
    const stream = rng(3);
    for (let i = 0; i < 20_000; i++) counts[drawPair(stream, sigmas)]!++;
    // Phi((ln sigma + 1.1) / 2) at these: 0.0052, 0.2739, 0.7088, 0.9556, 0.9969
    const shares = [0.2687, 0.4349, 0.2468, 0.0413].map((p) => p / 0.9917);
    for (const [n, share] of shares.entries()) expect(counts[n]! / 20_000).toBeCloseTo(share, 1);
  });
});

describe("a student is refused", () => {
  const refusal = (message: RegExp) =>
    expect.objectContaining({ code: "BAD_CONFIG", message: expect.stringMatching(message) });
  const make = { progressive: createProgressive, consistency: createConsistency };

  it.each(["progressive", "consistency"] as const)("where its teacher tells noise: %s", (kind) => {
    expect(() => make[kind]({}, linearTeacher("epsilon"))).toThrow(refusal(/whose target is v.*pure noise/));
    expect(() => make[kind]({}, undefined)).toThrow(refusal(/learns from a diffusion model/));
  });

  it.each([
    ["progressive", { sampler: "ddpm", steps: 1 }, /sampled by "ddim" alone, not "ddpm"/],
    ["progressive", { sampler: "ddim", steps: 3 }, /in 8, 4, 2, 1 steps, not 3/],
    [
      "progressive",
      { sampler: "ddim", steps: 1, options: { eta: 1 } },
      /unknown option "eta"; known: clipping/,
    ],
    ["progressive", { sampler: "ddim", steps: 1, options: { guidance: 1 } }, /progressive takes no guidance/],
    ["consistency", { sampler: "ddim", steps: 1 }, /sampled by "consistency" alone/],
    ["consistency", { sampler: "consistency", steps: 16 }, /in 1, 2, 4, 8 steps, not 16/],
  ] as const)("sampled in ways it has not: %s at %j", (kind, setting, message) => {
    const student = make[kind]({}, linearTeacher("v"));
    expect(() => student.checkSetting(setting)).toThrow(refusal(message));
  });
});
