/** Shards made by hand and joined in this process. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { type Cell, readRun } from "../../../src/harness/record/index.ts";
import { hashCells, planRecord } from "../../../src/harness/run/plan.ts";
import type { ShardFolder } from "../../../src/harness/run/shards/check.ts";
import { mergeShards } from "../../../src/harness/run/shards/merge.ts";
import type { PlannedCell, Stage } from "../../../src/harness/stages/contract.ts";
import { writeRun } from "../../../src/harness/store/index.ts";
import { suiteSchema } from "../../../src/harness/suite/index.ts";
import { temporaryFolders } from "../datasets/fixtures.ts";
import { runRecord, trainRecord } from "./fixtures.ts";

const config = suiteSchema.parse({ name: "x", dataset: {}, models: {}, stages: {} });
const cells = ["a", "b"].map(
  (model): PlannedCell => ({ id: `train/${model}`, kind: "train", needs: [], settings: { model } }),
);
const stage = { kind: "train", title: "", plan: () => cells } as unknown as Stage;
const plan = hashCells(cells, runRecord([]));

const temporary = temporaryFolders();
let root: string;
beforeEach(() => {
  root = temporary();
});

/** Shard `index` of two: one training, whose checkpoint lies in the shard's folder and is recorded at `path`. */
async function shard(index: number, path = `checkpoints/${index}.safetensors`): Promise<ShardFolder> {
  const folder = join(root, `shard-${index}`);
  mkdirSync(join(folder, "checkpoints"), { recursive: true });
  writeFileSync(join(folder, `checkpoints/${index}.safetensors`), `weights ${index}`);
  const cell = plan[index - 1]!;
  const part = { index, count: 2 };
  await writeRun(folder, {
    ...runRecord([]),
    config,
    state: "complete",
    shard: part,
    plan: planRecord([cell]),
  });
  const checkpoint = { path, sha256: sha256(`weights ${index}`), bytes: 9 };
  const record = { ...trainRecord(cell.id.slice(6)), checkpoint };
  const done: Cell = {
    id: cell.id,
    configHash: cell.configHash,
    startedAt: "2024-05-01T00:00:00.000Z",
    seconds: 1,
    state: "done",
    record,
  };
  writeFileSync(join(folder, "cells.jsonl"), `${JSON.stringify(done)}\n`); // whatever it names
  return { ...runOf(folder, part, [cell]), cells: [done] };
}

const runOf = (
  folder: string,
  part: { index: number; count: number },
  planned: typeof plan,
): ShardFolder => ({
  name: `shard-${part.index}`,
  folder,
  run: { ...runRecord([]), config, state: "complete", shard: part, plan: planRecord(planned) },
  cells: [],
  notices: [],
});

const out = () => join(root, "merged");
const merge = (shards: ShardFolder[], force = false) =>
  mergeShards({ shards, out: out(), force, allowMismatch: false, stages: [stage] });
const contents = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), "utf8")]);

it("two shards make one run with the files of both, and nothing else is left", async () => {
  await merge([await shard(1), await shard(2)]);
  expect(readdirSync(out(), { recursive: true }).sort()).toEqual([
    "cells.jsonl",
    "checkpoints",
    "checkpoints/1.safetensors",
    "checkpoints/2.safetensors",
    "run.json",
  ]);
  const { run, cells: merged } = await readRun(out());
  expect(run.state).toBe("complete");
  expect(merged.map(({ id }) => id)).toEqual(["train/a", "train/b"]);
  await merge([await shard(1), await shard(2)], true);
  expect((await readRun(out())).cells).toEqual(merged);
});

describe("a file that a record names", () => {
  const places = [
    "../victim.safetensors",
    "checkpoints/../../victim.safetensors",
    "checkpoints/./x.safetensors",
    "/tmp/victim.safetensors",
    ".git/hooks/pre-commit",
    "run.lock",
    "checkpoints/.hidden.safetensors",
    "checkpoints\\..\\x.safetensors",
    "checkpoints/x\u0000.safetensors",
    "checkpoints/x.sh",
    "checkpoints/",
  ];

  it.each(places)("%j is read and copied nowhere", async (path) => {
    writeFileSync(join(root, "victim.safetensors"), "precious");
    const shards = [await shard(1), await shard(2, path)];
    await expect(readRun(shards[1]!.folder)).rejects.toMatchObject({
      code: "BAD_RUN_FOLDER",
      message: expect.stringContaining(
        "cells.jsonl line 1: record.checkpoint.path: not a file that a run writes",
      ),
    });
    await expect(merge(shards)).rejects.toMatchObject({ code: "BAD_RUN_FOLDER" });
    expect(readFileSync(join(root, "victim.safetensors"), "utf8")).toBe("precious");
    expect(existsSync(out())).toBe(false);
  });

  it("lies in the shard, and is no link out of it", async () => {
    const shards = [await shard(1), await shard(2)];
    const path = join(shards[1]!.folder, "checkpoints/2.safetensors");
    writeFileSync(join(root, "secret"), "weights 2");
    rmSync(path);
    symlinkSync(join(root, "secret"), path);
    await expect(merge(shards)).rejects.toThrow(
      "shard-2: checkpoints/2.safetensors is a link out of the shard",
    );
  });
});

it("a merge that fails leaves no half run, and keeps the one that it was to replace", async () => {
  const shards = [await shard(1), await shard(2)];
  await merge(shards);
  const before = contents(out());
  writeFileSync(join(shards[1]!.folder, "checkpoints/2.safetensors"), "other bytes");
  const why = "checkpoints/2.safetensors is not the file that was recorded";
  await expect(merge(shards, true)).rejects.toThrow(why);
  expect(contents(out())).toEqual(before);
  rmSync(out(), { recursive: true });
  await expect(merge(shards)).rejects.toThrow(why);
  expect(existsSync(out())).toBe(false);
});
