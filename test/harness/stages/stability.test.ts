import { describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import { metricOf, modesReached, qualityOf } from "../../../src/harness/stages/shared/quality.ts";
import { collapseOf, curveStatistics, saturatedShare } from "../../../src/harness/stages/stability/run.ts";

describe("a collapsed generator", () => {
  const [N, MODES, WIDTH] = [200, 20, 16];
  const protocol = { n: N, k: 5, modes: MODES };
  const centres = rng(1).fillNormal(new Float64Array(MODES * WIDTH));
  /** Images of these modes in turn, each at its mode's centre but for a little. */
  const sample = (modes: readonly number[], seed: number) => {
    const assignments = Uint16Array.from({ length: N }, (_, i) => modes[i % modes.length]!);
    const data = rng(seed).fillNormal(new Float64Array(N * WIDTH));
    for (let i = 0; i < data.length; i++)
      data[i] = centres[assignments[Math.floor(i / WIDTH)]! * WIDTH + (i % WIDTH)]! + 0.1 * data[i]!;
    return { features: { data, count: N, width: WIDTH }, assignments };
  };
  const all = Array.from({ length: MODES }, (_, mode) => mode);
  const real = sample(all, 2);
  const generated = (modes: readonly number[]) =>
    qualityOf(sample(modes, 3), { real }, { sampler: "none", steps: 1, networkEvaluations: 1 }, protocol, {
      metrics: ["coverage", "vendi", "modeCount"],
    });
  const whole = generated(all);
  const collapsed = generated([4, 11, 17]);

  it("is flagged by modes, coverage and Vendi alike, and one that is not by none", () => {
    for (const metric of ["mode_count", "coverage_k5", "vendi"])
      expect(metricOf(collapsed, metric), metric).toBeLessThan(0.5 * metricOf(whole, metric));
    const realModes = new Set(real.assignments).size;
    expect(collapseOf(modesReached(collapsed), realModes, 0.5)).toEqual({
      modes: 3,
      realModes: 20,
      threshold: 0.5,
      collapsed: true,
    });
    expect(collapseOf(modesReached(whole), realModes, 0.5).collapsed).toBe(false);
  });

  it("is collapsed below the threshold, not at it", () => {
    expect(collapseOf(10, 20, 0.5).collapsed).toBe(false);
    expect(collapseOf(9, 20, 0.5).collapsed).toBe(true);
  });
});

describe("curves", () => {
  const steps = (n: number) => Array.from({ length: n }, (_, i) => 2 * i + 1); // recorded every other step
  const noise = (n: number) => Array.from(rng(3).fillNormal(new Float64Array(n)), (x) => 1 + 0.1 * x);

  it("have a planted spike at its training step and a planted oscillation at its period", () => {
    const values = noise(1000).map((x, i) => x + 0.1 * Math.sin((2 * Math.PI * i) / 16));
    values[731] = 9;
    const found = curveStatistics({ quantity: "loss", steps: steps(1000), values })!;
    expect(found.spikes).toEqual([2 * 731 + 1]);
    expect(found.spikeScore).toBeCloseTo(1 / (1000 - 32), 12);
    values[731] = 1; // a spike has all periods
    const calm = curveStatistics({ quantity: "loss", steps: steps(1000), values })!;
    expect(calm.spikes).toEqual([]);
    expect(calm.oscillation!.significant).toBe(true);
    expect(calm.oscillation!.period).toBeCloseTo(16, 0);
    expect(
      curveStatistics({ quantity: "loss", steps: steps(1000), values: noise(1000) })!.oscillation,
    ).toMatchObject({
      significant: false,
    });
  });

  it("saturate by the share of the second half at or above the threshold", () => {
    expect(saturatedShare([1, 1, 1, 1, 0.5, 0.99, 0.2, 1], 0.99)).toBe(0.5);
  });
});
