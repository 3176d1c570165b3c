import { describe, expect, it } from "vitest";
import {
  karrasSigmas,
  sectionSpacing,
  sigmaOf,
  strideSpacing,
  trajectory,
} from "../../../src/models/diffusion/respacing.ts";
import { updatesOf } from "../../../src/models/diffusion/sample.ts";
import { type Sampler, type SamplerName, samplers } from "../../../src/models/diffusion/samplers/index.ts";
import { alphaBarFor } from "../../../src/models/diffusion/schedules/index.ts";
import { targets } from "../../../src/models/diffusion/targets/index.ts";
import { expectClose, goldenCases } from "../golden.ts";
import { fromOutput, interpret, method, movesThrough } from "./interpreter.ts";

const levelOf = (sigma: number) => 1 / (1 + sigma ** 2);

describe("published trajectories of improved-diffusion", () => {
  interface Inputs {
    T: number;
    spacing: string;
    model: { a: number; b: number };
    model_var_type: "FIXED_SMALL" | "FIXED_LARGE";
    clip_denoised: boolean;
    x_T: number[];
    eta?: number;
    noise?: number[][];
  }
  interface Expected {
    timesteps_call_order: number[];
    samples: number[][];
    pred_xstart: number[][];
  }
  for (const name of ["ddpm", "ddim"] as const)
    for (const { name: title, inputs, expected } of goldenCases<Inputs, Expected>(`sampling_${name}`, /./))
      it(title, () => {
        const linear = { name: "linear", betaStart: 1e-4, betaEnd: 0.02, scaled: true } as const;
        const alphaBar = alphaBarFor(inputs.T, linear);
        const retained = inputs.spacing.startsWith("ddim")
          ? strideSpacing(inputs.T, Number(inputs.spacing.slice(4)))
          : sectionSpacing(inputs.T, [Number(inputs.spacing)]);
        const variance = inputs.model_var_type === "FIXED_LARGE" ? "fixed-large" : "fixed-small";
        const sampler = method(name, name === "ddim" ? { eta: inputs.eta } : { variance });
        const updates = updatesOf(
          { alphaBar, target: targets.epsilon },
          sampler,
          trajectory(alphaBar, retained),
        );
        expect(updates.map(({ t }) => t)).toEqual(expected.timesteps_call_order);
        const { a, b } = inputs.model;
        const { samples, denoised } = interpret(
          updates,
          fromOutput(
            (x, t) => x.map((value) => Math.tanh(a * value + b * Math.sin(t))),
            inputs.clip_denoised,
          ),
          inputs.x_T,
          (k) => inputs.noise![k]!,
        );
        for (const k of samples.keys()) {
          expectClose(samples[k]!, expected.samples[k]!, 1e-6);
          expectClose(denoised[k]!, expected.pred_xstart[k]!, 1e-6);
        }
      });
});

describe("published trajectories of k-diffusion", () => {
  interface Inputs {
    sampler: string;
    sigmas: number[];
    x_T: number[];
    noise_each_step?: number[][];
    s_churn?: number;
    s_tmin?: number;
    s_tmax?: number;
    s_noise?: number;
  }
  interface Expected {
    x_before_each_step?: number[][];
    x_after_churn_each_step?: number[][];
    final: number[];
  }
  const names: Record<string, SamplerName> = {
    sample_euler: "euler",
    sample_heun: "heun",
    sample_dpmpp_2m: "dpm-solver",
  };
  for (const { name, inputs, expected } of goldenCases<Inputs, Expected>(
    "sampling_karras",
    /^sample_(euler|heun|dpmpp_2m|heun_churn)_(linear|tanh)$/,
  ))
    it(name, () => {
      const levels = inputs.sigmas.slice(0, -1).map(levelOf);
      const churn = inputs.s_churn
        ? { churn: 4, churnMin: inputs.s_tmin, churnMax: inputs.s_tmax, churnNoise: inputs.s_noise }
        : {};
      const sampler = method(names[inputs.sampler]!, churn, { steps: levels.length });
      const moves = movesThrough(levels).map((move) => sampler.updates(move));
      const updates = moves.flat();
      const linear = name.endsWith("linear");
      const { samples } = interpret(
        updates,
        (x, { level }) =>
          x.map((value) => {
            const y = value / Math.sqrt(level);
            return (linear ? y : Math.tanh(0.8 * y)) / (1 + sigmaOf(level) ** 2);
          }),
        inputs.x_T.map((y) => y * Math.sqrt(levels[0]!)),
        (k) =>
          inputs.noise_each_step![moves.findIndex((_, i) => moves.slice(0, i + 1).flat().length > k) + 1]!,
      );
      expectClose(samples.at(-1)!, expected.final, 1e-6);
      const before = expected.x_before_each_step ?? expected.x_after_churn_each_step!;
      let at = 0;
      for (const [i, { length }] of moves.slice(0, -1).entries()) {
        at += length;
        const level = updates[at]!.level; // where the next step starts, churned
        expectClose(
          samples[at - 1]!.map((x) => x / Math.sqrt(level)),
          before[i + 1]!,
          1e-6,
        );
      }
    });

  for (const { name, inputs, expected } of goldenCases<
    { n: number; sigma_min: number; sigma_max: number; rho: number },
    { sigmas: number[] }
  >("sampling_karras", /^sigmas_karras/))
    it(name, () => {
      const { n, sigma_min: min, sigma_max: max, rho } = inputs;
      expectClose([...karrasSigmas(n, { min, max, rho }), 0], expected.sigmas, 1e-12);
    });
});

