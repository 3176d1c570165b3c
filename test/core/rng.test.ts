import { describe, expect, it } from "vitest";
import { rng } from "../../src/core/rng.ts";
import { mean, variance } from "../../src/core/statistics/index.ts";

describe("a random stream", () => {
  it("draws what it has always drawn: every published number depends on it", () => {
    const stream = rng(7).fold("a").fold(3);
    expect(Array.from({ length: 6 }, () => stream.uint32())).toEqual([
      2163257757, 1518652251, 2632486363, 2853920625, 2458462383, 1466822190,
    ]);
    expect(stream.normal()).toBe(-2.5732717145503785);
    expect([...stream.fillNormal(new Float64Array(3))]).toEqual([
      0.46266781970193727, 0.09435280500605242, 0.6224155897352758,
    ]);
    expect([...stream.permutation(5)].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it("is a value: folding and drawing leave the parent and its other folds alone", () => {
    const parent = rng(1);
    const before = rng(1).uint32();
    parent.fold("x").fillNormal(new Float32Array(700));
    expect(parent.fold("y").uint32()).toBe(rng(1).fold("y").uint32());
    expect(parent.uint32()).toBe(before);
  });

  it("tells names apart", () => {
    const names = [1, "1", -1, 0, "", "a", "ab", 2 ** 40, 2 ** 40 + 1];
    const first = names.map((name) => rng(1).fold(name).uint32());
    expect(new Set(first).size).toBe(names.length);
    expect(rng(1).fold("a").fold("b").uint32()).not.toBe(rng(1).fold("ab").uint32());
  });

  it("refuses seeds, names and bounds that are not whole numbers", () => {
    for (const wrong of [0.5, Number.NaN, 2 ** 53]) {
      expect(() => rng(wrong)).toThrow(/whole number/);
      expect(() => rng(1).fold(wrong)).toThrow(/whole number/);
    }
    for (const wrong of [0, -1, 1.5, 2 ** 33]) expect(() => rng(1).integer(wrong)).toThrow(/whole number/);
  });
});

describe("numbers of a stream", () => {
  it.each([
    [0, 1, 2, 3],
    [1, 127, 128, 129, 255],
    [256, 257, 1, 600],
  ])("fills of lengths %j are the normals one by one", (...lengths) => {
    const [filled, single] = [rng(5), rng(5)];
    for (const length of lengths) {
      const expected = Float64Array.from({ length }, () => single.normal());
      const padded = filled.fillNormal(new Float64Array(length + 2), 1, length + 1);
      expect(padded.subarray(1, length + 1)).toEqual(expected);
      expect([padded[0], padded[length + 1]]).toEqual([0, 0]);
      expect(filled.uniform()).toBe(single.uniform());
    }
  });

  it("are uniform, standard normal and whole, without bias", () => {
    const stream = rng(11);
    const n = 40_000;
    const uniforms = Array.from({ length: n }, () => stream.uniform());
    expect(Math.min(...uniforms)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniforms)).toBeLessThan(1);
    expect(Math.abs(mean(uniforms) - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
    const normals = Array.from(stream.fillNormal(new Float64Array(n)));
    expect(Math.abs(mean(normals))).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(variance(normals)! - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    const beyond = normals.filter((x) => Math.abs(x) > 1.959963984540054).length / n;
    expect(Math.abs(beyond - 0.05)).toBeLessThan(4 * Math.sqrt((0.05 * 0.95) / n));
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < n; i++) counts[stream.integer(7)]!++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - n / 7) ** 2 / (n / 7), 0);
    expect(chiSquare).toBeLessThan(27.9); // 99.99 % of 6 degrees of freedom
  });
});
