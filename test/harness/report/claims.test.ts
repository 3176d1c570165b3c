/** The rules that decide a claim, on numbers worked out by hand. */
import { describe, expect, it } from "vitest";
import { accuracyAtCoverage, controlFinding } from "../../../src/harness/stages/control/claim.ts";
import { dataClaim, dataFinding, lossBySeed } from "../../../src/harness/stages/data/section.ts";
import { coverageFinding, diversityClaim } from "../../../src/harness/stages/diversity/section.ts";
import { latencyFinding } from "../../../src/harness/stages/latency/claim.ts";
import { judged } from "../../../src/harness/stages/readout/claim.ts";
import { sectionsOf } from "../../../src/harness/stages/readout/index.ts";
import { rangeInterval, shiftInterval } from "../../../src/harness/stages/readout/intervals.ts";
import { stabilityFinding } from "../../../src/harness/stages/stability/claim.ts";
import { viewOf } from "../../../src/harness/tables/index.ts";
import { scoredSet } from "./fixture/quality.ts";
import { fixture } from "./fixture.ts";

describe("the shift interval", () => {
  it("of 4 against 4 runs from the least to the largest difference and holds with 1 - 2/70", () => {
    const shift = shiftInterval([1, 2, 3, 4], [11, 12, 13, 17]);
    expect(shift).toMatchObject({ defined: true, low: 7, high: 16 });
    expect(shift.defined && shift.confidence).toBeCloseTo(1 - 2 / 70, 12);
    expect(shift.defined && shift.estimate).toBe(10); // the 8th and 9th of the 16 differences
  });

  it("of 5 against 5 leaves out the two outermost differences at either end: U below 3 has 4 of 252 orders", () => {
    const a = [0, 1, 2, 3, 4];
    const shift = shiftInterval(
      a,
      a.map((x) => x + 10),
    );
    // counts 1, 1, 2, 3, 5: 2 (1 + 1 + 2) / 252 = 0.032, and with U = 3 it were 0.056; differences are 6, 7, 7, 8, …
    expect(shift).toMatchObject({ low: 7, high: 13, estimate: 10 });
    expect(shift.defined && shift.confidence).toBeCloseTo(1 - 8 / 252, 12);
  });

  it("is not to be had from 3 against 3, and says what can carry it", () => {
    expect(shiftInterval([1, 2, 3], [7, 8, 9])).toEqual({
      defined: false,
      why: "3 against 3 seeds cannot carry a 95% interval; 4 against 4 can",
    });
    expect(shiftInterval([], [1]).defined).toBe(false);
  });

  it("covers a true shift as often as it says: exactly, over all orders of 4 and 4 values", () => {
    // every assignment of 8 distinct values to two groups is equally likely without a shift
    const values = [0.3, 1.1, 2.7, 3.2, 4.9, 5.3, 7.1, 9.4];
    let covered = 0;
    let all = 0;
    for (let mask = 0; mask < 256; mask++) {
      const a = values.filter((_, i) => mask & (1 << i));
      if (a.length !== 4) continue;
      all++;
      const shift = shiftInterval(
        a,
        values.filter((_, i) => !(mask & (1 << i))),
      );
      if (shift.defined && shift.low <= 0 && shift.high >= 0) covered++;
    }
    expect([covered, all]).toEqual([68, 70]);
  });
});

describe("the range interval", () => {
  it("needs 6 values and holds with 1 - 2/64", () => {
    expect(rangeInterval([1, 2, 3, 4, 5]).defined).toBe(false);
    expect(rangeInterval([6, 1, 2, 3, 4, 9])).toEqual({
      defined: true,
      low: 1,
      high: 9,
      confidence: 1 - 2 / 64,
    });
  });
});

