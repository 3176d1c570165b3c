import { describe, expect, it } from "vitest";
import type { ScheduleOptions } from "../../../src/models/diffusion/schedules/index.ts";
import {
  alphaBarFor,
  alphaBarOf,
  betasOf,
  scheduleSchema,
  schedules,
} from "../../../src/models/diffusion/schedules/index.ts";
import { expectClose, goldenCases } from "../golden.ts";

const table = (timesteps: number, options: unknown) => alphaBarFor(timesteps, scheduleSchema.parse(options));

describe.each(Object.keys(schedules))("schedule %s", (name) => {
  it.each([2, 50, 1000])("falls strictly from near 1 towards 0 over %i steps", (timesteps) => {
    const alphaBar = table(timesteps, { name });
    expect(alphaBar.length).toBe(timesteps);
    let above = 1;
    for (const value of alphaBar) {
      expect(value).toBeLessThan(above);
      above = value;
    }
    expect(above).toBeGreaterThan(0);
  });

  it("begins almost clean and ends almost as pure noise at 1000 steps", () => {
    const alphaBar = table(1000, { name });
    expect(alphaBar[0]).toBeGreaterThan(0.999);
    expect(alphaBar[999]).toBeLessThan(1e-4);
  });

  it("refuses an option that it does not have, naming those it has", () => {
    const parsed = scheduleSchema.safeParse({ name, roh: 1 });
    expect(parsed.error?.issues[0]?.message).toMatch(/unknown option "roh"; known: name, /);
  });

  it("documents every option", () => {
    const { name: _, ...own } = schedules[name as keyof typeof schedules].options.shape;
    for (const option of Object.values(own)) expect(option.description).toBeTruthy();
  });
});

it("an unknown schedule is refused with the known ones", () => {
  expect(scheduleSchema.safeParse({ name: "karras" }).error?.issues[0]?.message).toBe(
    `known schedules: ${Object.keys(schedules).join(", ")}`,
  );
});

it("betas and their products are each other's inverse", () => {
  const alphaBar = table(1000, { name: "cosine" });
  expectClose(alphaBarOf(betasOf(alphaBar)), alphaBar, 1e-12);
});

describe("published tables", () => {
  interface Inputs {
    T: number;
    indices: number[];
  }
  interface Expected {
    betas: number[];
    alphas_cumprod: number[];
  }
  const variants: [RegExp, ScheduleOptions][] = [
    [/^linear_improved_/, { name: "linear", betaStart: 1e-4, betaEnd: 0.02, scaled: true }],
    [/^linear_ddpm_unscaled_/, { name: "linear", betaStart: 1e-4, betaEnd: 0.02, scaled: false }],
    [/^cosine_(improved|lucidrains)_/, { name: "cosine", offset: 0.008, maxBeta: 0.999 }],
  ];
  for (const [pattern, options] of variants)
    for (const { name, inputs, expected } of goldenCases<Inputs, Expected>("schedules", pattern))
      it(name, () => {
        const alphaBar = alphaBarFor(inputs.T, options);
        const betas = betasOf(alphaBar);
        for (const [k, i] of inputs.indices.entries()) {
          expect(alphaBar[i]! / expected.alphas_cumprod[k]!).toBeCloseTo(1, 9);
          expect(betas[i]! / expected.betas[k]!).toBeCloseTo(1, 9);
        }
      });
});
