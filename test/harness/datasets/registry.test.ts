import { describe, expect, it } from "vitest";
import { datasetFacts, loadDataset, parseDatasetSpec } from "../../../src/harness/datasets/index.ts";

const request = { size: 16, channels: 1, seed: 0, train: 40, test: 20 } as const;

describe("parseDatasetSpec", () => {
  it("splits at the first colon only", () => {
    expect(parseDatasetSpec("shapes")).toEqual({ name: "shapes" });
    expect(parseDatasetSpec("idx:C:/data/x")).toEqual({ name: "idx", argument: "C:/data/x" });
  });

  it.each([
    ["shpes", /unknown dataset "shpes"; known: shapes, idx:DIR, mnist, .*\. Did you mean shapes\?$/],
    ["fashion_mnist", /Did you mean fashion-mnist\?$/],
    ["MNIST", /Did you mean mnist\?$/],
    ["imagenet", /unknown dataset "imagenet"; known: [^?]*$/],
    ["toString", /unknown dataset "toString"/],
    ["", /unknown dataset ""/],
    ["idx", /dataset idx needs DIR: idx:DIR/],
    ["idx:", /dataset idx needs DIR/],
    ["shapes:16", /dataset shapes takes nothing after a colon/],
  ])("refuses %j", (spec, message) => {
    expect(() => parseDatasetSpec(spec)).toThrow(
      expect.objectContaining({ code: "USAGE", message: expect.stringMatching(message) }),
    );
  });
});

describe("loadDataset", () => {
  it.each([
    [{ size: 18 }, /image size 18: expected a multiple of 4 from 8 to 256/],
    [{ size: 4 }, /image size 4/],
    [{ size: 260 }, /image size 260/],
    [{ size: Number.NaN }, /image size NaN/],
    [{ channels: 2 as 1 }, /2 channels: expected 1 \(grey\) or 3 \(RGB\)/],
    [{ train: 0 }, /0 train images/],
    [{ test: 1.5 }, /1.5 test images/],
    [{ seed: Number.NaN }, /dataset seed NaN/],
  ])("refuses %j", async (overrides, message) => {
    await expect(loadDataset("shapes", { ...request, ...overrides })).rejects.toMatchObject({
      code: "BAD_CONFIG",
      message: expect.stringMatching(message),
    });
  });

  it("draws the same shapes on every machine", async () => {
    // Golden: this implementation when the figures were settled, alike on Node 20, 22 and 24 (linux-x64).
    expect((await loadDataset("shapes", request)).hash).toBe(
      "561aec28d7cebd9a319a2462a2bdc51755d848e7c122acc4df25580dbe03943a",
    );
    expect((await loadDataset("shapes", { ...request, channels: 3 })).hash).toBe(
      "bec61df273d41da84f5533dec77128327c7acb726b70922f943c23bf70610712",
    );
  });
});

describe("datasetFacts", () => {
  it("counts modes where they are known", async () => {
    const facts = datasetFacts(await loadDataset("shapes", request));
    expect(facts.modes).toHaveLength(20);
    expect(facts).toMatchObject({ name: "shapes", size: 16, channels: 1, train: 40, test: 20 });
  });
});
