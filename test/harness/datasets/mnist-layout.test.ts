import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, it } from "vitest";
import { loadDataset } from "../../../src/harness/datasets/index.ts";
import { encodeIdx, gzipped, mnistFiles, temporaryFolders, writeFiles } from "./fixtures.ts";

const temporary = temporaryFolders();
const request = { size: 12, channels: 1, seed: 0 } as const;
const files = mnistFiles();
let folder: string;
beforeEach(() => {
  folder = join(temporary(), "digits");
});

const load = (overrides = {}) => loadDataset(`idx:${folder}`, { ...request, ...overrides });

describe("idx:DIR", () => {
  it("reads raw and gzipped files alike, and gives the pixels and labels in them", async () => {
    writeFiles(folder, files);
    const raw = await load();
    const packed = await loadDataset(`idx:${writeFiles(join(folder, "packed"), gzipped(files))}`, request);
    expect(packed.hash).toBe(raw.hash);
    expect(raw.name).toBe("idx:digits");
    expect(raw.train.images).toMatchObject({ count: 30, height: 12, width: 12, channels: 1 });
    const labelled = (pixels: Uint8Array, labels: ArrayLike<number>) =>
      Array.from(labels, (label, i) => [label, ...pixels.subarray(i * 144, (i + 1) * 144)].join()).sort();
    expect(labelled(raw.train.images.data, raw.train.labels)).toEqual(
      labelled(files["train-images-idx3-ubyte"]!.subarray(16), files["train-labels-idx1-ubyte"]!.subarray(8)),
    );
    expect([...raw.test.labels].sort()).toEqual(Array.from({ length: 20 }, (_, i) => i >> 1));
    expect(raw.classes).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    expect(raw.modes).toBeUndefined();
  });

  it("names classes by the label values in use, also with gaps between", async () => {
    const shifted = { ...mnistFiles({ classes: 3 }) };
    for (const name of ["train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte"])
      shifted[name] = encodeIdx(
        [shifted[name]!.length - 8],
        shifted[name]!.subarray(8).map((v) => 5 * v + 1),
      );
    writeFiles(folder, shifted);
    const { classes, train } = await load();
    expect(classes).toEqual(["1", "6", "11"]);
    expect([...train.labels].sort()).toEqual(Array.from({ length: 30 }, (_, i) => Math.floor(i / 10)));
  });

  it("resizes by area and repeats grey in RGB", async () => {
    writeFiles(folder, { ...files, ...mnistFiles({ edge: 24 }) });
    const { train } = await load({ channels: 3 });
    const source = files24().subarray(16);
    const corners = Array.from({ length: 30 }, (_, i) => {
      const at = (k: number) => source[i * 576 + k]!;
      return Math.round((at(0) + at(1) + at(24) + at(25)) / 4);
    });
    const pixels = Array.from({ length: 30 }, (_, i) => [
      ...train.images.data.subarray(i * 432, i * 432 + 3),
    ]);
    expect(pixels.map(([red]) => red).sort()).toEqual(corners.sort());
    for (const [red, green, blue] of pixels) expect([green, blue]).toEqual([red, red]);
  });
  const files24 = () => mnistFiles({ edge: 24 })["train-images-idx3-ubyte"]!;

  it("takes nested subsets in random order, another one for another seed", async () => {
    writeFiles(folder, files);
    const key = (images: { data: Uint8Array; count: number }) =>
      Array.from({ length: images.count }, (_, i) =>
        Buffer.from(images.data.subarray(i * 144, (i + 1) * 144)).toString("base64"),
      );
    const all = key((await load()).train.images);
    const small = key((await load({ train: 8 })).train.images);
    const large = key((await load({ train: 20 })).train.images);
    const other = key((await load({ train: 8, seed: 1 })).train.images);
    expect(all.slice(0, 8)).toEqual(small);
    expect(all.slice(0, 20)).toEqual(large);
    expect(other).not.toEqual(small);
    const reordered = key((await load({ train: 30, seed: 1 })).train.images);
    expect(reordered).not.toEqual(all);
    expect(reordered.sort()).toEqual(all.sort());
  });

  it("keeps labels with their images in a subset", async () => {
    writeFiles(folder, files);
    const { train } = await load({ train: 9 });
    const all = await load();
    for (let i = 0; i < 9; i++) {
      const image = Buffer.from(train.images.data.subarray(i * 144, (i + 1) * 144));
      const at = Buffer.from(all.train.images.data).indexOf(image) / 144;
      expect(train.labels[i]).toBe(all.train.labels[at]);
    }
  });

  const without = (name: string) => Object.fromEntries(Object.entries(files).filter(([key]) => key !== name));
  const images = (n: number, h: number, w: number) => encodeIdx([n, h, w], new Uint8Array(n * h * w));

  it.each([
    [
      "a missing file",
      without("t10k-images-idx3-ubyte"),
      /neither t10k-images-idx3-ubyte nor .*\.gz is there/,
    ],
    [
      "an empty file",
      { ...files, "train-labels-idx1-ubyte": new Uint8Array() },
      /train-labels-idx1-ubyte: 0 bytes/,
    ],
    [
      "more images than labels",
      { ...files, "train-images-idx3-ubyte": images(31, 12, 12) },
      /train-images-idx3-ubyte holds 31 images but .*train-labels-idx1-ubyte holds 30 labels/,
    ],
    [
      "images and labels swapped",
      { ...files, "train-images-idx3-ubyte": files["train-labels-idx1-ubyte"]! },
      /train-images-idx3-ubyte: has 1 dimensions/,
    ],
    [
      "oblong images",
      { ...files, "t10k-images-idx3-ubyte": images(20, 12, 10) },
      /12x10; expected square ones/,
    ],
    [
      "splits of two sizes",
      { ...files, "t10k-images-idx3-ubyte": images(20, 14, 14) },
      /training images are 12 pixels wide, test images 14/,
    ],
    [
      "a test label that training lacks",
      { ...files, "t10k-labels-idx1-ubyte": encodeIdx([20], new Uint8Array(20).fill(10)) },
      /t10k-labels-idx1-ubyte: label 0 is 10; expected one of 0, 1/,
    ],
  ])("refuses %s", async (_what, broken, message) => {
    writeFiles(folder, broken as Record<string, Uint8Array>);
    await expect(load()).rejects.toMatchObject({ code: "BAD_DATA", message: expect.stringMatching(message) });
  });

  it("refuses a missing folder, a file in its place and a folder in a file's place", async () => {
    await expect(load()).rejects.toMatchObject({
      code: "BAD_DATA",
      message: expect.stringMatching(/digits: no such folder\. A folder in MNIST layout holds train-images/),
    });
    writeFiles(folder, files);
    await expect(loadDataset(`idx:${folder}/train-images-idx3-ubyte`, request)).rejects.toMatchObject({
      code: "BAD_DATA",
      message: expect.stringMatching(/a file, not a folder/),
    });
    const other = writeFiles(`${folder}2`, without("train-images-idx3-ubyte"));
    mkdirSync(join(other, "train-images-idx3-ubyte"));
    await expect(loadDataset(`idx:${other}`, request)).rejects.toMatchObject({
      code: "BAD_DATA",
      message: expect.stringMatching(/train-images-idx3-ubyte: cannot be read/),
    });
  });

  it("refuses more images than there are, with both numbers", async () => {
    writeFiles(folder, files);
    await expect(load({ test: 21 })).rejects.toMatchObject({
      code: "BAD_DATA",
      message:
        "idx:digits has 20 test images, but 21 were asked for. Ask for at most 20 or take a larger dataset.",
    });
  });
});

const digits = fileURLToPath(new URL("../../../../shared/data/mnist-10k", import.meta.url));
const haveDigits = existsSync(digits);
if (!haveDigits) console.warn(`NOT RUN: the test on real digits, for there is no ${digits}`);

describe.runIf(haveDigits)("10,000 real MNIST digits", () => {
  it("have MNIST's published mean and deviation, 0.1307 and 0.3081, and all ten classes", async () => {
    const { train, test, classes } = await loadDataset(`idx:${digits}`, { ...request, size: 28 });
    expect([train.images.count, test.images.count, classes.length]).toEqual([8000, 2000, 10]);
    const { data } = train.images;
    const mean = data.reduce((sum, v) => sum + v, 0) / data.length;
    const variance = data.reduce((sum, v) => sum + (v - mean) ** 2, 0) / data.length;
    expect(mean / 255).toBeCloseTo(0.1307, 2);
    expect(Math.sqrt(variance) / 255).toBeCloseTo(0.3081, 2);
  });
});
