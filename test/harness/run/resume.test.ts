import { expect, it } from "vitest";
import { checkContinues, differences } from "../../../src/harness/run/resume.ts";
import { runRecord } from "./fixtures.ts";

const made = runRecord(["a"]);
const recorded = { ...made, engine: { ...made.engine, runtime: { "onnxruntime-node": "1.27.0" } } };

it("continues the same run on the same machine", () => {
  const now = { ...recorded, id: "another", startedAt: "later", command: "bench run --resume" };
  expect(() => checkContinues(recorded, now)).not.toThrow();
});

const { engine, environment, dataset } = recorded;
it("takes a record without a precision, as older versions wrote it, for one in float32", () => {
  const now = { ...recorded, engine: { ...engine, precision: "float32" as const } };
  expect(() => checkContinues(recorded, now)).not.toThrow();
});

it.each([
  ["configuration", { config: { name: "x" }, configHash: "1".repeat(64) }, 'name was "fixture" and is "x"'],
  [
    "data",
    { dataset: { ...dataset, hash: "1".repeat(64) } },
    "shapes is not the data the run was started with",
  ],
  ["plan", { plan: [] }, "version 0.1.0 plans other cells"],
  [
    "engine",
    { engine: { ...engine, name: "onnx", provider: "cpu" } },
    'engine was "reference" and is "onnx"; provider was "tfjs-cpu" and is "cpu"',
  ],
  [
    "device",
    { engine: { ...engine, device: { ...engine.device, model: "b" } } },
    'device was "a CPU" and is "b"',
  ],
  [
    "threads",
    { engine: { ...engine, device: { ...engine.device, threads: 4 } } },
    'cores was "1 of 2" and is "4 of 2"',
  ],
  [
    "precision",
    { engine: { ...engine, precision: "float16" } },
    'precision was "float32" and is "float32, sampling in float16"',
  ],
  [
    "version of the runtime",
    { engine: { ...engine, runtime: { "onnxruntime-node": "1.28.0" } } },
    'runtime was "onnxruntime-node 1.27.0" and is "onnxruntime-node 1.28.0". All timings of a run must come from one ' +
      "machine with one set of software. Resume it with what it was started with, or start a new run",
  ],
  [
    "driver",
    { engine: { ...engine, device: { ...engine.device, driver: "570.1" } } },
    'driver was absent and is "570"',
  ],
  ["Node", { environment: { ...environment, node: "22.1.0" } }, 'node was "20" and is "22"'],
] as const)("refuses another %s", (_what, change, message) => {
  expect(() => checkContinues(recorded, { ...recorded, ...change } as typeof recorded)).toThrow(message);
});

it("lists what differs by its path", () => {
  expect(differences({ a: { b: 1, c: [1] }, d: 1 }, { a: { b: 2, c: [2] }, e: null })).toEqual([
    "a.b was 1 and is 2",
    "a.c was [1] and is [2]",
    "d was 1 and is absent",
    "e was absent and is null",
  ]);
  expect(differences({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toEqual([]);
});
