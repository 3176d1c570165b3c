import { beforeAll, describe, expect, it } from "vitest";
import { datasetFacts, loadDataset } from "../../../src/harness/datasets/index.ts";
import type { DatasetFacts } from "../../../src/harness/record/index.ts";
import { LIKE_SIZE } from "../../../src/harness/report/analysis/decision.ts";
import { modelFacts, stages } from "../../../src/harness/stages/index.ts";
import { scoringSetting } from "../../../src/harness/stages/shared/models.ts";
import {
  openSuite,
  parseOverride,
  resolveSuite,
  suiteNames,
  suitesFolder,
} from "../../../src/harness/suite/index.ts";

const entry = "bin/bench.js";
let quick: unknown;
let shapes: DatasetFacts;
beforeAll(async () => {
  quick = (await openSuite("quick", entry, process.cwd())).value;
  const request = { size: 8, channels: 1 as const, seed: 0, train: 100, test: 150 };
  shapes = datasetFacts(await loadDataset("shapes", request));
});

const resolved = (...changes: string[]) =>
  resolveSuite(quick, changes.map(parseOverride), "suite quick").config;

describe("the models of a suite", () => {
  it.each([
    ["models.ddpm.sampling=[{ sampler: dimm, steps: [5] }]", /models\.ddpm\.sampling: .*"dimm".*ddim/],
    ["models.ddpm.sampling=[{ sampler: ddim, steps: [1001] }]", /models\.ddpm\.sampling: .*1000.*1001/],
    ["models.ddpm.sampling=[{ sampler: ddim, steps: [5], options: { eat: 1 } }]", /"eat".*eta/],
    ["models.ddpm.scoring={ sampler: ddim, steps: 1001 }", /1001/],
    ["stages.latency.sampling=[{ sampler: ddim, steps: [2000] }]", /2000/],
    ["models.ddpm.options.base=12", /models\.ddpm\.options: .*multiple of 8/],
  ])("%s is refused before anything runs", (change, message) => {
    expect(() => modelFacts(resolved(change), 20)).toThrow(
      expect.objectContaining({ code: "BAD_CONFIG", message: expect.stringMatching(message) }),
    );
  });

  it("are students sampled in their one way, whatever latency times besides", () => {
    const student = (steps: number[]) => {
      const { models, stages, ...rest } = quick as { models: Record<string, object>; stages: object };
      const ddpm = { ...models.ddpm, options: { target: "v" } };
      const halved = {
        type: "progressive",
        teacher: "ddpm",
        images: 3200,
        sampling: [{ sampler: "ddim", steps }],
      };
      const latency = { sampling: [{ sampler: "ddpm", steps: [250] }] };
      const suite = { ...rest, models: { ddpm, halved }, stages: { ...stages, latency } };
      return modelFacts(resolveSuite(suite, [], "x").config, 20);
    };
    expect(student([1, 4]).map(({ teacher }) => teacher)).toEqual([undefined, "ddpm"]);
    expect(() => student([3])).toThrow(/models\.halved\.sampling: .*8, 4, 2, 1 steps, not 3/);
  });

  it.each(suiteNames(suitesFolder(entry)))("are of like size, those of the suite %s", async (name) => {
    const { value } = await openSuite(name, entry, process.cwd());
    const sizes = modelFacts(resolveSuite(value, [], name).config, 20).map(({ parameters }) => parameters!);
    expect(Math.max(...sizes) / Math.min(...sizes)).toBeLessThanOrEqual(LIKE_SIZE);
  });

  it("are scored at the last setting of their first sweeps, or where the suite says", () => {
    const { models } = resolved("models.ddpm.sampling=[{ sampler: ddim, steps: [1, 7] }]");
    const unsaid = { ...models.ddpm!, scoring: undefined };
    expect(scoringSetting(unsaid)).toMatchObject({ sampler: "ddim", steps: 7 });
    expect(scoringSetting(models.dcgan!)).toEqual({ sampler: "none", steps: 1 });
    const chosen = resolved("models.ddpm.scoring={ sampler: ddpm, steps: 3 }");
    expect(scoringSetting(chosen.models.ddpm!)).toMatchObject({ sampler: "ddpm", steps: 3 });
  });
});

describe("what a stage asks of the data", () => {
  const check = (...changes: string[]) => {
    const config = resolved(...changes);
    for (const stage of stages) stage.check?.(config, shapes);
  };

  it.each([
    [["stages.diversity.n=51"], /stages\.diversity\.n is 51, which takes 153 test images.*at most 50/],
    [
      ["stages.diversity.n=50", "stages.stability={ checkpoints: 2, n: 60 }"],
      /stages\.stability\.n is 60, which takes 180/,
    ],
    [
      ["stages.diversity.n=50", "stages.stability=null", "stages.data={ sizes: [50, 101], n: 50 }"],
      /stages\.data\.sizes asks for 101 training images, and shapes has 100/,
    ],
  ])("%j is refused", (changes, message) => {
    expect(() => check(...changes)).toThrow(
      expect.objectContaining({ code: "BAD_CONFIG", message: expect.stringMatching(message) }),
    );
  });

  it("passes where there is enough", () => {
    expect(() =>
      check("stages.diversity.n=50", "stages.stability=null", "stages.data={ sizes: [50, 100], n: 50 }"),
    ).not.toThrow();
    expect(() => check("stages.diversity.n=50", "stages.stability={ n: 60 }")).not.toThrow(); // curves alone
  });
});
