import type * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import type { Engine } from "../../../src/engine/contract.ts";
import { createReferenceEngine } from "../../../src/engine/eager/reference.ts";
import { expectedFactors, inputNormalisations } from "../../../src/models/diffusion/input-normalisation.ts";
import { posteriorAt } from "../../../src/models/diffusion/posterior.ts";
import {
  alphaBarFor,
  betasOf,
  gammaFor,
  scheduleSchema,
  schedules,
} from "../../../src/models/diffusion/schedules/index.ts";
import { type TargetName, targetFor, targetNames } from "../../../src/models/diffusion/targets/index.ts";
import { evaluateOnce } from "../evaluate.ts";
import { expectClose, flat, goldenCases, host, type Nested } from "../golden.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createReferenceEngine();
});

describe.each(Object.keys(schedules))("the forward process under %s", (name) => {
  const alphaBar = alphaBarFor(50, scheduleSchema.parse({ name }));
  const betas = betasOf(alphaBar);

  it("step by step has the closed form's mean and variance", () => {
    // x_t = sqrt(1 - beta) x_{t-1} + sqrt(beta) z: the mean's factor and the variance, iterated
    let [factor, variance] = [1, 0];
    for (const [t, beta] of betas.entries()) {
      factor *= Math.sqrt(1 - beta);
      variance = (1 - beta) * variance + beta;
      expect(factor).toBeCloseTo(Math.sqrt(alphaBar[t]!), 12);
      expect(variance).toBeCloseTo(1 - alphaBar[t]!, 12);
    }
  });

  it("drawn step by step has them too", () => {
    const [count, steps, x0] = [20_000, 20, 0.7];
    const noise = rng(4);
    let [sum, squares] = [0, 0];
    for (let i = 0; i < count; i++) {
      let x = x0;
      for (let t = 0; t < steps; t++)
        x = Math.sqrt(1 - betas[t]!) * x + Math.sqrt(betas[t]!) * noise.normal();
      sum += x;
      squares += x * x;
    }
    const mean = sum / count;
    const level = alphaBar[steps - 1]!;
    const error = 4 * Math.sqrt((1 - level) / count); // four standard errors
    expect(Math.abs(mean - Math.sqrt(level) * x0)).toBeLessThan(error);
    expect(Math.abs(squares / count - mean ** 2 - (1 - level))).toBeLessThan(error * Math.SQRT2);
  });
});

describe.each(targetNames)("target %s", (name) => {
  const alphaBar = alphaBarFor(30, scheduleSchema.parse({ name: "cosine" }));
  const target = targetFor(name, alphaBar);

  it("gives back the clean image where the output is what is wanted", () => {
    const [x0, epsilon] = [0.4, -1.3];
    for (const level of alphaBar) {
      const x = Math.sqrt(level) * x0 + Math.sqrt(1 - level) * epsilon;
      const wanted = target.wanted(level);
      const output = wanted.clean * x0 + wanted.epsilon * epsilon;
      const clean = target.clean(level);
      expect(clean.x * x + clean.output * output).toBeCloseTo(x0, 6);
    }
  });
});

it("v rotates the clean image and the noise, and has their length", () => {
  const { wanted } = targetFor("v", new Float64Array());
  for (const level of [0.99, 0.5, 0.01]) {
    const { clean, epsilon } = wanted(level);
    expect(clean ** 2 + epsilon ** 2).toBeCloseTo(1, 12);
    expect(clean * Math.sqrt(level) + epsilon * Math.sqrt(1 - level)).toBeCloseTo(0, 12); // a quarter turn from x_t
  }
});

it("the mean's target is the posterior's mean", () => {
  const alphaBar = alphaBarFor(30, scheduleSchema.parse({ name: "linear" }));
  const { wanted } = targetFor("mean", alphaBar);
  const [x0, epsilon, t] = [0.4, -1.3, 12];
  const level = alphaBar[t]!;
  const { denoised, x } = posteriorAt(alphaBar, t);
  const xt = Math.sqrt(level) * x0 + Math.sqrt(1 - level) * epsilon;
  expect(wanted(level).clean * x0 + wanted(level).epsilon * epsilon).toBeCloseTo(denoised * x0 + x * xt, 12);
  expect(() => wanted(0.123)).toThrow(/not a level of its schedule/);
});

