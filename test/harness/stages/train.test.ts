/** The train stage's files: a killed training goes on from them, or starts again where they are not as it left them. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../../src/engine/contract.ts";
import { loadDataset } from "../../../src/harness/datasets/index.ts";
import { type Cell, recordSchema } from "../../../src/harness/record/index.ts";
import { openTrained } from "../../../src/harness/stages/train/checkpoint.ts";
import { trainStage } from "../../../src/harness/stages/train/run.ts";
import { appendCell, writeRun } from "../../../src/harness/store/index.ts";
import { resolveSuite } from "../../../src/harness/suite/index.ts";
import { compiledEngine } from "../../models/evaluate.ts";
import { temporaryFolders } from "../datasets/fixtures.ts";
import { doneCell, runRecord, trainRecord } from "../run/fixtures.ts";

const gan = {
  type: "dcgan",
  batch: 8,
  images: 96,
  options: { generatorWidth: 4, discriminatorWidth: 4, latent: 6 },
};
const { config } = resolveSuite(
  {
    name: "x",
    dataset: { source: "shapes", size: 8, train: 64, test: 40 },
    models: { gan },
    stages: { stability: { checkpoints: 3, n: 20 } },
  },
  [],
  "x",
);
const position = "checkpoints/gan-seed-0.position.safetensors";
const snapshot = "checkpoints/gan-seed-0-step-4.safetensors";

let engine: Engine;
let dataset: Awaited<ReturnType<typeof loadDataset>>;
beforeAll(async () => {
  engine = await compiledEngine();
  dataset = await loadDataset("shapes", { size: 8, channels: 1, train: 64, test: 40, seed: 0 });
});
afterAll(() => engine.dispose());
const temporary = temporaryFolders();

/** Trains 12 steps, each saved; is killed before step `killedAt`. */
async function training(out: string, killedAt = Number.POSITIVE_INFINITY) {
  const notes: string[] = [];
  const steps: number[] = [];
  const [cell] = trainStage.plan(config);
  const record = await trainStage.run({
    cell: { ...cell!, configHash: "0".repeat(64) },
    config,
    labels: 20,
    out,
    engine,
    dataset: async () => dataset,
    record: () => {
      throw new Error("needs no record");
    },
    missing: () => undefined,
    saveEverySeconds: 0,
    note: (message) => notes.push(message),
    progress({ done }) {
      if (done === killedAt) throw new Error("killed");
      steps.push(done);
    },
  });
  const parsed = recordSchema.parse(record);
  if (parsed.kind !== "train") throw new Error(parsed.kind);
  const { checkpoint, snapshots, curves, onnx } = parsed;
  return {
    left: { checkpoint, snapshots: snapshots.map((one) => one.checkpoint), curves, onnx },
    notes,
    steps,
  };
}

describe("a training that was killed", () => {
  let whole: Awaited<ReturnType<typeof training>>["left"];
  beforeAll(async () => {
    whole = (await training(temporary())).left;
  });

  async function killed(): Promise<string> {
    const out = temporary();
    await expect(training(out, 7)).rejects.toThrow("killed");
    expect(existsSync(join(out, position))).toBe(true);
    return out;
  }

  it("goes on from the step that it saved, to the same files", async () => {
    const out = await killed();
    const { left, notes, steps } = await training(out);
    expect(steps[0]).toBe(7);
    expect(notes).toEqual([]);
    expect(left).toEqual(whole);
    expect(readdirSync(join(out, "checkpoints"))).not.toContain(position);
  });

  const flipped = (path: string) => (out: string) => {
    const bytes = readFileSync(join(out, path));
    bytes[bytes.length - 5]! ^= 1;
    writeFileSync(join(out, path), bytes);
  };
  it.each<[string, (out: string) => void, RegExp]>([
    ["a bit of its weights flipped", flipped(position), /position.safetensors is damaged: its sha256/],
    ["a snapshot damaged", flipped(snapshot), /step-4.safetensors is not the file that was recorded/],
  ])("starts again with %s, says so, and leaves the same files", async (_, damage, why) => {
    const out = await killed();
    damage(out);
    const { left, notes, steps } = await training(out);
    expect(steps[0]).toBe(1);
    expect(notes).toEqual([expect.stringMatching(why)]);
    expect(notes[0]).toMatch(/^the training starts again from its first step: /);
    expect(left).toEqual(whole);
  });
});

it("a checkpoint is opened as its run recorded it, and as it is where no run does", async () => {
  const out = temporary();
  const { left } = await training(out);
  const [cell] = trainStage.plan(config);
  const file = join(out, left.checkpoint.path);
  const opened = await openTrained(file, "it");
  await writeRun(out, runRecord([cell!.id]));
  const record = { ...trainRecord("gan"), checkpoint: left.checkpoint };
  await appendCell(out, { ...doneCell(cell!.id), state: "done", record } as Cell);
  expect((await openTrained(file, "it")).weights).toEqual(opened.weights);
  const bytes = readFileSync(file);
  bytes[bytes.length - 7]! ^= 1;
  writeFileSync(file, bytes);
  await expect(openTrained(file, "it")).rejects.toMatchObject({
    code: "BAD_CHECKPOINT",
    message: expect.stringMatching(/^it is not the file that its run recorded: its sha256 differs.*--resume/),
  });
  writeFileSync(join(out, "elsewhere.safetensors"), bytes);
  expect((await openTrained(join(out, "elsewhere.safetensors"), "it")).id).toBe("gan");
});
