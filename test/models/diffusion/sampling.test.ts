import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import type { Engine } from "../../../src/engine/contract.ts";
import { createReferenceEngine } from "../../../src/engine/eager/reference.ts";
import type { Denoiser } from "../../../src/models/diffusion/denoiser.ts";
import { spacings, trajectory } from "../../../src/models/diffusion/respacing.ts";
import { compileLoop, updatesOf } from "../../../src/models/diffusion/sample.ts";
import { type SamplerName, samplers } from "../../../src/models/diffusion/samplers/index.ts";
import { samplingOf } from "../../../src/models/diffusion/sampling.ts";
import { alphaBarFor } from "../../../src/models/diffusion/schedules/index.ts";
import { targets } from "../../../src/models/diffusion/targets/index.ts";
import { clipEstimate, magnitudeQuantile } from "../../../src/models/diffusion/thresholding.ts";
import { compiledEngine, evaluateOnce } from "../evaluate.ts";
import { expectClose, goldenCases } from "../golden.ts";
import { cosineLevels, denoiserOf, lookUp, noWeights, recorded } from "./denoisers.ts";
import { fromOutput, interpret, method } from "./interpreter.ts";

const engines: Record<string, Engine> = {};
beforeAll(async () => {
  engines.reference = await createReferenceEngine();
  engines["onnx/cpu"] = await compiledEngine();
});
afterAll(() => Promise.all(Object.values(engines).map((engine) => engine.dispose())));

const state = { weights: noWeights };
const still = denoiserOf({ predict: (_w, x) => tf.tanh(x) });

describe.each(["reference", "onnx/cpu"])("published trajectories through %s", (name) => {
  interface Inputs {
    T: number;
    model: { a: number; b: number };
    model_var_type: string;
    clip_denoised: boolean;
    x_T: number[];
    eta?: number;
    noise?: number[][];
  }
  for (const sampler of ["ddpm", "ddim"] as const)
    for (const { name: title, inputs, expected } of goldenCases<Inputs, { samples: number[][] }>(
      `sampling_${sampler}`,
      sampler === "ddpm"
        ? /T1000_5_FIXED_LARGE_clipTrue|T50_ddim5_FIXED_SMALL_clipTrue/
        : /T50_ddim5_eta(0|1)_clip/,
    ))
      it(title, async () => {
        const { a, b } = inputs.model;
        const alphaBar = alphaBarFor(inputs.T, {
          name: "linear",
          betaStart: 1e-4,
          betaEnd: 0.02,
          scaled: true,
        });
        const denoiser = denoiserOf({
          alphaBar,
          predict: (_w, x, t) =>
            tf.tanh(
              tf.add(
                tf.mul(x, a),
                lookUp(
                  Array.from(alphaBar, (_, step) => b * Math.sin(step)),
                  t,
                ),
              ),
            ),
        });
        const variance = inputs.model_var_type === "FIXED_LARGE" ? "fixed-large" : "fixed-small";
        const made = method(sampler, sampler === "ddim" ? { eta: inputs.eta } : { variance });
        const steps = expected.samples.length;
        const options = { rho: 7, sigmaMin: 0.002, sigmaMax: 80 };
        const retained = spacings[title.includes("ddim5") ? "stride" : "uniform"](alphaBar, steps, options);
        const updates = updatesOf(denoiser, made, trajectory(alphaBar, retained));
        const clipping = { kind: inputs.clip_denoised ? "static" : "none" } as const;
        const loop = await compileLoop(engines[name]!, {
          denoiser,
          weights: noWeights,
          updates,
          clipping,
          guidance: 0,
          batch: 1,
        });
        const { data } = await loop.run([recorded([inputs.x_T, ...(inputs.noise ?? [])])], undefined);
        loop.dispose();
        expectClose(data, expected.samples.at(-1)!, 1e-4);
      });

  const flows: Record<string, SamplerName> = {
    sample_euler: "euler",
    sample_heun: "heun",
    sample_dpmpp_2m: "dpm-solver",
  };
  for (const { name: title, inputs, expected } of goldenCases<
    { sampler: string; sigmas: number[]; x_T: number[] },
    { final: number[] }
  >("sampling_karras", /^sample_(euler|heun|dpmpp_2m)_(linear|tanh)$/))
    it(title, async () => {
      const alphaBar = Float64Array.from(
        inputs.sigmas.slice(0, -1).reverse(),
        (sigma) => 1 / (1 + sigma ** 2),
      );
      const back = Array.from(alphaBar, (level) => 1 / Math.sqrt(level)); // to the variance-exploding form
      const denoiser = denoiserOf({
        alphaBar,
        target: targets.x0,
        predict(_w, x, t) {
          const y = tf.mul(x, lookUp(back, t));
          return tf.mul(title.endsWith("linear") ? y : tf.tanh(tf.mul(y, 0.8)), lookUp(alphaBar, t));
        },
      });
      const made = method(flows[inputs.sampler]!);
      const updates = updatesOf(denoiser, made, trajectory(alphaBar, [...alphaBar.keys()]));
      const loop = await compileLoop(engines[name]!, {
        denoiser,
        weights: noWeights,
        updates,
        clipping: { kind: "none" },
        guidance: 0,
        batch: 1,
      });
      const start = inputs.x_T.map((y) => y * Math.sqrt(alphaBar.at(-1)!));
      const { data } = await loop.run([recorded([start])], undefined);
      loop.dispose();
      expectClose(data, expected.final, 1e-4);
    });
});

