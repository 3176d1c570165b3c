import { expect, it } from "vitest";
import { rng } from "../../src/core/rng.ts";
import { drawOptions, rangeText, type Space } from "../../src/core/space.ts";

const space = {
  learningRate: { log: [1e-4, 1e-2] },
  dropout: { uniform: [0, 0.5] },
  beta1: [0, 0.5, 0.9],
} as const satisfies Space;

const drawn = (count: number, of: Space = space) =>
  Array.from({ length: count }, (_, i) => drawOptions(of, rng(3).fold(i)));

it("values lie in their ranges, as often in each part as the range says", () => {
  const all = drawn(3000);
  const share = (test: (options: Record<string, unknown>) => boolean) => all.filter(test).length / all.length;
  const between = (name: string, low: number, high: number) =>
    share(({ [name]: value }) => typeof value === "number" && value >= low && value <= high);
  expect(between("learningRate", 1e-4, 1e-2)).toBe(1);
  expect(between("dropout", 0, 0.5)).toBe(1);
  for (const found of [between("learningRate", 1e-4, 1e-3), between("dropout", 0, 0.25)])
    expect(Math.abs(found - 1 / 2)).toBeLessThan(0.04);
  for (const value of space.beta1)
    expect(Math.abs(share(({ beta1 }) => beta1 === value) - 1 / 3)).toBeLessThan(0.04);
});

it("an option's values do not depend on which others are in the space", () => {
  const alone = drawn(20, { learningRate: space.learningRate }).map(({ learningRate }) => learningRate);
  expect(drawn(20).map(({ learningRate }) => learningRate)).toEqual(alone);
  expect(new Set(alone).size).toBe(20);
});

it("a value is what its text says", () => {
  for (const { learningRate } of drawn(50))
    expect(String(learningRate).replace(/^0\.0*|[.e-]/g, "").length).toBeLessThan(6);
  expect(Object.values(space).map(rangeText)).toEqual([
    "0.0001 to 0.01, log-uniform",
    "0 to 0.5, uniform",
    "one of 0, 0.5, 0.9",
  ]);
});
