import { describe, expect, it } from "vitest";
import { forwardProcess, posterior } from "../../../src/models/diffusion/posterior.ts";
import { alphaBarFor, scheduleSchema } from "../../../src/models/diffusion/schedules/index.ts";
import { targets } from "../../../src/models/diffusion/targets/index.ts";
import { expectClose, flat, goldenCases, type Nested } from "../golden.ts";
import { method } from "./interpreter.ts";

/** The golden runs use improved-diffusion's schedules, whose linear one is scaled. */
const table = (schedule: string, timesteps: number) =>
  alphaBarFor(
    timesteps,
    scheduleSchema.parse({ name: schedule, ...(schedule === "linear" && { scaled: true }) }),
  );

it("composes: going from 0 to `from` directly is going by way of `to`", () => {
  const [from, to] = [0.2, 0.7];
  const { x, denoised, variance, beta } = posterior(from, to);
  const there = forwardProcess(from);
  // mean and variance of x_to, averaged over q(x_from | x_0 = 1), are those of q(x_to | x_0 = 1)
  expect(x * there.signal + denoised).toBeCloseTo(forwardProcess(to).signal, 12);
  expect(x ** 2 * there.spread ** 2 + variance).toBeCloseTo(1 - to, 12);
  expect(beta).toBeCloseTo(1 - from / to, 12);
});

describe("published tables", () => {
  type Tables = Record<
    | "posterior_variance"
    | "posterior_mean_coef1"
    | "posterior_mean_coef2"
    | "sqrt_alphas_cumprod"
    | "sqrt_one_minus_alphas_cumprod"
    | "sqrt_recip_alphas_cumprod"
    | "sqrt_recipm1_alphas_cumprod",
    number[]
  >;
  interface Inputs {
    schedule: string;
    T: number;
    indices: number[];
  }
  for (const { name, inputs, expected } of goldenCases<Inputs, Tables>("posterior", /^tables_/))
    it(name, () => {
      const alphaBar = table(inputs.schedule, inputs.T);
      const at = (of: (from: number, to: number) => number) =>
        inputs.indices.map((i) => of(alphaBar[i]!, alphaBar[i - 1] ?? 1));
      expectClose(
        at((from, to) => posterior(from, to).variance),
        expected.posterior_variance,
        1e-9,
      );
      expectClose(
        at((from, to) => posterior(from, to).denoised),
        expected.posterior_mean_coef1,
        1e-9,
      );
      expectClose(
        at((from, to) => posterior(from, to).x),
        expected.posterior_mean_coef2,
        1e-9,
      );
      expectClose(
        at((from) => forwardProcess(from).signal),
        expected.sqrt_alphas_cumprod,
        1e-9,
      );
      expectClose(
        at((from) => forwardProcess(from).spread),
        expected.sqrt_one_minus_alphas_cumprod,
        1e-9,
      );
      expectClose(
        at((from) => targets.epsilon.clean(from).x),
        expected.sqrt_recip_alphas_cumprod,
        1e-9,
      );
      expectClose(
        at((from) => -targets.epsilon.clean(from).output),
        expected.sqrt_recipm1_alphas_cumprod,
        1e-9,
      );
    });
});

describe("published values", () => {
  interface Inputs {
    schedule: string;
    T: number;
    t: number[];
    x_start: Nested[];
    noise: Nested[];
    x_t: Nested[];
  }
  type Expected = Record<"q_sample" | "posterior_mean" | "predict_xstart_from_eps", Nested[]>;
  for (const { name, inputs, expected } of goldenCases<Inputs, Expected>("posterior", /^posterior_/))
    it(name, () => {
      const alphaBar = table(inputs.schedule, inputs.T);
      for (const [i, t] of inputs.t.entries()) {
        const from = alphaBar[t]!;
        const [x0, noise, xt] = [inputs.x_start[i]!, inputs.noise[i]!, inputs.x_t[i]!].map(flat) as [
          number[],
          number[],
          number[],
        ];
        const forward = forwardProcess(from);
        expectClose(
          x0.map((x, k) => forward.signal * x + forward.spread * noise[k]!),
          flat(expected.q_sample[i]!),
          1e-10,
        );
        const mean = posterior(from, alphaBar[t - 1] ?? 1);
        expectClose(
          x0.map((x, k) => mean.denoised * x + mean.x * xt[k]!),
          flat(expected.posterior_mean[i]!),
          1e-9,
        );
        const denoise = targets.epsilon.clean(from);
        expectClose(
          xt.map((x, k) => denoise.x * x + denoise.output * noise[k]!),
          flat(expected.predict_xstart_from_eps[i]!),
          1e-10,
        );
      }
    });
});

describe("published steps of the reverse process", () => {
  interface Inputs {
    schedule: string;
    T: number;
    t: number[];
    x: Nested[];
    model_output: Nested[];
    model_var_type: "FIXED_SMALL" | "FIXED_LARGE";
    clip_denoised: boolean;
  }
  type Expected = Record<"mean" | "variance" | "pred_xstart", Nested[]>;
  for (const { name, inputs, expected } of goldenCases<Inputs, Expected>(
    "p_mean_variance",
    /_EPSILON_FIXED_(SMALL|LARGE)$/,
  ))
    it(name, () => {
      const alphaBar = table(inputs.schedule, inputs.T);
      const variance = inputs.model_var_type === "FIXED_LARGE" ? "fixed-large" : "fixed-small";
      for (const [i, t] of inputs.t.entries()) {
        const from = alphaBar[t]!;
        const [update] = method("ddpm", { variance }).updates({ from, to: alphaBar[t - 1] ?? 1 });
        const denoise = targets.epsilon.clean(from);
        const epsilon = flat(inputs.model_output[i]!);
        const x = flat(inputs.x[i]!);
        const denoised = x.map((value, k) => {
          const estimate = denoise.x * value + denoise.output * epsilon[k]!;
          return inputs.clip_denoised ? Math.max(-1, Math.min(1, estimate)) : estimate;
        });
        expectClose(denoised, flat(expected.pred_xstart[i]!), 1e-9);
        expectClose(
          x.map((value, k) => update!.x * value + update!.denoised * denoised[k]!),
          flat(expected.mean[i]!),
          1e-9,
        );
        // no noise after the last step, where the published variance is not used
        const noise = t === 0 ? 0 : Math.sqrt(flat(expected.variance[i]!)[0]!);
        expect(update!.noise).toBeCloseTo(noise, 10);
      }
    });
});