describe("published targets and estimates", () => {
  interface Inputs {
    schedule: string;
    T: number;
    t: number[];
    x: Nested[];
    model_output: Nested[];
    model_mean_type: "EPSILON" | "START_X" | "PREVIOUS_X";
    clip_denoised: boolean;
  }
  const name: Record<Inputs["model_mean_type"], TargetName> = {
    EPSILON: "epsilon",
    START_X: "x0",
    PREVIOUS_X: "mean",
  };
  for (const { name: test, inputs, expected } of goldenCases<
    Inputs,
    Record<"mean" | "pred_xstart", Nested[]>
  >("p_mean_variance", /_(EPSILON|START_X|PREVIOUS_X)_FIXED/))
    it(test, () => {
      const schedule = { name: inputs.schedule, ...(inputs.schedule === "linear" && { scaled: true }) };
      const alphaBar = alphaBarFor(inputs.T, scheduleSchema.parse(schedule));
      const target = targetFor(name[inputs.model_mean_type], alphaBar);
      for (const [i, t] of inputs.t.entries()) {
        const clean = target.clean(alphaBar[t]!);
        const [x, output] = [flat(inputs.x[i]!), flat(inputs.model_output[i]!)];
        const estimate = x.map((value, k) => {
          const x0 = clean.x * value + clean.output * output[k]!;
          return inputs.clip_denoised ? Math.max(-1, Math.min(1, x0)) : x0;
        });
        expectClose(estimate, flat(expected.pred_xstart[i]!), 1e-9);
        const { denoised, x: ofX } = posteriorAt(alphaBar, t);
        const mean = x.map((value, k) => denoised * estimate[k]! + ofX * value);
        expectClose(mean, flat(expected.mean[i]!), 1e-9);
      }
    });

  it("v is the published one", () => {
    interface V {
      T: number;
      schedule: string;
      t: number[];
      x_start: Nested[];
      noise: Nested[];
    }
    for (const { inputs, expected } of goldenCases<V, { v_target: Nested[] }>("posterior", /^posterior_/)) {
      const schedule = { name: inputs.schedule, ...(inputs.schedule === "linear" && { scaled: true }) };
      const alphaBar = alphaBarFor(inputs.T, scheduleSchema.parse(schedule));
      for (const [i, t] of inputs.t.entries()) {
        const { clean, epsilon } = targetFor("v", alphaBar).wanted(alphaBar[t]!);
        const noise = flat(inputs.noise[i]!);
        const v = flat(inputs.x_start[i]!).map((x0, k) => clean * x0 + epsilon * noise[k]!);
        expectClose(v, flat(expected.v_target[i]!), 1e-9);
      }
    }
  });
});

describe("published input scaling and normalisation", () => {
  interface Inputs {
    schedule: string;
    t: number[];
    b: number;
    x0: Nested[];
    eps: Nested[];
  }
  type Expected = Record<"x_t" | "x_t_empirical_std_normalised" | "x_t_analytic_normalised", Nested[]> & {
    gamma: number[];
  };
  for (const { name, inputs, expected } of goldenCases<Inputs, Expected>("schedules", /^input_scaling/))
    it(name, async () => {
      const { t, b, x0, eps } = inputs;
      const [kind, parameters] = inputs.schedule.split("@");
      const [start, end, tau] = (parameters ?? "").split(",").map(Number);
      const gamma =
        kind === "simple_linear"
          ? (at: number) => Math.max(1e-9, 1 - at)
          : gammaFor(1000, scheduleSchema.parse({ name: `chen-${kind}`, start, end, tau }));
      const levels = t.map(gamma);
      expectClose(levels, expected.gamma, 1e-6);
      const x = levels.map((level, i) => {
        const noise = flat(eps[i]!);
        return flat(x0[i]!).map(
          (value, k) => Math.sqrt(level) * b * value + Math.sqrt(1 - level) * noise[k]!,
        );
      });
      expectClose(x.flat(), flat(expected.x_t), 1e-6);
      const factors = expectedFactors({ alphaBar: Float64Array.from(levels), inputScale: b });
      expectClose(
        x.flatMap((row, i) => row.map((value) => value * factors[i]!)),
        flat(expected.x_t_analytic_normalised),
        1e-6,
      );
      const process = { alphaBar: Float64Array.from(levels), inputScale: b };
      const { own, wanted } = await evaluateOnce(
        engine,
        ({ x, t }) => ({
          own: inputNormalisations.sample(process)(x as tf.Tensor4D, t as tf.Tensor1D),
          wanted: inputNormalisations.expected(process)(x as tf.Tensor4D, t as tf.Tensor1D),
        }),
        { x: host(expected.x_t), t: host(t.map((_, i) => i)) },
      );
      expectClose(own!, flat(expected.x_t_empirical_std_normalised), 1e-5);
      expectClose(wanted!, flat(expected.x_t_analytic_normalised), 1e-5);
    });
});
