/** Records that cost nothing, for tests of what surrounds them. */

import { type Cell, type CellRecord, type Run, SCHEMA_VERSION } from "../../../src/harness/record/index.ts";
import { hashCells } from "../../../src/harness/run/plan.ts";
import type { PlannedCell } from "../../../src/harness/stages/contract.ts";

const hash = "0".repeat(64);

export const planned = (id: string, needs: string[] = []): PlannedCell => ({
  id,
  kind: "stability",
  needs,
  settings: { model: id },
});

export const record = (model: string): CellRecord => ({
  kind: "stability",
  model,
  seed: 0,
  outcome: "trained",
  statistics: [],
});

/** Of a training that left this one checkpoint. */
export const trainRecord = (model: string): Extract<CellRecord, { kind: "train" }> => ({
  kind: "train",
  model,
  seed: 0,
  outcome: "trained",
  steps: 4,
  imagesSeen: 8,
  seconds: 1,
  compileSeconds: 1,
  imagesPerSecond: 8,
  peakRssMiB: 1,
  curves: [],
  snapshots: [],
  checkpoint: { path: `checkpoints/${model}.safetensors`, sha256: hash, bytes: 9 },
});

export const doneCell = (id: string, configHash = hash): Cell => ({
  id,
  configHash,
  startedAt: "2024-05-01T00:00:00.000Z",
  seconds: 1.5,
  state: "done",
  record: record(id),
});

/** A run of unconnected cells. */
export const runRecord = (ids: readonly string[]): Run => ({
  schemaVersion: SCHEMA_VERSION,
  id: "0123456789abcdef",
  suite: "fixture",
  config: { name: "fixture" },
  configHash: hash,
  metrics: [],
  command: "bench run --suite fixture",
  state: "running",
  startedAt: "2024-05-01T00:00:00.000Z",
  environment: {
    harness: "0.1.0",
    node: "20.19.0",
    platform: "linux",
    arch: "x64",
    cpu: "a CPU",
    cores: 2,
    memoryGiB: 8,
  },
  engine: {
    name: "reference",
    provider: "tfjs-cpu",
    device: { kind: "cpu", model: "a CPU", software: false, threads: 1 },
    runtime: {},
    refused: [],
  },
  dataset: { name: "shapes", hash, size: 16, channels: 1, classes: ["a"], modes: ["a"], train: 8, test: 8 },
  models: [],
  plan: hashCells(
    ids.map((id) => planned(id)),
    { dataset: { hash } },
  ).map(({ id, kind, configHash, needs }) => ({ id, kind, configHash, needs: [...needs] })),
});
