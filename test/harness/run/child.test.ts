import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Engine } from "../../../src/engine/contract.ts";
import { datasetFacts, loadDataset } from "../../../src/harness/datasets/index.ts";
import { datasetRequest, runCellHere } from "../../../src/harness/run/child.ts";
import type { CellMessage } from "../../../src/harness/run/isolate.ts";
import { hashCells, planCells } from "../../../src/harness/run/plan.ts";
import { harness, type Rooms } from "../../../src/harness/run/rooms.ts";
import type { PlannedCell, Stage } from "../../../src/harness/stages/contract.ts";
import { appendCell, writeRun } from "../../../src/harness/store/index.ts";
import { suiteSchema } from "../../../src/harness/suite/index.ts";
import { temporaryFolders } from "../datasets/fixtures.ts";
import { doneCell, planned, record, runRecord } from "./fixtures.ts";

const config = suiteSchema.parse({
  name: "x",
  dataset: { size: 8, train: 4, test: 4 },
  models: {},
  stages: {},
});
const temporary = temporaryFolders();
let folder: string;
beforeEach(() => {
  folder = temporary();
});
afterEach(() => vi.useRealTimers());

const stageThat = (
  act: Stage["run"],
  cells: PlannedCell[] = [planned("a"), planned("b", ["a"]), planned("c")],
): Stage => ({
  kind: "stability",
  title: "",
  plan: () => cells,
  work: () => ({ trainingImages: 0, evaluations: 0, flops: 0 }),
  run: act,
});

/** What the process of cell `id` tells its parent, in a run whose cell a is done. */
async function tell(
  id: string,
  act: Stage["run"],
  options: { datasetHash?: string; planAgain?: Stage; precision?: "float16" } = {},
) {
  const stage = stageThat(act);
  const facts = datasetFacts(await loadDataset("shapes", datasetRequest(config)));
  const dataset = { ...facts, hash: options.datasetHash ?? facts.hash };
  const plan = hashCells(planCells([stage], config), { dataset });
  const { engine, ...rest } = runRecord([]);
  await writeRun(folder, {
    ...rest,
    engine: { ...engine, ...(options.precision && { precision: options.precision }) },
    config,
    dataset,
    plan: plan.map(({ settings: _, ...cell }) => ({ ...cell, needs: [...cell.needs] })),
  });
  await appendCell(folder, doneCell("a", plan[0]!.configHash));
  const openEngine = vi.fn<Rooms["openEngine"]>(async () => ({ dispose }) as unknown as Engine);
  const dispose = vi.fn(async () => {});
  const messages: CellMessage[] = [];
  const rooms = { ...harness, stages: async () => [options.planAgain ?? stage], openEngine };
  await runCellHere(folder, id, rooms, async (message) => void messages.push(message));
  expect(dispose).toHaveBeenCalledTimes(openEngine.mock.calls.length); // however it ended
  return { messages, last: messages.at(-1)!, openEngine };
}

it("runs its cell on the recorded engine, with the data, and with the records it needs", async () => {
  const { last, openEngine } = await tell("b", async ({ dataset, record, out }) => {
    expect((await dataset()).train.images.count).toBe(4);
    expect(await dataset()).toBe(await dataset());
    expect(out).toBe(folder);
    return record("stability", "a");
  });
  expect(last).toEqual({ type: "done", record: record("a") });
  const device = { kind: "cpu", model: "a CPU", software: false, threads: 1 };
  expect(openEngine.mock.calls).toEqual([
    [
      { engine: "reference", provider: "tfjs-cpu" },
      { device, threads: 1 },
    ],
  ]);
});

it("samples in the recorded precision", async () => {
  const { openEngine } = await tell("c", async () => record("c"), { precision: "float16" });
  expect(openEngine.mock.calls[0]![1]).toMatchObject({ precision: "float16" });
});

it("gives no record that the plan does not name as needed, nor one of another kind", async () => {
  const stray = await tell("c", async ({ record }) => record("stability", "a"));
  expect(stray.last).toMatchObject({
    code: "INTERNAL",
    message: expect.stringContaining("the record of a was asked for"),
  });
  const other = await tell("b", async ({ record }) => record("train", "a"));
  expect(other.last).toMatchObject({
    code: "INTERNAL",
    message: expect.stringContaining("a is a stability, not a train"),
  });
});

it("does not run on data that have changed", async () => {
  const { last } = await tell(
    "c",
    async ({ dataset }) => ({ ...record("c"), seed: (await dataset()).size }),
    {
      datasetHash: "f".repeat(64),
    },
  );
  expect(last).toMatchObject({
    type: "failed",
    code: "BAD_DATA",
    message: expect.stringContaining("shapes has changed"),
  });
});

it("does not run a cell that is planned otherwise by now", async () => {
  const act: Stage["run"] = async () => record("c");
  const planAgain = stageThat(act, [planned("a"), { ...planned("c"), settings: { n: 2 } }]);
  const { last, openEngine } = await tell("c", act, { planAgain });
  expect(last).toMatchObject({
    code: "INTERNAL",
    message: expect.stringContaining("c is not what run.json planned"),
  });
  expect(openEngine).not.toHaveBeenCalled();
});

it("reports progress at most ten times a second, and its end always", async () => {
  const { messages } = await tell("c", async ({ progress }) => {
    vi.useFakeTimers();
    for (let done = 1; done <= 1000; done++) {
      vi.advanceTimersByTime(1);
      progress({ done, total: 1000 });
    }
    return record("c");
  });
  const shares = messages.flatMap((message) => (message.type === "progress" ? [message.progress.done] : []));
  expect(shares).toHaveLength(11);
  expect(shares.at(-1)).toBe(1000);
});
