import { describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import { bootstrapInterval, mean } from "../../../src/core/statistics/index.ts";

const options = { confidence: 0.95, stream: rng(1) };

describe("a bootstrap interval", () => {
  it("is the value itself where all units agree", () => {
    expect(bootstrapInterval([3, 3, 3], mean, options)).toEqual({ low: 3, high: 3 });
  });

  it("is about the normal one for a mean of many", () => {
    const stream = rng(2);
    const units = Array.from({ length: 400 }, () => stream.normal());
    const { low, high } = bootstrapInterval(units, mean, options);
    expect(high - low).toBeGreaterThan(0.9 * 2 * 1.96 * 0.05);
    expect(high - low).toBeLessThan(1.1 * 2 * 1.96 * 0.05);
  });

  it("holds the true mean about as often as it says", () => {
    let held = 0;
    for (let i = 0; i < 300; i++) {
      const stream = rng(3).fold(i);
      const units = Array.from({ length: 60 }, () => stream.normal());
      const { low, high } = bootstrapInterval(units, mean, {
        confidence: 0.9,
        stream: rng(4).fold(i),
        resamples: 200,
      });
      if (low <= 0 && 0 <= high) held++;
    }
    expect(held / 300).toBeGreaterThan(0.84); // a little under 0.9 at 60 units, and 300 trials
    expect(held / 300).toBeLessThan(0.95);
  });

  it("repeats for its stream", () => {
    expect(bootstrapInterval([1, 5, 9, 2], mean, options)).toEqual(
      bootstrapInterval([1, 5, 9, 2], mean, options),
    );
  });
});
