/** Who judges: several feature spaces, and data that no classifier can learn. */
import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { judgeFacts, judging } from "../../../src/harness/stages/shared/judges.ts";
import { parseOverride, resolveSuite } from "../../../src/harness/suite/index.ts";
import { mnistFiles, temporaryFolders, writeFiles } from "../datasets/fixtures.ts";
import { type Ran, runSuite } from "./in-process.ts";

const temporary = temporaryFolders();

const suite = (source: string, judge?: unknown) => ({
  name: "judges",
  dataset: { source, size: 12 },
  models: {
    dcgan: {
      type: "dcgan",
      batch: 8,
      images: 16,
      options: { generatorWidth: 8, discriminatorWidth: 8, latent: 8 },
    },
  },
  judge,
  classifier: { batch: 8, images: 16 },
  stages: { diversity: { n: 20, k: 3 }, stability: { checkpoints: 1, n: 10 } },
});

const config = (judge?: unknown) => resolveSuite(suite("shapes", judge), [], "x").config;

describe("judges", () => {
  it("need the classifiers among them, each once", () => {
    expect(judging(config()).needs).toEqual(["classifier"]);
    expect(judging(config(["pixels"])).needs).toEqual([]);
    expect(judging(config(["pixels", "classifier:perceptron"])).needs).toEqual(["classifier/second"]);
  });

  it("that nobody trains here are facts of the run", async () => {
    expect(await judgeFacts(config())).toEqual([]);
    expect(await judgeFacts(config(["classifier", "pixels"]))).toEqual([
      { name: "pixels", protocol: expect.objectContaining({ features: "pixels", range: "-1..1" }) },
    ]);
    await expect(judgeFacts(config(["onnx:missing.onnx"]))).rejects.toMatchObject({ code: "BAD_DATA" });
  });

  it.each([
    ["judge=[]", /judge/],
    ["judge=[inception]", /judge/],
    ["judge=[pixels, { features: pixels }]", /judge/],
  ])("%s is refused", (change, message) => {
    expect(() => resolveSuite(suite("shapes"), [parseOverride(change)], "x")).toThrow(
      expect.objectContaining({ code: "BAD_CONFIG", message: expect.stringMatching(message) }),
    );
  });
});

describe("data of one class", () => {
  const files = mnistFiles({ train: 60, test: 60, classes: 1 });
  let source: string;
  let ran: Ran;
  beforeAll(async () => {
    source = `idx:${writeFiles(temporary(), files)}`;
    ran = await runSuite(suite(source, ["pixels"]));
  });
  afterAll(() => rmSync(ran.out, { recursive: true }));

  it("cannot be judged by a classifier, which is said with the way out", async () => {
    await expect(runSuite(suite(source))).rejects.toMatchObject({
      code: "BAD_CONFIG",
      message: expect.stringMatching(
        /one class.*stability and diversity.*judge to \[pixels\] or \[onnx:FILE\]/,
      ),
    });
  });

  it("are judged by their pixels, and metrics of modes say why they have no value", () => {
    expect(ran.cells.map(({ id }) => id)).not.toContain("classifier");
    const [scored] = ran.record("diversity", "diversity/dcgan/seed-0").settings;
    // the training images are judged for fld and its gap
    expect(scored!.metrics.map(({ metric }) => metric)).toEqual(
      expect.arrayContaining(["fid", "c2st", "clipped_coverage_k3", "fld", "fld_gap"]),
    );
    expect(scored!.modeCounts).toEqual([]);
    expect(scored!.confirmed).toBeUndefined();
    const undefinedOnes = scored!.undefinedMetrics.map(({ metric }) => metric);
    expect(undefinedOnes).toEqual(expect.arrayContaining(["mode_count", "reverse_kl"]));
    const { quality, collapse } = ran.record("stability", "stability/dcgan/seed-0");
    expect(quality?.snapshots).toHaveLength(1);
    expect(collapse).toBeUndefined();
  });
});
