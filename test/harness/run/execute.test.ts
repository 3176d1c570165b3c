import { describe, expect, it } from "vitest";
import type { Cell } from "../../../src/harness/record/index.ts";
import { type Execution, execute } from "../../../src/harness/run/execute.ts";
import type { Outcome } from "../../../src/harness/run/isolate.ts";
import { hashCells } from "../../../src/harness/run/plan.ts";
import { doneCell, planned, record } from "./fixtures.ts";

const plan = hashCells(
  [planned("a"), planned("b", ["a"]), planned("c", ["b"]), planned("d")],
  "0".repeat(64),
);
const done = (id: string): Outcome => ({ state: "done", record: record(id) });
const failed: Outcome = { state: "failed", code: "CELL_FAILED", message: "it fell over" };

/** Runs the plan with `outcomes`; `abortAt` interrupts while that cell runs. */
async function runPlan(
  outcomes: Record<string, Outcome>,
  options: { earlier?: Cell[]; abortAt?: string } = {},
) {
  const controller = new AbortController();
  const [ran, stored, started]: [string[], Cell[], string[]] = [[], [], []];
  const execution: Execution = {
    plan,
    earlier: options.earlier ?? [],
    signal: controller.signal,
    observer: {
      started: (id, position, total) => started.push(`${position}/${total} ${id}`),
      progress() {},
      finished: (cell) => expect(stored.at(-1)).toBe(cell), // told only what is on the disk
    },
    async runCell({ id }) {
      ran.push(id);
      if (id === options.abortAt) {
        controller.abort();
        controller.signal.throwIfAborted();
      }
      return outcomes[id] ?? done(id);
    },
    store: async (cell) => void stored.push(cell),
  };
  return { ...(await execute(execution)), ran, stored, started };
}

const states = (cells: readonly Cell[]) => Object.fromEntries(cells.map(({ id, state }) => [id, state]));

describe("a plan", () => {
  it("runs in order, and every outcome carries its cell's hash", async () => {
    const { cells, stored, started, interrupted } = await runPlan({});
    expect(interrupted).toBe(false);
    expect(stored).toEqual(cells);
    expect(cells.map(({ id, configHash }) => [id, configHash])).toEqual(
      plan.map(({ id, configHash }) => [id, configHash]),
    );
    expect(started).toEqual(["1/4 a", "2/4 b", "3/4 c", "4/4 d"]);
  });

  it("goes on after a failed cell, and skips what needs it at any distance", async () => {
    const { cells, ran } = await runPlan({ a: failed });
    expect(ran).toEqual(["a", "d"]);
    expect(states(cells)).toEqual({ a: "failed", b: "skipped", c: "skipped", d: "done" });
    expect(cells[0]).toMatchObject(failed);
    expect(cells[1]).toMatchObject({ why: "a failed" });
    expect(cells[2]).toMatchObject({ why: "b was skipped: a failed" });
  });

  it("continues: what is done stays, what failed or was skipped runs again", async () => {
    const earlier = [
      doneCell("a"),
      { ...doneCell("b"), ...failed } as Cell,
      { ...doneCell("c"), state: "skipped", why: "b failed" } as Cell,
    ];
    const { cells, ran } = await runPlan({}, { earlier });
    expect(ran).toEqual(["b", "c", "d"]);
    expect(cells[0]).toBe(earlier[0]);
    expect(states(cells)).toEqual({ a: "done", b: "done", c: "done", d: "done" });
  });

  it("that is interrupted loses the cell in flight and nothing else", async () => {
    const { cells, stored, ran, interrupted } = await runPlan({}, { abortAt: "b" });
    expect(interrupted).toBe(true);
    expect(ran).toEqual(["a", "b"]);
    expect(stored.map(({ id }) => id)).toEqual(["a"]);
    expect(cells).toEqual(stored);
  });

  it("ends with an error of ours, which is no outcome of a cell", async () => {
    const execution = runPlan({}, { earlier: [] });
    await expect(execution).resolves.toBeDefined();
    await expect(
      execute({
        plan,
        earlier: [],
        signal: new AbortController().signal,
        observer: { started() {}, progress() {}, finished() {} },
        runCell: async () => done("a"),
        store: () => Promise.reject(new Error("disk full")),
      }),
    ).rejects.toThrow("disk full");
  });
});
