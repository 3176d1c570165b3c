/** What is planted in a recorded curve is found where it is, and in clean curves nothing is. */
import { describe, expect, it } from "vitest";
import { type Rng, rng } from "../../../src/core/rng.ts";
import {
  dominantOscillation,
  findSpikes,
  fisherTail,
  OSCILLATION_P,
} from "../../../src/core/statistics/index.ts";

/** x_i = memory x_(i-1) + noise; memory 1 is a random walk. */
function wandering(n: number, stream: Rng, memory: number): number[] {
  let x = Math.abs(memory) < 1 ? stream.normal() / Math.sqrt(1 - memory ** 2) : 0;
  return Array.from({ length: n }, () => {
    x = memory * x + stream.normal();
    return x;
  });
}

const indices = (n: number) => Array.from({ length: n }, (_, i) => i);

/** Curves without a periodic part, as training leaves them. */
const clean: Record<string, (n: number, stream: Rng) => number[]> = {
  white: (n, stream) => indices(n).map(() => stream.normal()),
  "skewed white": (n, stream) => indices(n).map(() => -Math.log(1 - stream.uniform())),
  "white, growing": (n, stream) => indices(n).map((i) => (1 + (3 * i) / n) * stream.normal()),
  "AR(1) 0.5": (n, stream) => wandering(n, stream, 0.5),
  "AR(1) 0.9": (n, stream) => wandering(n, stream, 0.9),
  "AR(1) 0.99": (n, stream) => wandering(n, stream, 0.99),
  "AR(1) -0.5": (n, stream) => wandering(n, stream, -0.5),
  "random walk": (n, stream) => wandering(n, stream, 1),
  "drift and white": (n, stream) => wandering(n, stream, 0.995).map((x) => 0.1 * x + stream.normal()),
  "exponential decay": (n, stream) =>
    indices(n).map((i) => 1 + 3 * Math.exp((-6 * i) / n) + 0.05 * stream.normal()),
  "hyperbolic decay": (n, stream) => indices(n).map((i) => 0.3 + 20 / (i + 1) + 0.02 * stream.normal()),
  "decay, wandering": (n, stream) =>
    wandering(n, stream, 0.9).map((x, i) => 3 * Math.exp((-6 * i) / n) + 0.05 * x),
};

describe("an oscillation", () => {
  it("is found in about one clean curve of a hundred at most", () => {
    let [found, curves] = [0, 0];
    for (const [name, make] of Object.entries(clean))
      for (let seed = 0; seed < 40; seed++, curves++) {
        const result = dominantOscillation(make(400, rng(seed).fold(name)));
        if (result.defined && result.p < OSCILLATION_P) found++;
      }
    expect(found / curves).toBeLessThanOrEqual(0.015);
  });

  const n = 1000;
  const planted = (noise: readonly number[], period: number, amplitude: number) =>
    noise.map((x, i) => x + amplitude * Math.sin((2 * Math.PI * i) / period + 0.7));

  it.each([3, 7, 12.5, 20, 41.3, 100])("of period %d is found at its period, in white noise", (period) => {
    const result = dominantOscillation(planted(clean.white!(n, rng(1)), period, 0.7));
    if (!result.defined) return expect.fail(result.why);
    expect(result.p).toBeLessThan(1e-6);
    expect(Math.abs(result.period / period - 1)).toBeLessThan(0.02);
    expect(result.share).toBeCloseTo(0.245 / (1 + 0.245), 1); // a sine's variance is half its amplitude squared
  });

  it.each([
    ["AR(1) 0.9", 25, 2],
    ["random walk", 20, 3],
    ["drift and white", 50, 1],
    ["exponential decay", 30, 0.05],
    ["hyperbolic decay", 10, 0.02],
    ["decay, wandering", 16, 0.08],
  ])("is found in %s at period %d", (noise, period, amplitude) => {
    const result = dominantOscillation(planted(clean[noise]!(n, rng(2)), period, amplitude));
    if (!result.defined) return expect.fail(result.why);
    expect(result.p).toBeLessThan(OSCILLATION_P);
    expect(Math.abs(result.period / period - 1)).toBeLessThan(0.02);
  });

  it("without noise is all there is", () => {
    const result = dominantOscillation(planted(new Array<number>(n).fill(0), 25, 1));
    expect(result).toMatchObject({ defined: true });
    if (!result.defined) return;
    expect(result.period).toBeCloseTo(25, 1);
    expect(result.share).toBeGreaterThan(0.99);
    expect(result.p).toBeLessThan(1e-12);
  });

  it("is found in a long curve, whose values are averaged in blocks", () => {
    const long = clean.white!(40_000, rng(3));
    const result = dominantOscillation(planted(long, 200, 0.3));
    if (!result.defined) return expect.fail(result.why);
    expect(result.p).toBeLessThan(1e-6);
    expect(Math.abs(result.period / 200 - 1)).toBeLessThan(0.01);
  });

  it("does not depend on the curve's unit and level", () => {
    const curve = planted(clean["AR(1) 0.9"]!(n, rng(4)), 25, 1);
    const [a, b] = [dominantOscillation(curve), dominantOscillation(curve.map((x) => 1e6 - 300 * x))];
    if (!a.defined || !b.defined) return expect.fail();
    expect(b.period).toBeCloseTo(a.period, 6);
    expect(b.share).toBeCloseTo(a.share, 6);
    expect(Math.log(b.p)).toBeCloseTo(Math.log(a.p), 4);
  });

  it("cannot be told of few values or a constant curve", () => {
    expect(dominantOscillation(clean.white!(255, rng(5)))).toMatchObject({
      defined: false,
      why: "an oscillation needs 256 values, not 255",
    });
    expect(dominantOscillation(new Array<number>(300).fill(4.2))).toMatchObject({ defined: false });
    expect(dominantOscillation(indices(300).map((i) => 3 - 0.01 * i))).toMatchObject({ defined: false });
  });
});

describe("Fisher's tail", () => {
  it("has the published critical values", () => {
    // 5% points of g (Fisher 1929, table I; Brockwell & Davis 1991, section 10.2)
    expect(fisherTail(0.68377, 5)).toBeCloseTo(0.05, 4);
    expect(fisherTail(0.44495, 10)).toBeCloseTo(0.05, 4);
    expect(fisherTail(0.19784, 30)).toBeCloseTo(0.05, 3);
  });

  it("is 1 at its least g and falls to 0", () => {
    expect(fisherTail(1 / 20, 20)).toBeCloseTo(1, 6);
    expect(fisherTail(1, 20)).toBe(0);
  });
});

describe("spikes", () => {
  it.each([40, 200, 599])("are found where they are planted (%d)", (place) => {
    const curve = clean["exponential decay"]!(600, rng(6));
    curve[place]! += 12; // over 7 standard deviations of the way down, too
    expect(findSpikes(curve)).toContain(place);
    expect(findSpikes(curve).length).toBe(1);
  });

  it("of several are all found, downward ones too", () => {
    const curve = clean.white!(2000, rng(7));
    curve[500] = -30;
    curve[1700] = 40;
    expect(findSpikes(curve)).toEqual([500, 1700]);
  });

  it("are not in clean curves", () => {
    for (const [name, make] of Object.entries(clean))
      for (let seed = 0; seed < 5; seed++)
        if (name !== "skewed white")
          // an exponential's tail does reach 7 standard deviations
          expect(findSpikes(make(600, rng(seed).fold(name))), name).toEqual([]);
  });
});
