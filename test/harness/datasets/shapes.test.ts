import { describe, expect, it } from "vitest";
import { takeImages } from "../../../src/core/images.ts";
import { shapes } from "../../../src/harness/datasets/shapes.ts";
import { resizeByArea } from "../../../src/harness/images/resize.ts";

const make = (overrides: Partial<Parameters<typeof shapes.load>[1]> = {}) =>
  shapes.load("", { size: 16, channels: 1, seed: 0, train: 200, test: 60, ...overrides });

describe("shapes", () => {
  it("names 10 classes, 20 modes in grey and 60 in RGB", async () => {
    const grey = await make();
    const rgb = await make({ channels: 3 });
    expect(grey.classes).toHaveLength(10);
    expect(grey.modes).toHaveLength(20);
    expect(grey.modes).toContain("star outline");
    expect(rgb.modes).toHaveLength(60);
    expect(rgb.modes).toContain("heart filled red");
    for (const { classes, modes, train } of [grey, rgb])
      for (let i = 0; i < train.images.count; i++)
        expect(modes![train.modes![i]!]!.split(" ")[0]).toBe(classes[train.labels[i]!]);
  });

  it("draws 8,000 and 3,000 images by default: each mode equally often to train on, independently to test on", async () => {
    const { train, test, modes } = await shapes.load("", { size: 8, channels: 1, seed: 3 });
    expect([train.images.count, test.images.count]).toEqual([8000, 3000]);
    const countsOf = (drawn: ArrayLike<number>) => {
      const counts = new Array<number>(modes!.length).fill(0);
      for (const mode of Array.from(drawn)) counts[mode]!++;
      return counts;
    };
    expect(countsOf(train.modes!)).toEqual(new Array(20).fill(400));
    // chi-squared of 19 degrees of freedom: 0.1 % lie below 5.4, 0.1 % above 43.8; even blocks give 0
    const chiSquared = countsOf(test.modes!).reduce((sum, count) => sum + (count - 150) ** 2 / 150, 0);
    expect(chiSquared).toBeGreaterThan(5.4);
    expect(chiSquared).toBeLessThan(43.8);
  });

  it("does not let image i depend on how many are drawn", async () => {
    const few = await make({ train: 37 });
    const many = await make({ train: 90, test: 61 });
    expect(
      takeImages(
        many.train.images,
        Array.from({ length: 37 }, (_, i) => i),
      ),
    ).toEqual(few.train.images);
    expect(many.train.labels.slice(0, 37)).toEqual(few.train.labels);
    expect(many.train.modes!.slice(0, 37)).toEqual(few.train.modes);
  });

  it("draws other figures for another seed and for the other split", async () => {
    const zero = await make();
    const one = await make({ seed: 1 });
    expect(one.hash).not.toBe(zero.hash);
    const size = 16 * 16;
    const seen = new Set<string>();
    for (const { images } of [zero.train, zero.test, one.train, one.test])
      for (let i = 0; i < images.count; i++)
        seen.add(Buffer.from(images.data.subarray(i * size, (i + 1) * size)).toString("base64"));
    expect(seen.size).toBe(2 * (200 + 60));
  });

  it("draws the same figures at every size: reduced by area, a large one is nearly the small one", async () => {
    const small = await make({ size: 16 });
    for (const size of [28, 32, 64]) {
      const reduced = resizeByArea((await make({ size })).train.images, 16).data;
      const { data } = small.train.images;
      const off = data.reduce((total, v, i) => total + Math.abs(v - reduced[i]!), 0) / data.length;
      expect(off).toBeLessThan(size % 16 === 0 ? 2.5 : 4); // of 255
    }
  });

  it("keeps figures bright, whole and off the rim on a black ground", async () => {
    const { images } = (await make({ size: 32 })).train;
    for (let i = 0; i < images.count; i++) {
      const image = images.data.subarray(i * 1024, (i + 1) * 1024);
      expect(Math.max(...image)).toBeGreaterThanOrEqual(0.8 * 255);
      for (let k = 0; k < 32; k++)
        for (const p of [k, 31 * 32 + k, 32 * k, 32 * k + 31]) expect(image[p]).toBe(0);
    }
  });

  it("colours by the mode's hue: the strongest channel of every lit pixel", async () => {
    const { train, modes } = await make({ channels: 3 });
    for (let i = 0; i < train.images.count; i++) {
      const strongest = ["red", "green", "blue"].indexOf(modes![train.modes![i]!]!.split(" ")[2]!);
      const total = [0, 0, 0];
      for (let p = 0; p < 256; p++)
        for (let c = 0; c < 3; c++) total[c]! += train.images.data[(i * 256 + p) * 3 + c]!;
      expect(total.indexOf(Math.max(...total))).toBe(strongest);
    }
  });

  it("can be told apart at 16 pixels: the nearest of 2,000 images has the class and the mode", async () => {
    const { train, test } = await make({ train: 2000, test: 400 });
    const width = 256;
    let classes = 0;
    let modes = 0;
    for (let i = 0; i < test.images.count; i++) {
      const query = test.images.data.subarray(i * width, (i + 1) * width);
      let best = -1;
      let nearest = Number.POSITIVE_INFINITY;
      for (let j = 0; j < train.images.count; j++) {
        let squared = 0;
        for (let k = 0; k < width && squared < nearest; k++)
          squared += (query[k]! - train.images.data[j * width + k]!) ** 2;
        if (squared < nearest) [nearest, best] = [squared, j];
      }
      if (train.labels[best] === test.labels[i]) classes++;
      if (train.modes![best] === test.modes![i]) modes++;
    }
    expect(classes / test.images.count).toBeGreaterThan(0.97);
    expect(modes / test.images.count).toBeGreaterThan(0.95);
  });
});
