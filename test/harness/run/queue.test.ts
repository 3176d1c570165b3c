/** What comes over a queue is anybody's who reaches it: messages and results are taken only in the form that is written. */
import { describe, expect, it } from "vitest";
import { checkedResult } from "../../../src/harness/run/queue/coordinator.ts";
import { taskOf } from "../../../src/harness/run/queue/worker.ts";
import { record } from "./fixtures.ts";

const task = { folder: "/runs/one", id: "train/ddpm/seed-0", limitSeconds: 60 };

describe("a message", () => {
  it("is a cell as a run writes it", () => {
    expect(taskOf(task)).toEqual(task);
    expect(
      taskOf({ ...task, id: "sensitivity/a/rate-x0.5/seed-1", threads: 1, saveEverySeconds: 0 }).threads,
    ).toBe(1);
  });

  it.each([
    [{ folder: "relative" }, "folder: not an absolute path"],
    [{ folder: "/runs/\0one" }, "folder: not an absolute path"],
    [{ id: "--help" }, "id: not the id of a cell"],
    [{ id: "a\0b" }, "id: not the id of a cell"],
    [{ id: "x".repeat(3e6) }, "id: not the id of a cell"],
    [{ limitSeconds: -1 }, "limitSeconds"],
    [{ saveEverySeconds: -1 }, "saveEverySeconds"],
    [{ threads: 0.5 }, "threads"],
    [{ command: "rm" }, "Unrecognized key"],
  ])("%# is refused", (change, problem) => {
    expect(() => taskOf({ ...task, ...change })).toThrow(problem);
  });
});

describe("a result", () => {
  const startedAt = "2026-01-01T00:00:00.000Z";
  const finished = { outcome: { state: "done", record: record("a") }, startedAt, seconds: 1 };

  it("is an outcome as a worker returns it", () => {
    expect(checkedResult(task, finished)).toEqual(finished);
  });

  it.each([
    undefined,
    null,
    "done",
    {},
    { ...finished, id: "another", configHash: "0" },
    { ...finished, outcome: { ...finished.outcome, id: "another" } },
    { ...finished, outcome: { state: "failed", code: "X", message: "y", configHash: "0" } },
    { ...finished, outcome: { state: "done", record: { kind: "stability" } } },
    { ...finished, seconds: -1 },
    { ...finished, startedAt: "yesterday" },
  ])("%# is a failure of its cell", (returned) => {
    const { outcome } = checkedResult(task, returned);
    expect(outcome).toMatchObject({ state: "failed", code: "CELL_FAILED" });
    if (outcome.state === "failed")
      expect(outcome.message).toMatch(/^a worker returned no result of train\/ddpm\/seed-0: /);
  });
});
