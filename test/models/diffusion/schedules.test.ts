import { describe, expect, it } from "vitest";
import type { ScheduleOptions } from "../../../src/models/diffusion/schedules/index.ts";
import {
  alphaBarFor,
  alphaBarOf,
  betasOf,
  gammaFor,
  goneShare,
  logSnr,
  SMALLEST_GAMMA,
  scheduleLabel,
  scheduleSchema,
  schedules,
  snr,
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
    expect(alphaBar[0]).toBeGreaterThan(0.99);
    expect(alphaBar[999]).toBeLessThan(1e-3);
  });

  it("has a continuous form that falls from 1 and meets its steps", () => {
    const timesteps = 100;
    const options = scheduleSchema.parse({ name });
    const alphaBar = alphaBarFor(timesteps, options);
    const gamma = gammaFor(timesteps, options);
    expect(gamma(0)).toBeGreaterThan(0.999_999);
    expect(gamma(1)).toBeGreaterThanOrEqual(SMALLEST_GAMMA);
    for (let i = 1; i <= 4 * timesteps; i++)
      expect(gamma(i / (4 * timesteps))).toBeLessThan(gamma((i - 1) / (4 * timesteps)));
    // the last step is bounded by a largest beta in one, by a smallest gamma in the other
    for (let i = 1; i < timesteps; i++) expect(gamma(i / timesteps) / alphaBar[i - 1]!).toBeCloseTo(1, 9);
  });

  it("is named by its title and by what differs from the default", () => {
    expect(scheduleLabel(scheduleSchema.parse({ name }))).toBe(
      schedules[name as keyof typeof schedules].title,
    );
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

it("a schedule that is written as its name alone is told how to write it", () => {
  expect(scheduleSchema.safeParse("cosine").error?.issues[0]?.message).toBe(
    "takes its name as an option: { name: cosine }",
  );
});

describe("refusals", () => {
  it.each([
    [{ name: "linear", betaStart: 0.03 }, /betaStart is above betaEnd/],
    [{ name: "quadratic", betaStart: 0.03 }, /betaStart is above betaEnd/],
    [{ name: "chen-cosine", start: 0.6, end: 0.5 }, /start is not below end/],
    [{ name: "chen-cosine", tau: 0 }, /expected number to be >0/],
    [{ name: "chen-sigmoid", start: 3, end: -3 }, /start is not below end/],
    [{ name: "chen-sigmoid", tau: -1 }, /expected number to be >0/],
    [{ name: "cosine-logsnr", logSnrMin: 5, logSnrMax: 1 }, /logSnrMin is not below logSnrMax/],
    [{ name: "sigmoid-logsnr", start: 1, end: 0 }, /start is not below end/],
  ])("refuses %j", (options, message) => {
    expect(scheduleSchema.safeParse(options).error?.issues[0]?.message).toMatch(message);
  });

  it("refuses steps that leave nothing, or take nothing", () => {
    const steep = () => table(10, { name: "linear", scaled: true });
    expect(steep).toThrow(expect.objectContaining({ code: "BAD_CONFIG" }));
    expect(steep).toThrow(/schedule linear: of 10 steps, step 6 goes from alphaBar [\d.]+ to -[\d.]+/);
    expect(() => table(1000, { name: "chen-sigmoid", start: -60, tau: 0.5 })).toThrow(/from alphaBar 1 to 1/);
  });
});

describe("diagnostics", () => {
  it("an input scale b shifts logSNR by 2 ln b", () => {
    for (const alphaBar of [0.999, 0.5, 1e-6]) {
      expect(logSnr(alphaBar)).toBeCloseTo(Math.log(snr(alphaBar)), 10);
      expect(logSnr(alphaBar, 0.3) - logSnr(alphaBar)).toBeCloseTo(2 * Math.log(0.3), 12);
    }
    expect(snr(0.5)).toBe(1);
  });

  it("counts the steps whose signal is gone", () => {
    const halves = Float64Array.of(0.9, 0.5, 0.1, 0.01);
    expect(goneShare(halves, 1)).toBe(0.5); // 9, 1, 1/9, 1/99
    expect(goneShare(halves, 0.1)).toBe(0.25);
    expect(goneShare(halves, 0.1, 0.9)).toBe(0.5); // 0.81 / 9 < 0.1
  });

  it("tells the linear schedule of few steps from that of many", () => {
    // unscaled, 50 steps end with 60% of the signal: sampling from pure noise then starts from the wrong place
    expect(snr(table(50, { name: "linear" }).at(-1)!)).toBeGreaterThan(1);
    expect(snr(table(1000, { name: "linear" }).at(-1)!)).toBeLessThan(1e-4);
  });

  it("names what was changed", () => {
    expect(scheduleLabel(scheduleSchema.parse({ name: "chen-sigmoid", tau: 0.5 }))).toBe(
      "sigmoid (start, end, tau), tau 0.5",
    );
  });
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
    [/^quad_ddim_T\d+_0.0001_0.02$/, { name: "quadratic", betaStart: 1e-4, betaEnd: 0.02 }],
    [/^quad_ddim_T\d+_0.00085_0.012$/, { name: "quadratic", betaStart: 8.5e-4, betaEnd: 0.012 }],
    [/^sigmoid_lucidrains_.*_-3_3_1$/, { name: "chen-sigmoid", start: -3, end: 3, tau: 1 }],
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

describe("published continuous schedules", () => {
  interface Chen {
    schedule: "cosine" | "sigmoid";
    t: number[];
    start: number;
    end: number;
    tau: number;
  }
  for (const { name, inputs, expected } of goldenCases<Chen, { gamma: number[] }>(
    "schedules",
    /^chen_(cosine|sigmoid)_[-\d]/,
  ))
    it(name, () => {
      const { schedule, t, start, end, tau } = inputs;
      const gamma = gammaFor(1000, scheduleSchema.parse({ name: `chen-${schedule}`, start, end, tau }));
      for (const [k, at] of t.entries())
        expect(Math.abs(gamma(at) - expected.gamma[k]!)).toBeLessThan(1e-6 * expected.gamma[k]!);
    });

  interface Cut {
    t: number[];
    logsnr_min: number;
    logsnr_max: number;
  }
  for (const { name, inputs, expected } of goldenCases<Cut, { log_snr: number[] }>(
    "schedules",
    /^logsnr_cosine_truncated/,
  ))
    it(name, () => {
      const { t, logsnr_min: logSnrMin, logsnr_max: logSnrMax } = inputs;
      const gamma = gammaFor(1000, scheduleSchema.parse({ name: "cosine-logsnr", logSnrMin, logSnrMax }));
      for (const [k, at] of t.entries()) expect(logSnr(gamma(at))).toBeCloseTo(expected.log_snr[k]!, 8);
    });

  it("the sigmoid of logSNR goes between its ends, and is the sigmoid's own number half way", () => {
    const gamma = gammaFor(
      10,
      scheduleSchema.parse({ name: "sigmoid-logsnr", logSnrMin: -8, logSnrMax: 12 }),
    );
    expect([0, 0.5, 1].map((t) => logSnr(gamma(t)))).toEqual(
      [12, 2, -8].map((value) => expect.closeTo(value, 6)),
    );
    // (v(3) - v(-1.5)) / (v(3) - v(-3)) of the logistic function
    expect(logSnr(gamma(0.25))).toBeCloseTo(-8 + (20 * (0.9525741 - 0.1824255)) / (0.9525741 - 0.0474259), 4);
  });
});
