import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  openSuite,
  override,
  parseOverride,
  resolveSuite,
  suiteNames,
  suitesFolder,
} from "../../../src/harness/suite/index.ts";
import { suiteJsonSchema } from "../../../src/harness/suite/json-schema.ts";
import { givenOptions, models } from "../../../src/models/index.ts";
import { isValid } from "./json-schema.ts";

const entry = "bin/bench.js";
const schema = suiteJsonSchema() as Readonly<Record<string, unknown>>;
const quick = (await openSuite("quick", entry, process.cwd())).value;
const changed = (change: string) => override(quick, parseOverride(change));

describe("the JSON schema of suites", () => {
  it.each(suiteNames(suitesFolder(entry)))("takes the suite %s", async (name) => {
    expect(isValid(schema, (await openSuite(name, entry, process.cwd())).value)).toBe(true);
  });

  it("is the one that lies beside the suites, which name it for editors", () => {
    const committed: unknown = JSON.parse(readFileSync("suites/schema.json", "utf8"));
    expect(committed, "write it again: bench list schema > suites/schema.json").toEqual(schema);
    for (const name of suiteNames(suitesFolder(entry)))
      expect(readFileSync(`suites/${name}.yaml`, "utf8")).toMatch(
        /^# yaml-language-server: \$schema=schema\.json$/m,
      );
  });

  it.each([
    "seed=7",
    "dataset.size=8",
    "models.ddpm.options.base=8",
    "models.ddpm.options.schedule={ name: linear, betaStart: 0.001 }",
    "models.dcgan.options.generatorWidth=8",
    "stages.latency=null",
  ])("takes %s, as a run does", (change) => {
    expect(isValid(schema, changed(change))).toBe(true);
    expect(() => resolveSuite(changed(change), [], "x")).not.toThrow();
  });

  it.each([
    "sede=1",
    "seeds=0",
    "dataset.size=18",
    "dataset.channels=2",
    "models.ddpm.typ=x",
    "models.ddpm.type=ddmp",
    "models.ddpm.images=null",
    "models.ddpm.options.roh=1",
    "models.ddpm.options.size=8",
    "models.ddpm.options.base=wide",
    "models.ddpm.options.generatorWidth=8",
    "models.ddpm.options.schedule={ name: linear, betaStrat: 1 }",
    "models={ Big One: { type: dcgan, images: 5 } }",
    "stages.latencies={}",
    "stages.latency.batches=[none]",
  ])("refuses %s, as a run does", (change) => {
    expect(isValid(schema, changed(change))).toBe(false);
    expect(() => resolveSuite(changed(change), [], "x")).toThrow();
  });

  it("describes every option of every model", () => {
    const text = JSON.stringify(schema);
    for (const [name, { schema: options }] of Object.entries(models))
      for (const [option, { description }] of Object.entries(options.shape))
        if (!Object.hasOwn(givenOptions, option))
          expect(text.includes(JSON.stringify(description)), `${name}.${option}`).toBe(true);
  });
});
