import { describe, expect, it } from "vitest";
import {
  samplingSteps,
  sectionSpacing,
  strideSpacing,
  trajectory,
} from "../../../src/models/diffusion/respacing.ts";
import { stagesOf } from "../../../src/models/diffusion/sample.ts";
import { type Sampler, type SamplerOptions, samplers } from "../../../src/models/diffusion/samplers/index.ts";
import { alphaBarFor } from "../../../src/models/diffusion/schedules/index.ts";
import { expectClose, goldenCases } from "../golden.ts";
import { interpret } from "./interpreter.ts";

describe("published trajectories", () => {
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
        const alphaBar = alphaBarFor(inputs.T, {
          name: "linear",
          betaStart: 1e-4,
          betaEnd: 0.02,
          scaled: true,
        });
        const retained = inputs.spacing.startsWith("ddim")
          ? strideSpacing(inputs.T, Number(inputs.spacing.slice(4)))
          : sectionSpacing(inputs.T, [Number(inputs.spacing)]);
        const sampler = samplers[name]({
          variance: inputs.model_var_type === "FIXED_LARGE" ? "fixed-large" : "fixed-small",
          eta: inputs.eta ?? 0,
        });
        const stages = stagesOf(sampler, trajectory(alphaBar, retained));
        expect(stages.map(({ t }) => t)).toEqual(expected.timesteps_call_order);
        const { a, b } = inputs.model;
        const { samples, denoised } = interpret(
          stages,
          (x, t) => x.map((value) => Math.tanh(a * value + b * Math.sin(t))),
          inputs.x_T,
          { clip: inputs.clip_denoised, noise: (k) => inputs.noise![k]! },
        );
        for (const k of samples.keys()) {
          expectClose(samples[k]!, expected.samples[k]!, 1e-6);
          expectClose(denoised[k]!, expected.pred_xstart[k]!, 1e-6);
        }
      });
});

/**
 * On data N(mean, deviation^2) the ideal epsilon is affine in x, so every sampler's output is normal with a mean and a
 * variance that follow in closed form: the measured statistics of infinitely many samples.
 */
function gaussianOutput(sampler: Sampler, steps: number, timesteps: number, mean: number, deviation: number) {
  const alphaBar = alphaBarFor(timesteps, { name: "cosine", offset: 0.008, maxBeta: 0.999 });
  let [m, v] = [0, 1];
  for (const { t, x, denoised, noise } of stagesOf(
    sampler,
    trajectory(alphaBar, samplingSteps(timesteps, steps)),
  )) {
    const signal = alphaBar[t]!;
    const gain = (deviation ** 2 * Math.sqrt(signal)) / (deviation ** 2 * signal + 1 - signal);
    // E[x_0 | x_t] = mean + gain (x_t - sqrt(signal) mean)
    const slope = x + denoised * gain;
    m = slope * m + denoised * mean * (1 - gain * Math.sqrt(signal));
    v = slope ** 2 * v + noise ** 2;
  }
  return { mean: m, deviation: Math.sqrt(v) };
}

const choices: Record<string, Sampler> = Object.fromEntries(
  Object.entries(samplers).flatMap(([name, make]) =>
    (["fixed-small", "fixed-large"] as const).flatMap((variance) =>
      [0, 0.5, 1].map((eta) => {
        const options: SamplerOptions = { variance, eta };
        return [`${name} ${variance} eta ${eta}`, make(options)];
      }),
    ),
  ),
);

describe.each(Object.entries(choices))("%s on Gaussian data", (_name, sampler) => {
  const error = (steps: number) => {
    const output = gaussianOutput(sampler, steps, 4000, 0.3, 0.5);
    return Math.max(Math.abs(output.mean - 0.3), Math.abs(output.deviation - 0.5));
  };

  it("approaches the data's mean and deviation", () => {
    expect(error(4000)).toBeLessThan(5e-3);
  });

  it("converges at the order it states", () => {
    const measured = Math.log2(error(100) / error(200));
    expect(measured).toBeGreaterThan(sampler.order - 0.25);
    expect(measured).toBeLessThan(sampler.order + 0.35);
  });

  it("moves to the estimate itself at the end", () => {
    const [stage] = sampler.stages(0.999, 1);
    expect(stage!.x).toBeCloseTo(0, 12);
    expect(stage!.denoised).toBeCloseTo(1, 12);
    expect(stage!.noise).toBe(0);
  });

  it("says whether it draws noise", () => {
    const noises = sampler.stages(0.2, 0.5).map(({ noise }) => noise);
    expect(noises.some((noise) => noise > 0)).toBe(sampler.stochastic);
  });
});

it("ddim with eta 1 is ddpm with the small variance", () => {
  const [a] = samplers.ddim({ variance: "fixed-small", eta: 1 }).stages(0.2, 0.6);
  const [b] = samplers.ddpm({ variance: "fixed-small", eta: 0 }).stages(0.2, 0.6);
  for (const part of ["x", "denoised", "noise"] as const) expect(a![part]).toBeCloseTo(b![part], 12);
});

it("ddim keeps the estimate and the noise that it implies: one step equals two by way of any level", () => {
  const ddim = samplers.ddim({ variance: "fixed-small", eta: 0 });
  const [x, denoised] = [0.9, 0.4]; // a constant estimate
  const move = (value: number, from: number, to: number) => {
    const [stage] = ddim.stages(from, to);
    return stage!.x * value + stage!.denoised * denoised;
  };
  expect(move(move(x, 0.1, 0.45), 0.45, 0.8)).toBeCloseTo(move(x, 0.1, 0.8), 12);
});
