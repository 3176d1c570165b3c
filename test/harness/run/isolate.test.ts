import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runInChild } from "../../../src/harness/run/isolate.ts";
import type { Progress } from "../../../src/harness/stages/contract.ts";
import { temporaryFolders } from "../datasets/fixtures.ts";
import { record } from "./fixtures.ts";

const temporary = temporaryFolders();

/** Runs a child whose whole program is `program`. */
async function child(program: string, options: { limitSeconds?: number; abortAfterProgress?: boolean } = {}) {
  const folder = temporary();
  const entry = join(folder, "child.mjs");
  writeFileSync(entry, program);
  const controller = new AbortController();
  const progress: Progress[] = [];
  const notes: string[] = [];
  const { outcome } = await runInChild(
    { folder, id: "a/cell", limitSeconds: options.limitSeconds ?? 20 },
    {
      entry,
      signal: controller.signal,
      onProgress(value) {
        progress.push(value);
        if (options.abortAfterProgress) controller.abort();
      },
      onNote: (message) => notes.push(message),
    },
  );
  return { outcome, progress, notes, folder };
}

const send = (message: unknown) => `process.send(${JSON.stringify(message)});`;
const done = send({ type: "done", record: record("a") });
const working = send({ type: "progress", progress: { done: 1, total: 2, loss: 0.5 } });
const forever = "setInterval(() => {}, 1000);";

describe("a cell in a process of its own", () => {
  it("is told its folder and id, reports progress and notes, and gives its record", async () => {
    const { outcome, progress, notes, folder } = await child(
      `const [command, folder, id] = process.argv.slice(2);
      process.send({ type: "progress", progress: { done: 1, total: 2, note: [command, folder, id].join(" ") } });
      ${send({ type: "note", message: "something to know" })}
      ${done}`,
    );
    expect(progress).toEqual([{ done: 1, total: 2, note: `__cell ${folder} a/cell` }]);
    expect(notes).toEqual(["something to know"]);
    expect(outcome).toEqual({ state: "done", record: record("a") });
  });

  it("passes its own failure on", async () => {
    const { outcome } = await child(send({ type: "failed", code: "DIVERGED", message: "loss is NaN" }));
    expect(outcome).toEqual({ state: "failed", code: "DIVERGED", message: "loss is NaN" });
  });

  it.each([
    [
      "throws",
      "throw new Error('no such kernel');",
      /exited with code 1 before it had a result.*no such kernel/s,
    ],
    ["exits", "process.exit(7);", /exited with code 7 before it had a result$/],
    ["says nothing", "", /exited with code 0 before it had a result$/],
    [
      "crashes",
      "process.stderr.write('bad address\\n'); process.kill(process.pid, 'SIGSEGV');",
      /was killed by SIGSEGV.*bad address/s,
    ],
    ["is no program", "this is not JavaScript", /exited with code 1.*SyntaxError/s],
  ])("that %s is a failure with what it said", async (_what, program, message) => {
    const { outcome } = await child(program);
    expect(outcome).toMatchObject({
      state: "failed",
      code: "CELL_FAILED",
      message: expect.stringMatching(message),
    });
  });

  it("whose output is endless leaves its end", async () => {
    const { outcome } = await child(
      "for (let i = 0; i < 2e4; i++) console.error('line ' + i); process.exitCode = 3;",
    );
    const { message } = outcome as { message: string };
    expect(message.length).toBeLessThan(4200);
    expect(message).toMatch(/line 19999$/);
  });

  it("is stopped at its time limit", async () => {
    const { outcome } = await child(forever, { limitSeconds: 0.3 });
    expect(outcome).toMatchObject({
      code: "TIME_LIMIT",
      message: "a/cell took longer than its limit of 0.3 s and was stopped",
    });
  });

  it("that runs out of memory says so", async () => {
    const greedy = "const all = []; for (;;) all.push(new Array(1e5).fill(all.length));";
    const { outcome } = await child(
      `import { spawnSync } from "node:child_process";
      spawnSync(process.execPath, ["--max-old-space-size=20", "-e", ${JSON.stringify(greedy)}], { stdio: "inherit" });
      process.kill(process.pid, "SIGABRT");`,
    );
    expect(outcome).toMatchObject({
      state: "failed",
      code: "OUT_OF_MEMORY",
      message: expect.stringMatching(/ran out of memory: it was killed by SIGABRT.*heap out of memory/s),
    });
  });

  it("that is killed from outside says what that often means", async () => {
    const { outcome } = await child("process.kill(process.pid, 'SIGKILL');");
    expect(outcome).toMatchObject({
      code: "CELL_FAILED",
      message: expect.stringMatching(/was killed by SIGKILL .*, as the system does where memory runs out/),
    });
  });

  it("is not ended at once by a limit that no timer can hold", async () => {
    const program = `setTimeout(() => { ${done} }, 50);`;
    expect((await child(program, { limitSeconds: 1e12 })).outcome).toMatchObject({ state: "done" });
  });

  it("whose record is malformed has failed, by a fault of ours", async () => {
    const { outcome } = await child(send({ type: "done", record: { ...record("a"), outcome: "fine" } }));
    expect(outcome).toMatchObject({
      state: "failed",
      code: "INTERNAL",
      message: expect.stringContaining("outcome"),
    });
  });

  it("is killed when the run is interrupted, even where it ignores signals", async () => {
    const program = `process.on("SIGTERM", () => {}); process.on("SIGINT", () => {}); ${working} ${forever}`;
    await expect(child(program, { abortAfterProgress: true })).rejects.toThrow("a/cell was interrupted");
  });
});
