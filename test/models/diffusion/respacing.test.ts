import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  samplingSteps,
  sectionSpacing,
  strideSpacing,
  trajectory,
} from "../../../src/models/diffusion/respacing.ts";
import { alphaBarFor, betasOf } from "../../../src/models/diffusion/schedules/index.ts";
import { expectClose, goldenCases } from "../golden.ts";

const linear = (timesteps: number) =>
  alphaBarFor(timesteps, { name: "linear", betaStart: 1e-4, betaEnd: 0.02, scaled: true });

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

it("any count of sampling steps ascends without repeats and includes the noisiest step", () => {
  const sizes = fc
    .integer({ min: 2, max: 400 })
    .chain((timesteps) =>
      fc.record({ timesteps: fc.constant(timesteps), count: fc.integer({ min: 1, max: timesteps }) }),
    );
  fc.assert(
    fc.property(sizes, ({ timesteps, count }) => {
      const steps = samplingSteps(timesteps, count);
      expect(steps.length).toBe(count);
      expect(new Set(steps).size).toBe(count);
      expect([...steps].sort((a, b) => a - b)).toEqual(steps);
      expect(steps.at(-1)).toBe(timesteps - 1);
      if (count > 1) expect(steps[0]).toBe(0);
    }),
  );
});

it("a trajectory starts at the noisiest retained step, hands each level on and ends at 1", () => {
  const alphaBar = linear(100);
  const moves = trajectory(alphaBar, samplingSteps(100, 7));
  expect(moves[0]).toMatchObject({ t: 99, from: alphaBar[99] });
  for (const [i, { to }] of moves.entries()) expect(to).toBe(moves[i + 1]?.from ?? 1);
});
