import { describe, expect, it } from "vitest";
import type { Cell } from "../../../src/harness/record/index.ts";
import type { Finished, Outcome } from "../../../src/harness/run/isolate.ts";
import { hashCells } from "../../../src/harness/run/plan.ts";
import { type Schedule, schedule } from "../../../src/harness/run/schedule.ts";
import { doneCell, planned, record, trainRecord } from "./fixtures.ts";

const plan = hashCells([planned("a"), planned("b", ["a"]), planned("c", ["b"]), planned("d")], {
  dataset: { hash: "0".repeat(64) },
});
const done = (id: string): Outcome => ({ state: "done", record: record(id) });
const finished = (outcome: Outcome): Finished => ({
  outcome,
  startedAt: "2024-05-01T00:00:00.000Z",
  seconds: 1,
});
const failed: Outcome = { state: "failed", code: "CELL_FAILED", message: "it fell over" };

/** Runs the plan with `outcomes`; `abortAt` interrupts while that cell runs. */
async function runPlan(
  outcomes: Record<string, Outcome>,
  options: { earlier?: Cell[]; damaged?: Cell[]; abortAt?: string } & Partial<
    Pick<Schedule, "runsWithout">
  > = {},
) {
  const controller = new AbortController();
  const [ran, stored, started]: [string[], Cell[], string[]] = [[], [], []];
  const request: Schedule = {
    plan,
    most: 1,
    isAlone: () => false,
    runsWithout: options.runsWithout ?? (() => false),
    earlier: options.earlier ?? [],
    damaged: options.damaged,
    signal: controller.signal,
    observer: {
      started: (id, position, total) => started.push(`${position}/${total} ${id}`),
      progress() {},
      noted() {},
      finished: (cell) => expect(stored.at(-1)).toBe(cell), // told only what is on the disk
    },
    async runCell({ id }) {
      ran.push(id);
      if (id === options.abortAt) {
        controller.abort();
        controller.signal.throwIfAborted();
      }
      return finished(outcomes[id] ?? done(id));
    },
    store: async (cell) => void stored.push(cell),
  };
  return { ...(await schedule(request)), ran, stored, started };
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

  it("takes no record of another stage, and no other id or hash, for a cell's own", async () => {
    const forged = { ...failed, id: "a", configHash: "x" } as Outcome;
    const { cells } = await runPlan({ b: forged, d: { state: "done", record: trainRecord("a") } });
    expect(cells.map(({ id, configHash }) => [id, configHash])).toEqual(
      plan.map(({ id, configHash }) => [id, configHash]),
    );
    expect(cells[3]).toMatchObject({
      state: "failed",
      message: "d gave a record of train, not of stability",
    });
  });

  it("runs a cell that can do without what failed, and again once that is there", async () => {
    const asked: [string, readonly string[]][] = [];
    const runsWithout: Schedule["runsWithout"] = ({ id }, missing) => {
      asked.push([id, missing]);
      return id === "b";
    };
    const first = await runPlan({ a: failed }, { runsWithout });
    expect(asked).toEqual([["b", ["a"]]]);
    expect(first.ran).toEqual(["a", "b", "c", "d"]);
    const second = await runPlan({}, { runsWithout, earlier: first.cells });
    expect(second.ran).toEqual(["a", "b"]);
    expect(states(second.cells)).toEqual({ a: "done", b: "done", c: "done", d: "done" });
  });

  it("runs a cell again whose files are lost, and what reads them only where they then differ", async () => {
    const trained = (hash: string): Outcome => {
      const checkpoint = { path: "checkpoints/a.safetensors", sha256: hash.repeat(64), bytes: 9 };
      const grid = { file: checkpoint, rows: 1, columns: 1, caption: "" };
      return { state: "done", record: { ...record("a"), grid } as never };
    };
    const damaged = [{ ...doneCell("a"), ...trained("1") } as Cell];
    const earlier = [doneCell("b"), doneCell("c"), doneCell("d")];
    const same = await runPlan({ a: trained("1") }, { earlier, damaged });
    expect(same.ran).toEqual(["a"]);
    const other = await runPlan({ a: trained("2") }, { earlier, damaged });
    expect(other.ran).toEqual(["a", "b", "c"]);
    expect(other.cells).toHaveLength(4);
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
    const request: Schedule = {
      plan,
      earlier: [],
      most: 1,
      signal: new AbortController().signal,
      observer: { started() {}, progress() {}, noted() {}, finished() {} },
      isAlone: () => false,
      runsWithout: () => false,
      runCell: async () => finished(done("a")),
      store: () => Promise.reject(new Error("disk full")),
    };
    await expect(schedule(request)).rejects.toThrow("disk full");
    const store = async () => {};
    const full: Outcome = { state: "failed", code: "OUTPUT_UNWRITABLE", message: "the disk is full" };
    await expect(schedule({ ...request, store, runCell: async () => finished(full) })).rejects.toThrow(
      "disk is full",
    );
  });
});