describe("coverage", () => {
  const diffusion = [0.8, 0.82, 0.84, 0.86];
  it.each([
    ["holds", [0.5, 0.52, 0.55, 0.6]],
    ["does not hold here", [0.85, 0.86, 0.87, 0.9]], // 0.80 - 0.90 to 0.86 - 0.85 = 0.01, below the margin
    ["inconclusive", [0.78, 0.8, 0.83, 0.9]],
    ["inconclusive", [0.5, 0.52, 0.55]], // 3 against 4: the least tail is 1 of 35, twice that is above 5%
  ] as const)("%s where the GAN covers %j", (outcome, gan) => {
    expect(coverageFinding(gan, diffusion, "facts").outcome).toBe(outcome);
  });

  it("says the difference with its interval", () => {
    expect(coverageFinding([0.5, 0.52, 0.55, 0.6], diffusion, "facts").text).toBe(
      "facts; diffusion covers more by 0.2 to 0.36, 97.1% confidence.",
    );
  });
});

describe("stability", () => {
  const failures = (count: number, seeds: number, low: number, high: number) => ({ count, seeds, low, high });
  const calm = { ratios: [1, 1, 1.02, 1.01], failures: failures(0, 4, 0, 0.49) };
  it("holds where final over best of the GAN is higher by an interval above 1", () => {
    const gan = { ratios: [1.3, 1.5, 2, 3], failures: failures(2, 4, 0.15, 0.85) };
    const finding = stabilityFinding(gan, calm);
    expect(finding.outcome).toBe("holds");
    expect(finding.text).toContain("ratio 1.27 to 3,"); // 1.3 / 1.02 and 3 / 1
    expect(finding.text).toContain("2 of 4 (15% to 85%)");
    expect(finding.text).toContain("fewer than 10 seeds carry no verdict");
  });

  it("holds where failures lie apart with ten seeds each, though final over best says nothing", () => {
    const gan = { ratios: [1, 1.01], failures: failures(9, 10, 0.6, 0.98) };
    const diffusion = { ratios: [1, 1.01], failures: failures(0, 10, 0, 0.28) };
    expect(stabilityFinding(gan, diffusion).outcome).toBe("holds");
    expect(stabilityFinding({ ...gan, failures: failures(9, 9, 0.7, 1) }, diffusion).outcome).toBe(
      "inconclusive",
    );
  });

  it("does not hold only with ten seeds, an interval below the margin and failures together", () => {
    const ten = { ratios: [1, 1, 1.01, 1.02], failures: failures(0, 10, 0, 0.28) };
    expect(stabilityFinding(ten, ten).outcome).toBe("does not hold here");
    expect(stabilityFinding(calm, calm).outcome).toBe("inconclusive");
  });
});

describe("time at equal FID", () => {
  const settings = [3, 30, 300];
  it.each([
    ["inconclusive", [120, 150, 300]], // 3 seeds carry no interval
    ["holds", [120, 150, 300, 130, 110, 140]],
    ["holds", [120, 150, 300, 130, 110, Number.POSITIVE_INFINITY]],
    ["does not hold here", [30, 30, 40, 30, 35, 99]],
    ["inconclusive", [30, 30, 40, 30, 35, 120]],
    ["inconclusive", []],
  ] as const)("%s for seeds %j", (outcome, bySeed) => {
    expect(latencyFinding(bySeed, settings).outcome).toBe(outcome);
  });

  it("needs no seeds where every measured setting lies on one side", () => {
    expect(latencyFinding([150], [100, 300]).outcome).toBe("holds");
    expect(latencyFinding([3], [3, 99]).outcome).toBe("does not hold here");
    expect(latencyFinding([Number.POSITIVE_INFINITY], [3, 99]).outcome).toBe("inconclusive");
  });
});

