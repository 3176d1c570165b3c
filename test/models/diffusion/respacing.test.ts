import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  karrasSigmas,
  nearestStep,
  type SpacingName,
  sectionSpacing,
  sigmaOf,
  spacings,
  strideSpacing,
  trajectory,
} from "../../../src/models/diffusion/respacing.ts";
import { alphaBarFor, betasOf } from "../../../src/models/diffusion/schedules/index.ts";
import { expectClose, goldenCases } from "../golden.ts";

const linear = (timesteps: number) =>
  alphaBarFor(timesteps, { name: "linear", betaStart: 1e-4, betaEnd: 0.02, scaled: true });
/** Of any number of steps: few scaled betas would exceed 1. */
const cosine = (timesteps: number) =>
  alphaBarFor(timesteps, { name: "cosine", offset: 0.008, maxBeta: 0.999 });

describe("published spacings", () => {
  type Expected = { timesteps_retained: number[]; respaced_betas_linear?: number[] } | { error: true };
  for (const { name, inputs, expected } of goldenCases<{ T: number; section_counts: string }, Expected>(
    "timestep_spacing",
    /^space_timesteps/,
  ))
    it(name, () => {
      const counts = inputs.section_counts;
      const space = () =>
        counts.startsWith("ddim")
          ? strideSpacing(inputs.T, Number(counts.slice(4)))
          : sectionSpacing(inputs.T, counts.split(",").map(Number));
      if ("error" in expected) {
        expect(space).toThrow(expect.objectContaining({ code: "BAD_CONFIG" }));
        return;
      }
      expect(space()).toEqual(expected.timesteps_retained);
      if (!expected.respaced_betas_linear) return;
      const alphaBar = linear(inputs.T);
      const kept = Float64Array.from(space(), (t) => alphaBar[t]!);
      expectClose(betasOf(kept), expected.respaced_betas_linear, 1e-10);
    });
});

const usual = { rho: 7, sigmaMin: 0.002, sigmaMax: 80 };

describe.each(["uniform", "quadratic", "karras", "logsnr"] as const)("%s spacing", (name: SpacingName) => {
  it("takes any count of steps, ascending, without repeats", () => {
    const sizes = fc
      .integer({ min: 2, max: 400 })
      .chain((timesteps) =>
        fc.record({ timesteps: fc.constant(timesteps), count: fc.integer({ min: 1, max: timesteps }) }),
      );
    fc.assert(
      fc.property(sizes, ({ timesteps, count }) => {
        const steps = spacings[name](cosine(timesteps), count, usual);
        expect(steps.length).toBe(count);
        for (const [i, step] of steps.entries()) {
          expect(Number.isInteger(step)).toBe(true);
          expect(step).toBeGreaterThan(steps[i - 1] ?? -1);
        }
        expect(steps.at(-1)).toBeLessThan(timesteps);
        if (name !== "karras") expect(steps.at(-1)).toBe(timesteps - 1);
        if ((name === "uniform" || name === "quadratic") && count > 1) expect(steps[0]).toBe(0);
      }),
    );
  });
});

it("quadratic spacing has squares of equal distances", () => {
  expect(spacings.quadratic(linear(101), 6, usual)).toEqual([0, 4, 16, 36, 64, 100]);
});

it("logsnr spacing goes in equal distances of log sigma to the first step, which the last move leads to", () => {
  const alphaBar = linear(1000);
  const logSigma = (t: number) => Math.log(sigmaOf(alphaBar[t]!));
  const [low, high] = [logSigma(0), logSigma(999)];
  for (const [i, t] of spacings.logsnr(alphaBar, 8, usual).reverse().entries()) {
    const wanted = high + (i / 8) * (low - high);
    const apart = Math.max(logSigma(Math.min(999, t + 1)) - logSigma(t), logSigma(t) - logSigma(t - 1));
    expect(Math.abs(logSigma(t) - wanted)).toBeLessThanOrEqual(apart / 2 + 1e-12);
  }
});

it("karras spacing takes the steps nearest to the published levels, within those that the model knows", () => {
  const alphaBar = linear(1000);
  const sigmas = karrasSigmas(8, { min: sigmaOf(alphaBar[0]!), max: 80, rho: 7 });
  for (const [i, t] of spacings.karras(alphaBar, 8, usual).reverse().entries()) {
    const distance = (step: number) => Math.abs(Math.log(sigmaOf(alphaBar[step]!) / sigmas[i]!));
    for (const other of [t - 1, t + 1])
      if (alphaBar[other]) expect(distance(t)).toBeLessThanOrEqual(distance(other));
  }
  expect(() => spacings.karras(alphaBar, 8, { ...usual, sigmaMin: 200, sigmaMax: 300 })).toThrow(
    expect.objectContaining({ code: "BAD_CONFIG" }),
  );
});

it("the nearest step to a trained level is its own, and levels beyond the ends have the end", () => {
  const alphaBar = linear(100);
  for (const [t, level] of alphaBar.entries()) expect(nearestStep(alphaBar, level)).toBe(t);
  expect(nearestStep(alphaBar, 1 - 1e-9)).toBe(0);
  expect(nearestStep(alphaBar, 1e-12)).toBe(99);
});

it("a trajectory starts at the noisiest retained step, hands each level on and ends at 1", () => {
  const alphaBar = linear(100);
  const moves = trajectory(alphaBar, spacings.uniform(alphaBar, 7, usual));
  expect(moves[0]).toEqual({ from: alphaBar[99], to: moves[1]!.from });
  for (const [i, { to, before }] of moves.entries()) {
    expect(to).toBe(moves[i + 1]?.from ?? 1);
    expect(before).toBe(moves[i - 1]?.from);
  }
});