describe("several cells at once", () => {
  const many = hashCells(
    [..."abcdefgh"].map((id) => planned(id, id === "g" ? ["a", "b"] : [])),
    { dataset: { hash: "0".repeat(64) } },
  );

  /** The cells that ran beside each cell, itself included, and the order in which records were stored. */
  async function runMany(most: number, alone: string, outcomes: Record<string, Outcome> = {}) {
    const running = new Set<string>();
    const beside = new Map<string, string[]>();
    const stored: string[] = [];
    let storing = 0;
    const { cells } = await schedule({
      plan: many,
      earlier: [],
      most,
      signal: new AbortController().signal,
      observer: { started() {}, progress() {}, noted() {}, finished() {} },
      isAlone: ({ id }) => alone.includes(id),
      runsWithout: () => false,
      async runCell({ id }) {
        running.add(id);
        for (const other of running)
          beside.set(other, [...new Set([...(beside.get(other) ?? []), ...running])]);
        await new Promise((resolve) => setTimeout(resolve, 1 + (id.charCodeAt(0) % 3)));
        running.delete(id);
        return finished(outcomes[id] ?? done(id));
      },
      async store({ id }) {
        expect(storing++).toBe(0); // one record at a time
        await Promise.resolve();
        storing--;
        stored.push(id);
      },
    });
    return { cells, beside, stored };
  }

  it.each([1, 2, 3, Number.POSITIVE_INFINITY])(
    "are at most %d, and timed ones run with none beside",
    async (most) => {
      const { cells, beside } = await runMany(most, "cf");
      expect(cells.map(({ id }) => id)).toEqual(many.map(({ id }) => id));
      for (const id of "cf") expect(beside.get(id)).toEqual([id]);
      for (const [, others] of beside) expect(others.length).toBeLessThanOrEqual(2 * most);
      if (most > 1) expect(beside.get("a")!.length).toBeGreaterThan(1);
      expect(beside.get("g")).not.toContain("a"); // it needs a and b
    },
  );

  it("leave a timed cell its turn: no later cell starts while it waits", async () => {
    const order: string[] = [];
    const ends = new Map<string, () => void>();
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const running = schedule({
      plan: many,
      earlier: [],
      most: 2,
      signal: new AbortController().signal,
      observer: { started: (id) => order.push(id), progress() {}, noted() {}, finished() {} },
      isAlone: ({ id }) => id === "c",
      runsWithout: () => false,
      runCell: async ({ id }) => {
        await new Promise<void>((resolve) => ends.set(id, resolve));
        return finished(done(id));
      },
      store: async () => {},
    });
    for (const id of ["a", "b", "c"]) {
      await turn();
      ends.get(id)!();
    }
    await turn();
    expect(order).toEqual(["a", "b", "c", "d", "e"]);
    for (const id of ["d", "e", "f", "g", "h"]) {
      while (!ends.has(id)) await turn();
      ends.get(id)!();
    }
    await running;
    expect(order.join("")).toBe("abcdefgh");
  });

  it("have the outcomes of one at a time, and are stored in plan order where one runs at a time", async () => {
    const states = async (most: number) =>
      (await runMany(most, "c", { a: failed })).cells.map((cell) => [cell.id, cell.state]);
    expect(await states(4)).toEqual(await states(1));
    expect((await runMany(1, "c", { a: failed })).stored.join("")).toBe("abcdefgh");
  });
});
