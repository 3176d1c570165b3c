import { describe, expect, it } from "vitest";
import { seedRate, seedSpread, usability } from "../../../src/core/statistics/index.ts";

const seed = (fate: "usable" | "collapsed" | "bad" | "both" | "diverged", cost = 10) => {
  if (fate === "diverged") return { diverged: true, cost };
  const [collapsed, bad] = [fate === "collapsed" || fate === "both", fate === "bad" || fate === "both"];
  return { diverged: false, collapsed, bad, cost };
};

describe("seedRate", () => {
  it("has Wilson's interval", () => {
    const none = seedRate(0, 3);
    expect(none).toMatchObject({ count: 0, seeds: 3, share: 0, low: 0 });
    expect(none.high).toBeCloseTo(0.5615, 4); // z^2 / (n + z^2)
    expect(seedRate(5, 10).low).toBeCloseTo(0.2366, 4); // R: prop.test(5, 10, correct = FALSE)
    expect(seedRate(5, 10).high).toBeCloseTo(0.7634, 4);
  });
});

describe("usability", () => {
  it("counts divergence and collapse apart and as failures together", () => {
    const seeds = [seed("usable"), seed("usable"), seed("collapsed"), seed("diverged", 2)];
    const result = usability(seeds);
    expect(result).toMatchObject({ defined: true, seeds: 4, diverged: 1, collapsed: 1 });
    if (!result.defined) return;
    expect(result.failure.share).toBe(0.5);
    expect(result.cost).toMatchObject({ defined: true, expected: 16 }); // 32 spent on two usable ones
  });

  it("counts a training that is bad and collapsed once among the failures", () => {
    const result = usability([seed("usable"), seed("bad"), seed("both"), seed("diverged")]);
    expect(result).toMatchObject({ diverged: 1, collapsed: 1, bad: 2, failure: { count: 3, seeds: 4 } });
  });

  it("is unknown where nobody set a bound of quality", () => {
    expect(usability([seed("usable"), { diverged: false, collapsed: false, cost: 1 }])).toMatchObject({
      defined: false,
      why: expect.stringMatching(/1 of 2 trainings were recorded by an older protocol/),
    });
    expect(usability([{ diverged: true, cost: 1 }])).toMatchObject({ failure: { count: 1 } }); // that much is sure
  });

  it("costs what one training costs where each is usable, at least", () => {
    const result = usability([seed("usable"), seed("usable"), seed("usable")]);
    expect(result.defined && result.cost).toMatchObject({ defined: true, expected: 10, low: 10 });
    if (result.defined && result.cost.defined) expect(result.cost.high).toBeCloseTo(10 / (1 - 0.5615), 2);
  });

  it("has no cost where nothing was usable, and nothing at all where seeds were not scored", () => {
    const failed = usability([seed("collapsed"), seed("diverged")]);
    expect(failed).toMatchObject({ cost: { defined: false, why: "none of 2 trainings was usable" } });
    expect(usability([])).toMatchObject({ defined: false });
    expect(usability([seed("usable"), { diverged: false, cost: 1 }])).toMatchObject({
      defined: false,
      why: expect.stringMatching(/1 of 2 trainings were not scored/),
    });
  });
});

describe("seedSpread", () => {
  it("is the sample's, and leaves out what one seed cannot tell", () => {
    expect(seedSpread([1, 3])).toEqual({
      seeds: 2,
      mean: 2,
      least: 1,
      most: 3,
      sd: Math.SQRT2,
      relative: Math.SQRT2 / 2,
    });
    expect(seedSpread([4])).toEqual({ seeds: 1, mean: 4, least: 4, most: 4 });
  });
});
