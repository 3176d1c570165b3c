import { describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import { glorotUniform, initialise, normal, zeros } from "../../../src/models/nn/index.ts";

describe("parameters", () => {
  const specs = {
    a: { shape: [40, 60], initialise: glorotUniform },
    b: { shape: [5000], initialise: normal(1, 0.02) },
    c: { shape: [3], initialise: zeros },
  };

  it("draws each parameter from its own stream, whatever else there is", () => {
    const all = initialise(specs, rng(7));
    expect(initialise({ b: specs.b }, rng(7))).toEqual(all.slice(2400, 7400));
    expect(initialise({ ...specs, z: specs.a }, rng(7)).slice(0, 7403)).toEqual(all);
    expect(initialise({ z: specs.a }, rng(7))).not.toEqual(all.slice(0, 2400));
  });

  it("has the moments it says", () => {
    const all = initialise(specs, rng(3));
    const moments = (values: Float32Array) => {
      const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
      return { mean, variance: values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length };
    };
    const glorot = moments(all.subarray(0, 2400));
    expect(glorot.variance).toBeCloseTo(2 / 100, 2);
    expect(Math.max(...all.subarray(0, 2400))).toBeLessThanOrEqual(Math.fround(Math.sqrt(6 / 100)));
    const gains = moments(all.subarray(2400, 7400));
    expect(gains.mean).toBeCloseTo(1, 2);
    expect(Math.sqrt(gains.variance)).toBeCloseTo(0.02, 3);
    expect(all.subarray(7400)).toEqual(new Float32Array(3));
  });
});