describe.each(Object.keys(samplers) as SamplerName[])("%s", (sampler) => {
  it("goes the way that the host's loop goes, at every count of evaluations", async () => {
    const { generator } = samplingOf(still);
    for (const steps of [1, 2, 7]) {
      const made = await generator(engines["onnx/cpu"]!, state, { sampler, steps }, 1);
      const { data } = await made.generate(rng(3), 5);
      made.dispose();
      const { options } = samplers[sampler];
      const parsed = options.parse({});
      const retained = spacings[parsed.spacing](still.alphaBar, steps, parsed);
      const updates = updatesOf(still, method(sampler, {}, { steps }), trajectory(still.alphaBar, retained));
      expect(made.networkEvaluations).toBe(updates.length);
      expect(updates.length).toBe(sampler === "heun" ? 2 * steps - 1 : steps);
      const stream = rng(3).fold(5);
      const draw = () => Array.from(stream.fillNormal(new Float32Array(4)));
      const { samples } = interpret(
        updates,
        fromOutput((x) => x.map(Math.tanh), true),
        draw(),
        draw,
      );
      expectClose(data, samples.at(-1)!, 1e-4);
    }
  });
});

describe("a generator", () => {
  it("traces once, however many steps, samplers and calls", async () => {
    const engine = engines["onnx/cpu"]!;
    const denoiser = denoiserOf({ predict: (_w, x) => x });
    const { generator } = samplingOf(denoiser);
    const before = engine.traces;
    for (const setting of [
      { sampler: "ddim", steps: 5 },
      { sampler: "euler", steps: 3 },
    ]) {
      const made = await generator(engine, state, setting, 2);
      await made.generate(rng(1), 0);
      await made.generate(rng(1), 2);
    }
    expect(engine.traces).toBe(before + 1);
  });

  it("clips to the input scale and divides by it", async () => {
    const { generator } = samplingOf(denoiserOf({ predict: (_w, x) => tf.mul(x, 0), inputScale: 0.5 }));
    const made = await generator(engines.reference!, state, { sampler: "ddim", steps: 1 }, 2);
    // epsilon 0 at the noisiest step: the estimate is x / sqrt(alphaBar), far out, clipped to +-0.5, divided by 0.5
    for (const value of (await made.generate(rng(1), 0)).data) expect(Math.abs(value)).toBeCloseTo(1, 6);
  });

  it("adds the noise that the network chooses between beta-tilde and beta", async () => {
    const share = 0.3; // v, so f = 0.65
    const denoiser = denoiserOf({
      variance: "learned-range",
      predict: (_w, x) => tf.concat([tf.tanh(x), tf.add(tf.mul(x, 0), share)] as tf.Tensor4D[], 3),
    });
    const made = await samplingOf(denoiser).generator(
      engines["onnx/cpu"]!,
      state,
      { sampler: "ddpm", steps: 4 },
      1,
    );
    const { data } = await made.generate(rng(3), 0);
    const { alphaBar } = denoiser;
    const retained = spacings.uniform(alphaBar, 4, { rho: 7, sigmaMin: 1, sigmaMax: 1 });
    const updates = updatesOf(
      denoiser,
      method("ddpm", {}, { variance: "learned-range" }),
      trajectory(alphaBar, retained),
    );
    const fixed = updates.map((update) => {
      if (!update.variances) return update;
      const { small, large } = update.variances;
      return { ...update, noise: Math.sqrt(Math.exp(0.65 * Math.log(large) + 0.35 * Math.log(small))) };
    });
    expect(fixed.filter(({ noise }) => noise > 0)).toHaveLength(3);
    const stream = rng(3).fold(0);
    const draw = () => Array.from(stream.fillNormal(new Float32Array(4)));
    const { samples } = interpret(
      fixed,
      fromOutput((x) => x.map(Math.tanh), true),
      draw(),
      draw,
    );
    expectClose(data, samples.at(-1)!, 1e-4);
  });

  it.each([
    [{ sampler: "hein", steps: 5 }, still, /no sampler "hein"; known: ddpm, ddim, euler, heun/],
    [{ sampler: "ddim", steps: 0 }, still, /1 to 100 steps/],
    [{ sampler: "ddim", steps: 101 }, still, /1 to 100 steps \(the model's timesteps\), not 101/],
    [{ sampler: "ddim", steps: 2.5 }, still, /1 to 100 steps/],
    [{ sampler: "ddim", steps: 5, options: { eat: 1 } }, still, /ddim: unknown option "eat"; known: .*eta/],
    [{ sampler: "heun", steps: 5, options: { eta: 1 } }, still, /heun: unknown option "eta"; known: .*churn/],
    [{ sampler: "ddim", steps: 5, options: { eta: 2 } }, still, /ddim\.eta/],
    [{ sampler: "ddim", steps: 5, options: { guidance: 1 } }, still, /guidance is 1.*unconditional/],
    [{ sampler: "ddpm", steps: 5, options: { variance: "learned-range" } }, still, /has learned none/],
    [{ sampler: "ddim", steps: 5, options: { rho: 3 } }, still, /ddim\.rho is of karras spacing/],
    [{ sampler: "ddim", steps: 5, options: { percentile: 0.9 } }, still, /percentile is of dynamic clipping/],
    [{ sampler: "ddim", steps: 70, options: { spacing: "stride" } }, still, /no whole stride/],
    [
      { sampler: "heun", steps: 5, options: { sigmaMin: 90, sigmaMax: 80 } },
      still,
      /sigmaMin below sigmaMax/,
    ],
  ] as const)("refuses %j with the reason", async (setting, denoiser, message) => {
    const refusal = { code: "BAD_CONFIG", message: expect.stringMatching(message) };
    const { checkSetting, generator } = samplingOf(denoiser);
    expect(() => checkSetting(setting)).toThrow(expect.objectContaining(refusal));
    await expect(generator(engines.reference!, state, setting, 1)).rejects.toMatchObject(refusal);
  });
});

describe("classifier-free guidance", () => {
  /** epsilon = tanh(x) + 0.1 label, labels 0..2, 3 for none. */
  const told: Denoiser = denoiserOf({
    classes: 3,
    predict: (_w, x, _t, labels) =>
      tf.add(tf.tanh(x), tf.mul(tf.reshape(tf.cast(labels!, "float32"), [-1, 1, 1, 1]), 0.1)),
  });

  it.each(["reference", "onnx/cpu"])("moves away from the unconditional output by w, on %s", async (name) => {
    const w = 1.5;
    const made = await samplingOf(told).generator(
      engines[name]!,
      state,
      { sampler: "ddim", steps: 5, options: { guidance: w } },
      2,
    );
    expect(made.networkEvaluations).toBe(10);
    const { data } = await made.generate(rng(3), 0, [2, 0]);
    const updates = updatesOf(
      told,
      method("ddim"),
      trajectory(told.alphaBar, spacings.uniform(told.alphaBar, 5, { rho: 7, sigmaMin: 1, sigmaMax: 1 })),
    );
    for (const [i, label] of [2, 0].entries()) {
      const start = Array.from(rng(3).fold(i).fillNormal(new Float32Array(4)));
      const epsilon = (x: readonly number[]) =>
        x.map((value) => (1 + w) * (Math.tanh(value) + 0.1 * label) - w * (Math.tanh(value) + 0.1 * 3));
      const { samples } = interpret(updates, fromOutput(epsilon, true), start, () => []);
      expectClose(data.subarray(4 * i, 4 * i + 4), samples.at(-1)!, 1e-4);
    }
  });

  it("of weight 0 costs nothing, and labels are told where the model is conditional, and only there", async () => {
    const plain = await samplingOf(told).generator(
      engines.reference!,
      state,
      { sampler: "ddim", steps: 5 },
      2,
    );
    expect(plain.networkEvaluations).toBe(5);
    const a = await plain.generate(rng(3), 0, [1, 1]);
    expect((await plain.generate(rng(3), 0, [2, 1])).data.subarray(4)).toEqual(a.data.subarray(4));
    expect((await plain.generate(rng(3), 0, [2, 1])).data.subarray(0, 4)).not.toEqual(a.data.subarray(0, 4));
    await expect(plain.generate(rng(3), 0)).rejects.toThrow(/labels/);
    const deaf = await samplingOf(still).generator(
      engines.reference!,
      state,
      { sampler: "ddim", steps: 5 },
      2,
    );
    await expect(deaf.generate(rng(3), 0, [1, 1])).rejects.toThrow(/labels/);
  });
});

describe.each(["reference", "onnx/cpu"])("dynamic thresholding on %s", (name) => {
  const images = {
    shape: [2, 4, 4, 1],
    data: rng(1)
      .fillNormal(new Float32Array(32))
      .map((x, i) => (i < 16 ? 3 * x : 0.2 * x)),
  };

  it("finds the quantile of an image's own values", async () => {
    for (const p of [0.5, 0.9, 1]) {
      const { q } = await evaluateOnce(
        engines[name]!,
        ({ x }) => ({ q: magnitudeQuantile(x as tf.Tensor4D, p) }),
        {
          x: images,
        },
      );
      for (const i of [0, 1]) {
        const sorted = [...images.data.subarray(16 * i, 16 * i + 16)].map(Math.abs).sort((a, b) => a - b);
        expect(q![i]).toBeCloseTo(sorted[Math.ceil(p * 16) - 1]!, 4);
      }
    }
  });

  it("scales back what exceeds the bound and leaves alone what does not", async () => {
    const { y } = await evaluateOnce(
      engines[name]!,
      ({ x }) => ({ y: clipEstimate(x as tf.Tensor4D, { kind: "dynamic", percentile: 0.9 }, 1) }),
      { x: images },
    );
    const wild = images.data.subarray(0, 16);
    const s = [...wild].map(Math.abs).sort((a, b) => a - b)[14]!;
    expect(s).toBeGreaterThan(1);
    expectClose(
      y!.subarray(0, 16),
      wild.map((x) => Math.max(-s, Math.min(s, x)) / s),
      1e-5,
    );
    expectClose(y!.subarray(16), images.data.subarray(16), 1e-6);
  });
});

it("the illustration starts at the noise and ends at the sample of the same stream", async () => {
  const denoiser = denoiserOf({ classes: 2, predict: (_w, x) => tf.mul(x, 0.9), alphaBar: cosineLevels(50) });
  const { illustrate, generator } = samplingOf(denoiser);
  const setting = { sampler: "ddpm", steps: 6 };
  const strip = await illustrate(engines.reference!, state, setting, rng(4), { rows: 2, columns: 4 });
  expect(strip).toMatchObject({
    rows: 2,
    columns: 4,
    caption: "from noise to image, DDPM (fixed-small), 6 steps",
  });
  const image = (row: number, column: number) => {
    const at = 4 * (row * 4 + column);
    return strip.images.data.subarray(at, at + 4);
  };
  const made = await generator(engines.reference!, state, setting, 2);
  const { data } = await made.generate(rng(4), 0, [0, 1]);
  for (const row of [0, 1]) {
    expectClose(image(row, 0), rng(4).fold(row).fillNormal(new Float32Array(4)), 1e-6);
    expectClose(image(row, 3), data.subarray(4 * row, 4 * row + 4), 1e-6);
    expect(image(row, 1)).not.toEqual(image(row, 2));
  }
  const few = await illustrate(engines.reference!, state, { sampler: "ddim", steps: 1 }, rng(4), {
    rows: 1,
    columns: 9,
  });
  expect(few.columns).toBe(2);
});