describe("steering", () => {
  const point = (accuracy: number, fid: number) => ({
    accuracy: { value: accuracy, low: accuracy, high: accuracy, confidence: 0.95 },
    quality: scoredSet(fid, { sampler: "ddim", steps: 20 }), // coverage 0.96 / (1 + fid / 60)
  });
  const points = [point(0.7, 12), point(0.9, 20), point(0.95, 60)]; // coverage 0.8, 0.72, 0.48

  it("takes the highest accuracy among points that cover enough, else the one that covers most", () => {
    expect(accuracyAtCoverage(points, 0.72)).toBe(0.9);
    expect(accuracyAtCoverage(points, 0.4)).toBe(0.95);
    expect(accuracyAtCoverage(points, 0.9)).toBe(0.7);
  });

  const better = { gan: [0.5, 0.5, 0.6, 0.6], diffusion: [0.9, 0.9, 0.8, 0.8] };
  const errors = { gan: [-1, -1, -0.9, -0.8], diffusion: [-1.5, -1.4, -1.3, -1.3] };
  it("holds where both readings say so, and is open where they differ", () => {
    expect(controlFinding(better, errors).outcome).toBe("holds");
    expect(controlFinding(undefined, errors).outcome).toBe("holds");
    const contrary = { gan: errors.diffusion, diffusion: errors.gan };
    expect(controlFinding(better, contrary).outcome).toBe("inconclusive");
    expect(controlFinding({ gan: better.diffusion, diffusion: better.gan }, contrary).outcome).toBe(
      "does not hold here",
    );
    expect(controlFinding(undefined, undefined).outcome).toBe("inconclusive");
  });
});

describe("training-set size", () => {
  const sets = (small: number[], large: number[]) => [
    { trainImages: 4000, finals: large.map((value, seed) => ({ seed, value })) },
    { trainImages: 250, finals: small.map((value, seed) => ({ seed, value })) },
  ];
  it("loses by the ratio of the smallest to the largest, seed by seed", () => {
    expect(lossBySeed(sets([20, 30], [10, 10]))).toEqual([Math.log(2), Math.log(3)]);
    expect(lossBySeed(sets([20, 30], [10]))).toEqual([Math.log(2)]); // the other seed diverged at the largest
    expect(lossBySeed([{ trainImages: 250, finals: [{ seed: 0, value: 20 }] }])).toEqual([]);
  });

  it("is decided by the ratio of the two losses", () => {
    const [steep, flat] = [[2, 2.2, 2.4, 3].map(Math.log), [1, 1.1, 1.2, 1.3].map(Math.log)];
    const finding = dataFinding(flat, steep, [250, 4000]);
    expect(finding.outcome).toBe("holds");
    expect(finding.text).toContain("ratio 1.54 to 3,"); // 2 / 1.3 and 3 / 1
    expect(dataFinding(steep, flat, [250, 4000]).outcome).toBe("does not hold here");
    expect(dataFinding(flat, flat, [250, 4000]).outcome).toBe("inconclusive");
    expect(dataFinding([0.1], [2], [250, 4000]).outcome).toBe("inconclusive");
  });
});

describe("the verdicts of a run", () => {
  const outcomes = (options: Parameters<typeof fixture>[0]) => {
    const { run, cells } = fixture(options);
    return Object.fromEntries(
      sectionsOf(viewOf(run, cells)).flatMap(({ id, verdict }) => (verdict ? [[id, verdict.outcome]] : [])),
    );
  };

  it("are inconclusive with one seed and not measured without a stage", () => {
    expect(outcomes({ everyStage: true })).toEqual({
      stability: "inconclusive",
      latency: "inconclusive",
      diversity: "inconclusive",
      control: "inconclusive",
      data: "inconclusive",
      tune: "holds", // its unit is the trial
    });
    expect(outcomes({})).toMatchObject({
      stability: "not measured",
      control: "not measured",
      data: "not measured",
      tune: "not measured",
    });
  });

  it("judge every pair of a GAN and a diffusion model, and no student", () => {
    const { run, cells } = fixture({ everyStage: true, seeds: [1, 2, 3, 4] });
    const view = viewOf(run, cells);
    const verdict = judged(view, diversityClaim);
    expect(verdict.outcome).toBe("holds");
    expect(verdict.pairs).toHaveLength(4);
    expect(verdict.pairs.join(" ")).not.toContain("Student");
    expect(judged(view, dataClaim)).toMatchObject({ outcome: "holds", pairs: [] });
  });
});
