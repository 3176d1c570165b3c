import { expect, it } from "vitest";
import { override, parseOverride } from "../../../src/harness/suite/override.ts";

const suite = {
  name: "x",
  dataset: { size: 16 },
  models: { ddpm: { images: 5, sampling: [{ sampler: "ddim", steps: [1, 2] }] } },
};
const set = (text: string) => override(suite, parseOverride(text));

it("replaces one option and leaves the rest, and the suite itself, as they are", () => {
  const before = structuredClone(suite);
  expect(set("models.ddpm.images=7")).toEqual({
    ...suite,
    models: { ddpm: { ...suite.models.ddpm, images: 7 } },
  });
  expect(suite).toEqual(before);
});

it.each([
  ["seed=3", { seed: 3 }],
  ["name=a=b", { name: "a=b" }],
  ['name="5"', { name: "5" }],
  ["classifier.images=1e3", { classifier: { images: 1000 } }],
  ["stages.latency={ batches: [1, 2] }", { stages: { latency: { batches: [1, 2] } } }],
])("%s reads the value as YAML", (text, expected) => {
  expect(set(text)).toEqual({ ...suite, ...expected });
});

it("reaches into lists, and null removes", () => {
  expect(set("models.ddpm.sampling.0.steps.1=9")).toHaveProperty("models.ddpm.sampling", [
    { sampler: "ddim", steps: [1, 9] },
  ]);
  expect(set("dataset=null")).not.toHaveProperty("dataset");
  expect(set("models.ddpm.sampling.0=null")).toHaveProperty("models.ddpm.sampling", []);
});

it.each([
  ["images", "--set takes key=value"],
  ["=5", "--set takes key=value"],
  ["a..b=5", "--set takes key=value"],
  ["a=[1", "the value is not YAML"],
  ["models.dcgan.images=5", 'no "dcgan" in models; known: ddpm'],
  ["models.ddpm.sampling.1.sampler=ddim", 'no "1" in models.ddpm.sampling; known: 0'],
  ["name.first=x", "name has no options of its own"],
])("%s is refused: %s", (text, message) => {
  expect(() => set(text)).toThrow(message);
});

it("cannot reach what every object has", () => {
  override(suite, parseOverride("__proto__.polluted=1"));
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});
