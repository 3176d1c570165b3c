/** A run that is resumed: with its data elsewhere, and with files that were lost since. */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import type { Cell, Run } from "../../../src/harness/record/index.ts";
import { type PrepareHooks, prepareRun, type RunRequest } from "../../../src/harness/run/prepare.ts";
import { harness, type Rooms } from "../../../src/harness/run/rooms.ts";
import type { PlannedCell, Stage } from "../../../src/harness/stages/contract.ts";
import { appendCell, startCells, writeRun } from "../../../src/harness/store/index.ts";
import { pngFolders, temporaryFolders } from "../datasets/fixtures.ts";
import { doneCell, runRecord, trainRecord } from "./fixtures.ts";

const temporary = temporaryFolders();
let root: string;
beforeEach(() => {
  root = temporary();
});

const cells: PlannedCell[] = [{ id: "train/a", kind: "train", needs: [], settings: {} }];
const stage = { kind: "train", title: "", plan: () => cells } as unknown as Stage;
const rooms: Rooms = {
  ...harness,
  stages: async () => [stage],
  modelFacts: async () => [],
  judgeFacts: async () => [],
  metricFacts: async () => [],
  chooseEngine: async () => runRecord([]).engine as never,
};

function request(mode: RunRequest["mode"], source?: string): RunRequest {
  writeFileSync(
    join(root, "suite.yaml"),
    `name: x\ndataset: { source: "folder:${join(root, "data")}", size: 12, channels: 3 }\nmodels: {}\nstages: {}\n`,
  );
  return {
    purpose: "run",
    suite: mode === "new" ? join(root, "suite.yaml") : undefined,
    overrides: source === undefined ? [] : [{ path: ["dataset", "source"], value: source }],
    engine: {},
    engineNamed: false,
    folder: join(root, "run"),
    mode,
    shard: undefined,
    command: "bench run",
    entry: "",
    cwd: root,
  } as unknown as RunRequest;
}

async function prepared(mode: RunRequest["mode"], source?: string) {
  const notes: string[] = [];
  const hooks: PrepareHooks = { note: (message) => notes.push(message), onDownload() {} };
  return { ...(await prepareRun(request(mode, source), rooms, hooks)), notes };
}

/** A run whose one cell is done. */
async function started(): Promise<Run> {
  pngFolders(join(root, "data"), ["a", "b"], 12);
  const { run, folder } = await prepared("new");
  mkdirSync(join(folder, "checkpoints"), { recursive: true });
  await writeRun(folder, { ...run, state: "partial" });
  await startCells(folder);
  writeFileSync(join(folder, "checkpoints/a.safetensors"), "weights");
  const checkpoint = { path: "checkpoints/a.safetensors", sha256: sha256("weights"), bytes: 7 };
  const record = { ...trainRecord("a"), checkpoint };
  await appendCell(folder, {
    ...doneCell("train/a", run.plan[0]!.configHash),
    state: "done",
    record,
  } as Cell);
  return run;
}

it("goes on with equal data from where it lies now, and remembers that place", async () => {
  const run = await started();
  const moved = `folder:${join(root, "moved")}`;
  renameSync(join(root, "data"), join(root, "moved"));
  const first = await prepared("resume", moved);
  expect(first.run).toMatchObject({ dataFrom: moved, config: run.config, configHash: run.configHash });
  expect(first.earlier.map(({ id }) => id)).toEqual(["train/a"]);
  await writeRun(join(root, "run"), first.run);
  expect((await prepared("resume")).run.dataFrom).toBe(moved);
  renameSync(join(root, "moved"), join(root, "data"));
  expect((await prepared("resume", `folder:${join(root, "data")}`)).run.dataFrom).toBeUndefined();
});

it("does not go on with other data", async () => {
  await started();
  pngFolders(join(root, "other"), ["a", "b"], 13);
  await expect(prepared("resume", `folder:${join(root, "other")}`)).rejects.toMatchObject({
    code: "BAD_DATA",
  });
});

it("runs a cell again whose file is damaged, and says so", async () => {
  await started();
  writeFileSync(join(root, "run/checkpoints/a.safetensors"), "Weights");
  const { earlier, damaged, notes } = await prepared("resume");
  expect(earlier).toEqual([]);
  expect(damaged.map(({ id }) => id)).toEqual(["train/a"]);
  expect(notes.join("\n")).toMatch(
    /train\/a runs again: checkpoints\/a\.safetensors is not the file that was recorded/,
  );
});
