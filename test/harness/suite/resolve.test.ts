import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createModel, modelFacts } from "../../../src/harness/stages/shared/models.ts";
import {
  locateSuite,
  openSuite,
  parseOverride,
  resolveSuite,
  suiteNames,
  suitesFolder,
} from "../../../src/harness/suite/index.ts";
import { temporaryFolders } from "../datasets/fixtures.ts";

const entry = "bin/bench.js";
const folder = temporaryFolders();
let quick: unknown;

beforeAll(async () => {
  quick = (await openSuite("quick", entry, process.cwd())).value;
});

const resolved = (...changes: string[]) => resolveSuite(quick, changes.map(parseOverride), "suite quick");

describe("every suite that comes with the harness", () => {
  it.each(suiteNames(suitesFolder(entry)))(
    "%s is valid, named like its file, and says what it is",
    async (name) => {
      const { config } = resolveSuite((await openSuite(name, entry, process.cwd())).value, [], name);
      expect(config.name).toBe(name);
      expect(config.description).not.toBe("");
      expect(modelFacts(config, 20)).toHaveLength(Object.keys(config.models).length);
    },
  );
});

describe("a resolved suite", () => {
  it("resolves to itself, so that a recorded configuration has the hash of its run", () => {
    const { config, configHash } = resolved();
    const again = resolveSuite(JSON.parse(JSON.stringify(config)), [], "recorded");
    expect(again).toMatchObject({ config, configHash });
  });

  it("has one hash for one meaning and another for any change", () => {
    const { configHash } = resolved();
    const written = Object.fromEntries(Object.entries(quick as object).reverse());
    expect(resolveSuite(written, [], "reversed").configHash).toBe(configHash);
    expect(resolved("models.ddpm.options.clip=1").configHash).toBe(configHash); // its default
    expect(resolved("models.ddpm.options.clip=2").configHash).not.toBe(configHash);
    expect(resolved("seed=1").configHash).not.toBe(configHash);
  });

  it("holds every option of a model, from which the same model is made", () => {
    const { config } = resolved();
    expect(config.models.ddpm!.options).toMatchObject({
      timesteps: 1000,
      clip: 1,
      schedule: { name: "cosine" },
    });
    expect(config.models.ddpm!.options).not.toHaveProperty("size");
    expect(createModel(config, "ddpm", 20).parameters).toBeGreaterThan(10_000);
  });
});

it.each([
  [
    "models.ddpm.options.roh=1",
    'unknown option "roh" in models.ddpm.options; known: base, multipliers, blocks,',
  ],
  ["models.ddpm.options.size=8", 'unknown option "size" in models.ddpm.options'],
  [
    "models.ddpm.options.schedule={ name: linear, betaStrat: 1 }",
    'unknown option "betaStrat" in models.ddpm.options.schedule; known: name, betaStart, betaEnd, scaled. Did you mean betaStart?',
  ],
  [
    "stages.latencies={}",
    'unknown option "latencies" in stages; known: stability, sensitivity, latency, diversity',
  ],
  ["stages.latency.batchs=[1]", 'unknown option "batchs" in stages.latency; known: batches, processes'],
  ["sede=1", 'unknown option "sede"; known: name, description, dataset, adapt, seed, seeds, models'],
  ["models.ddpm.typ=x", 'unknown option "typ" in models.ddpm; known: type, batch, images'],
  ["models.ddpm.type=ddmp", 'unknown type "ddmp" in models.ddpm; known: ddpm, progressive, consistency, '],
  ["models.ddpm.images=null", "models.ddpm.images is missing"],
  ["models.ddpm.images=many", "models.ddpm.images: expected number, received string"],
  ["models.ddpm.options.base=wide", "models.ddpm.options.base: expected number, received string"],
  ["models.dcgan.teacher=ddpm", "models.dcgan.teacher: dcgan learns from data alone"],
  ["models.dcgan.sampling=[{ sampler: ddim, steps: [5] }]", "dcgan makes an image in one pass"],
  ["models={ Big One: { type: dcgan, images: 5 } }", "a model id is lower-case letters, digits and dashes"],
  ["dataset.size=18", "dataset.size: "],
  ["dataset.channels=2", "dataset.channels: "],
  ["dataset.source=mnits", 'unknown dataset "mnits"'],
])("%s is refused: %s", (change, message) => {
  expect(() => resolved(change)).toThrow(message);
});

it("samples a ddpm by 50 steps of ddim where it does not say how, and asks for it of a student", () => {
  const { models } = resolved("models.ddpm.sampling=[]", "models.ddpm.scoring=null").config;
  expect(models.ddpm!.sampling).toEqual([{ sampler: "ddim", steps: [50], options: {} }]);
  const student =
    "models={ a: { type: ddpm, images: 9, options: { timesteps: 20 } }, b: { type: progressive, teacher: a, images: 9 } }";
  expect(() => resolved(student)).toThrow("models.b.sampling is missing: say how progressive is sampled");
});

it("names every wrong option at once", () => {
  const ofModels = ["models.ddpm.typ=x", "models.dcgan.options.loss=none", "dataset.source=mnits"];
  expect(() => resolved("stages.latencies={}", ...ofModels)).toThrow(
    /4 mistakes:\n.*"typ".*\n.*"latencies".*\n.*"mnits".*\n.*models\.dcgan\.options\.loss/,
  );
  expect(() => resolved("sede=1", "dataset.size=18")).toThrow(
    /2 mistakes:\n.*dataset\.size: .*\n.*unknown option "sede"/,
  );
});

describe("a suite file", () => {
  const written = (text: string): string => {
    const file = join(folder(), "mine.yaml");
    writeFileSync(file, text);
    return file;
  };

  it("is what YAML says it is", async () => {
    const text = "name: x\nmodels: {}\nlist: [1, two]\n";
    expect((await openSuite(written(text), entry, process.cwd())).value).toEqual(parse(text));
  });

  it("says once what its models share, by a merge key", async () => {
    const text = "a: &a { batch: 8, images: 9 }\nb:\n  <<: *a\n  images: 7\n";
    const value = (await openSuite(written(text), entry, process.cwd())).value;
    expect(value).toEqual({ a: { batch: 8, images: 9 }, b: { batch: 8, images: 7 } });
  });

  it.each([
    ["name: x\nmodels: [\n", /mine\.yaml:3:1: /],
    ["name: x\nname: y\n", /mine\.yaml:2:1: name is stated twice/],
    ["a: b: c\n", /mine\.yaml:1:4: /],
  ])("that is not YAML is refused with line and column: %j", async (text, message) => {
    await expect(openSuite(written(text), entry, process.cwd())).rejects.toThrow(message);
  });

  it.each(["", "just words", "[1, 2]"])("that holds no options is refused: %j", async (text) => {
    const value = (await openSuite(written(text), entry, process.cwd())).value;
    expect(() => resolveSuite(value, [], "mine.yaml")).toThrow("mine.yaml: the suite: expected object");
  });

  it("is told from a name", async () => {
    expect(locateSuite("quick", entry, "/")).toMatch(/suites\/quick\.yaml$/);
    expect(() => locateSuite("quik", entry, "/")).toThrow('unknown suite "quik"; known: ');
    expect(() => locateSuite("./quick", entry, folder())).toThrow("there is no suite file ./quick");
    await expect(openSuite(folder(), entry, "/")).rejects.toThrow("cannot be read");
  });
});
