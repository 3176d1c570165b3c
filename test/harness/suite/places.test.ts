import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BenchError } from "../../../src/core/errors.ts";
import { located, openSuite, parseOverride, resolveSuite } from "../../../src/harness/suite/index.ts";
import { temporaryFolders } from "../datasets/fixtures.ts";

const folder = temporaryFolders();

const suite = `name: mine
shared: &options { generatorWidth: wide }
models:
  dcgan:
    type: dcgan
    images: 8
    options: *options
  second:
    type: dcgna
    images: 8
stages:
  latency:
    batches: [1, 4, none]
`;

async function open(text: string) {
  const cwd = folder();
  writeFileSync(join(cwd, "mine.yaml"), text);
  return openSuite("./mine.yaml", "bin/bench.js", cwd);
}

const refusal = async (text: string, ...changes: string[]): Promise<string> => {
  const { value, origin } = await open(text);
  try {
    resolveSuite(value, changes.map(parseOverride), origin);
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
};

describe("what is wrong in a suite file", () => {
  it("stands with line and column, each by itself", async () => {
    expect((await refusal(suite)).split("\n  ")).toEqual([
      "4 mistakes:",
      "mine.yaml:13:21: stages.latency.batches.2: expected number, received string",
      `mine.yaml:2:1: unknown option "shared"; known: name, description, dataset, adapt, seed, seeds, models, price, judge, classifier, tune, stages`,
      "mine.yaml:2:20: models.dcgan.options.generatorWidth: expected number, received string",
      expect.stringContaining('mine.yaml:9:5: unknown type "dcgna" in models.second'),
    ]);
  });

  it("is found behind an alias, in options, and in a list", async () => {
    const usable = suite.replace(/shared:.*\n/, "").replace("*options", "{ generatorWidth: wide }");
    expect(await refusal(usable.replace("none", "16"))).toContain(
      "\n  mine.yaml:6:16: models.dcgan.options.generatorWidth: expected number, received string\n",
    );
    expect(await refusal(usable.replace("none", "16").replace("wide", "8"))).toContain(
      'mine.yaml:8:5: unknown type "dcgna" in models.second; known: ',
    );
  });

  it("that is missing stands where it should be", async () => {
    const text = "name: mine\nmodels:\n  a:\n    type: dcgan\nstages: {}\n";
    expect(await refusal(text)).toBe("mine.yaml:3:3: models.a.images is missing");
  });

  it("is the flag's where a flag has the last word", async () => {
    const text = "name: mine\nseeds: 2\nmodels: {}\nstages: {}\n";
    expect(await refusal(text, "seeds=none")).toBe(
      "suite ./mine.yaml: seeds: expected number, received string",
    );
    expect(await refusal("name: mine\nseeds: none\nmodels: {}\nstages: {}\n", "seed=3")).toMatch(
      /^mine\.yaml:2:1: seeds: /,
    );
  });

  it("is in no file of the user's where the suite comes with the harness", async () => {
    const { value, origin } = await openSuite("quick", "bin/bench.js", "/");
    expect(() => resolveSuite({ ...(value as object), seeds: 0 }, [], origin)).toThrow(
      /^suite quick: seeds: /,
    );
  });

  it("may be an unknown dataset", async () => {
    const text = "name: mine\ndataset:\n  size: 8\n  source: shape\nmodels: {}\nstages: {}\n";
    expect(await refusal(text)).toMatch(/^mine\.yaml:4:3: unknown dataset "shape"/);
  });

  it("may be known to the data or a model alone: their messages name the option", async () => {
    const { origin } = await open(suite);
    const said = (message: string) =>
      (located(new BenchError("BAD_CONFIG", message), origin) as Error).message;
    expect(said("stages.latency.batches asks for too many")).toMatch(/^mine\.yaml:13:5: stages/);
    expect(said("models.dcgan.options: ddpm.base is odd")).toMatch(/^mine\.yaml:7:5: models/);
    expect(said("stages.data.sizes asks for 7")).toMatch(/^mine\.yaml:11:1: stages/);
    expect(said("the sun was in my eyes")).toBe("the sun was in my eyes");
  });
});
