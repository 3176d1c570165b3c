import { beforeAll, describe, expect, it } from "vitest";
import type { DatasetFacts } from "../../../src/harness/record/index.ts";
import { modelFacts } from "../../../src/harness/stages/shared/models.ts";
import {
  adaptSuite,
  openSuite,
  parseOverride,
  pictureNotes,
  resolveSuite,
} from "../../../src/harness/suite/index.ts";

const pictures = {
  ...{ skipped: 0, ignored: 0, transparent: 0, oblong: 0, deep: 0, colour: true },
  counts: [
    [70, 30],
    [64, 36],
  ] as [number, number][],
  edges: [16, 16] as [number, number],
};
const data: DatasetFacts = {
  ...{ name: "folder:cats", hash: "0".repeat(64), size: 16, channels: 3, train: 134, test: 66, pictures },
  classes: ["a", "b"],
  modes: ["a", "b"],
};
const unlabelled = { ...data, classes: ["image"], modes: ["image"] };

let suites: Record<string, object>;
beforeAll(async () => {
  const open = async (name: string) => (await openSuite(name, "bin/bench.js", process.cwd())).value as object;
  suites = { quick: await open("quick"), standard: await open("standard") };
});

/** What `facts` make of a suite and the flags. */
function adaptedTo(facts: DatasetFacts | undefined, suite: object, ...flags: string[]) {
  const { config, stated } = resolveSuite(suite, flags.map(parseOverride), "x");
  const { adapted, ...rest } = adaptSuite(config, stated, facts);
  return { ...rest, adapted, options: Object.fromEntries(adapted.map(({ option, is }) => [option, is])) };
}

describe("a suite that adapts", () => {
  it("has the channels of the data, and n of at most a third of the test images, and says why", () => {
    const { config, adapted } = adaptedTo(data, suites.quick!);
    expect(config.dataset.channels).toBe(3);
    expect(config.stages.diversity!.n).toBe(22);
    expect(config).not.toHaveProperty("adapt");
    expect(adapted).toContainEqual({
      option: "stages.diversity.n",
      was: 640,
      is: 22,
      why: expect.stringMatching(/a third of the 66 test images of folder:cats; .*rough/),
    });
    expect(adapted.map(({ option }) => option)).toEqual([
      "dataset.channels",
      "stages.stability.n",
      "stages.diversity.n",
    ]);
  });

  it("is left as it is by data that have enough", () => {
    const shapes = { ...data, channels: 1, train: 8000, test: 3000, pictures: undefined };
    const { config, adapted } = adaptedTo(shapes, suites.quick!);
    expect(adapted).toEqual([]);
    expect([config.dataset.channels, config.stages.diversity!.n]).toEqual([1, 640]);
  });

  it("never changes what a flag states", () => {
    const { config, options } = adaptedTo(
      data,
      suites.quick!,
      "stages.diversity.n=500",
      "dataset.channels=1",
    );
    expect([config.stages.diversity!.n, config.dataset.channels]).toEqual([500, 1]);
    expect(Object.keys(options)).toEqual(["stages.stability.n"]);
  });

  it("moves attention with the levels of its U-Net, unless a flag says where", () => {
    const at = (...flags: string[]) =>
      adaptedTo(undefined, suites.quick!, ...flags).config.models.ddpm!.options.attention;
    expect(at()).toEqual([4]);
    expect(at("dataset.size=32")).toEqual([8]);
    expect(at("dataset.size=64")).toEqual([16]);
    expect(at("dataset.size=32", "models.ddpm.options.attention=[32]")).toEqual([32]);
  });

  it("has no classifier, no told labels and no control for data without classes", () => {
    const { config, options } = adaptedTo(unlabelled, suites.standard!);
    expect(config.judge).toEqual(["pixels"]);
    expect(config.stages).not.toHaveProperty("control");
    expect(Object.keys(config.models)).toEqual(["ddpm", "progressive", "dcgan", "strong"]);
    expect(options).toMatchObject({ "models.ddpm-labels": undefined, "models.dcgan-labels": undefined });
    expect(modelFacts(config, 1)).toHaveLength(4);
    const kept = adaptedTo(unlabelled, suites.standard!, "judge=[classifier]", "models.ddpm-labels.batch=8");
    expect(kept.config.judge).toEqual(["classifier"]);
    expect(kept.config.models).toHaveProperty("ddpm-labels");
  });

  it("trains on no more images than there are", () => {
    const { config } = adaptedTo(data, suites.standard!);
    expect(config.stages.data!.sizes.at(-1)).toBe(134);
    expect(config.stages.data!.sizes.length).toBeGreaterThan(1);
    expect((config.stages.control!.cas as { n: number }).n).toBe(134);
  });

  it("is refused by data of which less than ten images could be compared", () => {
    expect(() => adaptedTo({ ...data, train: 59, test: 29 }, suites.quick!)).toThrow(
      /29 test images .* a third of them, 9, .* at least 10 are needed\. Give at least 30 test images \(90 pictures in all/,
    );
    const stated = adaptedTo(
      { ...data, test: 29 },
      suites.quick!,
      "stages.diversity.n=5",
      "stages.stability.n=5",
    );
    expect(stated.config.stages.diversity!.n).toBe(5);
  });
});

describe("a person's own suite", () => {
  const own = {
    name: "own",
    dataset: { source: "folder:cats", size: 16 },
    models: { dcgan: { type: "dcgan", images: 64 } },
    stages: { diversity: {}, stability: { n: 40, checkpoints: 1 } },
  };

  it("keeps what it states, and follows the data in what it leaves out", () => {
    const { config } = adaptedTo(data, own);
    expect(config.stages).toMatchObject({ diversity: { n: 22 }, stability: { n: 40 } });
    expect(config.dataset.channels).toBe(3);
    expect(config.judge).toEqual(["classifier"]);
    expect(adaptedTo(unlabelled, own).config.judge).toEqual(["pixels"]);
    const grey = { ...own, dataset: { ...own.dataset, channels: 1 } };
    expect(adaptedTo({ ...data, channels: 1 }, grey).config.dataset.channels).toBe(1);
  });

  it("resolves to itself once adapted", () => {
    const { config } = adaptedTo(data, own);
    const again = adaptedTo(data, config);
    expect(again.config).toEqual(config);
    expect(again.adapted).toEqual([]);
  });
});

it("what was done to pictures is said in sentences, colour that is lost and small classes too", () => {
  const facts = {
    ...data,
    channels: 1,
    pictures: {
      ...pictures,
      skipped: 2,
      oblong: 1,
      transparent: 3,
      edges: [9, 40] as [number, number],
      counts: [
        [90, 40],
        [60, 3],
      ] as [number, number][],
    },
  };
  expect(pictureNotes(facts, { size: 16 })).toEqual([
    "2 files that cannot be read are left out",
    "1 of 193 pictures is oblong: the middle is taken (fit: contain keeps all)",
    "3 of 193 pictures are transparent in places: laid on white (background)",
    "the pictures have colour, and channels is 1: they are read as grey",
    "edges of 9 to 40 pixels are resized to 16 (size)",
    "few training and test images: b (60 and 3); what is said of such a class is rough",
  ]);
  expect(pictureNotes({ ...data, pictures: undefined }, {})).toEqual([]);
});