/**
 * On data N(0.3, 0.5^2) the ideal estimate is affine in x, so x and what is kept stay jointly normal with a mean and a
 * covariance that follow in closed form: the measured statistics of infinitely many samples.
 */
const data = { mean: 0.3, deviation: 0.5 };

function gaussianOutput(sampler: Sampler, levels: readonly number[]) {
  const s2 = data.deviation ** 2;
  const first = levels[0]!;
  let mean = [Math.sqrt(first) * data.mean, 0];
  let [xx, xk, kk] = [first * s2 + 1 - first, 0, 0];
  for (const update of movesThrough(levels).flatMap((move) => sampler.updates(move))) {
    const signal = Math.sqrt(update.level);
    const gain = (s2 * signal) / (s2 * signal ** 2 + 1 - signal ** 2);
    const offset = data.mean * (1 - gain * signal); // E[x_0 | x] = offset + gain x
    const { kept = 0, keep = { x: 0, denoised: 0 } } = update;
    const a = update.x + update.denoised * gain;
    const b = keep.x + keep.denoised * gain;
    mean = [a * mean[0]! + kept * mean[1]! + update.denoised * offset, b * mean[0]! + keep.denoised * offset];
    [xx, xk, kk] = [
      a * a * xx + 2 * a * kept * xk + kept * kept * kk + update.noise ** 2,
      a * b * xx + kept * b * xk,
      b * b * xx,
    ];
  }
  return { mean: mean[0]!, deviation: Math.sqrt(xx) };
}

const choices: [title: string, name: SamplerName, options: object][] = [
  ["ddpm, small variance", "ddpm", { variance: "fixed-small" }],
  ["ddpm, large variance", "ddpm", { variance: "fixed-large" }],
  ["ddim", "ddim", { eta: 0 }],
  ["ddim, eta 0.5", "ddim", { eta: 0.5 }],
  ["ddim, eta 1", "ddim", { eta: 1 }],
  ["euler", "euler", {}],
  ["euler, churned", "euler", { churn: 10 }],
  ["heun", "heun", {}],
  ["heun, churned", "heun", { churn: 10 }],
  ["dpm-solver", "dpm-solver", {}],
];

describe.each(choices)("%s on Gaussian data", (_title, name, options) => {
  const error = (steps: number) => {
    const levels = karrasSigmas(steps, { min: 1e-5, max: 80, rho: 7 }).map(levelOf);
    const output = gaussianOutput(method(name, options, { steps }), levels);
    return Math.max(Math.abs(output.mean - data.mean), Math.abs(output.deviation - data.deviation));
  };
  const sampler = method(name, options);

  it("approaches the data's mean and deviation", () => {
    expect(error(3000)).toBeLessThan(5e-3);
  });

  it("converges at the order it states", () => {
    expect(Math.abs(Math.log2(error(150) / error(300)) - samplers[name].order)).toBeLessThan(0.35);
  });

  it("moves to the estimate itself at the end", () => {
    const updates = sampler.updates({ from: 0.999, to: 1, before: 0.99 });
    expect(updates).toHaveLength(1);
    expect(updates[0]!.x).toBeCloseTo(0, 12);
    expect(updates[0]!.denoised).toBeCloseTo(1, 12);
    expect(updates[0]!.kept ?? 0).toBe(0);
    expect(updates[0]!.noise).toBe(0);
  });

  it("says whether it draws noise", () => {
    const noises = sampler.updates({ from: 0.2, to: 0.5 }).map(({ noise }) => noise);
    expect(noises.some((noise) => noise > 0)).toBe(sampler.stochastic);
  });
});

describe("samplers agree", () => {
  const only = (name: SamplerName, options: object = {}) =>
    method(name, options).updates({ from: 0.2, to: 0.6 })[0]!;
  const expectSame = (a: ReturnType<typeof only>, b: ReturnType<typeof only>) => {
    for (const part of ["x", "denoised", "noise"] as const) expect(a[part]).toBeCloseTo(b[part], 12);
  };

  it("ddim with eta 1 is ddpm with the small variance", () => {
    expectSame(only("ddim", { eta: 1 }), only("ddpm", { variance: "fixed-small" }));
  });

  it("euler, and the first step of dpm-solver, are ddim without noise", () => {
    expectSame(only("euler"), only("ddim"));
    expectSame(only("dpm-solver"), only("ddim"));
  });

  it("ddim keeps the estimate and the noise that it implies: one step equals two by way of any level", () => {
    const ddim = method("ddim");
    const [x, denoised] = [0.9, 0.4]; // a constant estimate
    const move = (value: number, from: number, to: number) => {
      const [update] = ddim.updates({ from, to });
      return update!.x * value + update!.denoised * denoised;
    };
    expect(move(move(x, 0.1, 0.45), 0.45, 0.8)).toBeCloseTo(move(x, 0.1, 0.8), 12);
  });
});

it("without its noise ddpm loses variance, however many steps: the noise is no ornament", () => {
  const levels = (steps: number) => karrasSigmas(steps, { min: 1e-5, max: 80, rho: 7 }).map(levelOf);
  const kept = gaussianOutput(method("ddpm"), levels(2000));
  const lost = gaussianOutput(method("ddpm", { noise: false }), levels(2000));
  expect(kept.deviation).toBeCloseTo(data.deviation, 2);
  expect(lost.mean).toBeCloseTo(data.mean, 2);
  expect(lost.deviation).toBeLessThan(data.deviation / 2);
});
