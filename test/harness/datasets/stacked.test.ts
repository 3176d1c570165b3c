import { describe, expect, it } from "vitest";
import { imageSize } from "../../../src/core/images.ts";
import { loadDataset, parseDatasetSpec } from "../../../src/harness/datasets/index.ts";
import { STACKED_SAMPLES, stackedNote } from "../../../src/harness/record/stacked.ts";
import { mnistFiles, temporaryFolders, writeFiles } from "./fixtures.ts";

const temporary = temporaryFolders();
const request = { size: 12, channels: 3, seed: 0, train: 70, test: 25 } as const;

/** Ten classes, 30 training and 20 test images. */
const base = (classes = 10) => `idx:${writeFiles(temporary(), mnistFiles({ train: 30, test: 20, classes }))}`;

describe("stacked data", () => {
  it("have a base image in every channel, whose classes are the digits of the mode", async () => {
    const spec = base();
    const digits = await loadDataset(spec, { size: 12, channels: 1, seed: 0 });
    const stacked = await loadDataset(`stacked:${spec}`, request);
    expect(stacked.modes).toHaveLength(1000);
    expect(stacked.modes![307]).toBe("3 0 7");
    for (const split of ["train", "test"] as const) {
      const { images, modes, labels } = stacked[split];
      const known = digits[split].images;
      const size = imageSize(known);
      const find = (i: number, channel: number) => {
        const pixels = Array.from({ length: size }, (_, p) => images.data[(i * size + p) * 3 + channel]!);
        return Array.from({ length: known.count }, (_, j) => j).find((j) =>
          pixels.every((value, p) => value === known.data[j * size + p]),
        );
      };
      for (let i = 0; i < images.count; i++) {
        const classes = [0, 1, 2].map((channel) => digits[split].labels[find(i, channel)!]!);
        expect(modes![i]).toBe(100 * classes[0]! + 10 * classes[1]! + classes[2]!);
        expect(labels[i]).toBe(classes[0]);
      }
    }
  });

  it("use every base image about equally often, channels apart from each other", async () => {
    const { train } = await loadDataset(`stacked:${base()}`, { ...request, train: 30_000 });
    const counts = new Array<number>(1000).fill(0);
    for (const mode of train.modes!) counts[mode]!++;
    expect(Math.min(...counts)).toBeGreaterThan(0); // 30 a mode on average
    const perDigit = [2, 1, 0].map((place) => {
      const digits = new Array<number>(10).fill(0);
      for (const mode of train.modes!) digits[Math.floor(mode / 10 ** place) % 10]!++;
      return digits;
    });
    for (const digits of perDigit) expect(digits).toEqual(new Array<number>(10).fill(3000));
  });

  it("do not change as more are asked for", async () => {
    const spec = `stacked:${base()}`;
    const [few, many] = [
      await loadDataset(spec, request),
      await loadDataset(spec, { ...request, train: 200 }),
    ];
    expect(many.train.images.data.subarray(0, few.train.images.data.length)).toEqual(few.train.images.data);
  });

  it("of shapes take the ten figures, not their styles", async () => {
    const stacked = await loadDataset("stacked:shapes", { ...request, size: 8 });
    expect(stacked.modes).toHaveLength(1000);
    expect(stacked.name).toBe("stacked:shapes");
    expect(stacked.channelwise!.classes).toHaveLength(10);
    expect(stacked.channelwise).not.toHaveProperty("modes");
    expect(stacked.channelwise!.train).not.toHaveProperty("modes");
  });

  it.each([
    ["grey ones", () => base(), { channels: 1 as const }, "BAD_CONFIG", /set dataset\.channels to 3, not 1/],
    [
      "of another number of classes",
      () => base(7),
      {},
      "BAD_DATA",
      /has 7 classes, and stacking takes a set of 10/,
    ],
  ])("%s are refused", async (_, make, change, code, message) => {
    await expect(loadDataset(`stacked:${make()}`, { ...request, ...change })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it("are named with a base that there is", () => {
    expect(parseDatasetSpec("stacked:idx:some/where")).toEqual({
      name: "stacked",
      argument: "idx:some/where",
    });
    for (const [spec, message] of [
      ["stacked", /needs BASE: stacked:BASE/],
      ["stacked:mnst", /unknown dataset "mnst".*mnist/],
      ["stacked:idx", /dataset idx needs DIR/],
      ["stacked:stacked:mnist", /the base set is stacked itself/],
    ] as const)
      expect(() => parseDatasetSpec(spec)).toThrow(
        expect.objectContaining({ code: "USAGE", message: expect.stringMatching(message) }),
      );
  });
});

describe("the note on the protocol", () => {
  it("stands beside stacked modes from fewer samples than published counts are of", () => {
    expect(stackedNote("stacked:mnist", 2000)).toMatch(/2000 samples; published counts are on 26000/);
    expect(stackedNote("stacked:mnist", STACKED_SAMPLES)).toBeUndefined();
    expect(stackedNote("mnist", 2000)).toBeUndefined();
  });
});
