/** A run's life in real processes, with stages that do as told. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { type Cell, readRun } from "../../src/harness/record/index.ts";
import { temporaryFolders } from "../harness/datasets/fixtures.ts";
import { fakeBench } from "./entries.ts";
import { fakeRooms } from "./fake-rooms.ts";
import { type Ended, here, node, type Options, snapshot } from "./process.ts";

const temporary = temporaryFolders();
let cwd: string;
let out: string;
beforeEach(() => {
  cwd = temporary();
  out = join(cwd, "out");
  const model = "dcgan: { type: dcgan, images: 8, options: { generatorWidth: 8, discriminatorWidth: 8 } }";
  const dataset = "dataset: { size: 8, train: 8, test: 8 }";
  writeFileSync(join(cwd, "fake.yaml"), `name: fake\n${dataset}\nmodels: { ${model} }\nstages: {}\n`);
});

type Fates = Record<string, "crash" | "mistake" | "hang" | "fill">;

const fake = (words: readonly string[], fates: Fates = {}, onStderr?: Options["onStderr"]): Promise<Ended> =>
  node([fakeBench, ...words], {
    cwd,
    env: { FAKE: JSON.stringify(fates) },
    onStderr,
  });

/** What ends without a child. */
const fakeHere = (words: readonly string[]): Promise<Ended> => here(words, cwd, fakeRooms({}));

const start = ["run", "--suite", "fake.yaml", "--out", "out"];
const states = (cells: readonly Cell[]) => cells.map(({ id, state }) => `${id} ${state}`);

describe("a run", () => {
  it("is recorded, reported, and told as one JSON object on stdout", async () => {
    const { code, stdout, stderr } = await fake([...start, "--json", "--seed", "3"]);
    expect(code).toBe(0);
    const result: unknown = JSON.parse(stdout);
    expect(result).toMatchObject({
      out,
      state: "complete",
      exitCode: 0,
      cells: { planned: 3, done: 3, failed: 0, skipped: 0 },
      report: join(out, "report.html"),
    });
    expect(stderr).toMatch(/^\[2\/3\] stability\/b$/m);
    expect(stderr).toMatch(/^done stability\/c in /m);
    expect(stderr).not.toContain("\x1b");
    const { run, cells } = await readRun(out);
    expect(run).toMatchObject({
      state: "complete",
      command: "bench run --suite fake.yaml --seed 3",
      config: { seed: 3, dataset: { source: "shapes" } },
      engine: { name: "reference" },
    });
    expect(states(cells)).toEqual(["stability/a done", "stability/b done", "stability/c done"]);
    expect(existsSync(join(out, "run.lock"))).toBe(false);
    expect(readFileSync(join(out, "report.html"), "utf8")).toContain("<html");
  });

  it("tells people the same, nothing on the way with --quiet, and names the folder by suite and time", async () => {
    const { code, stdout, stderr } = await fake(["--suite", "fake.yaml", "--quiet"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^3 of 3 cells done in /m);
    const [, made] =
      /^report: (reports\/fake-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)\/report\.html$/m.exec(stdout) ?? [];
    expect(made).toBeDefined();
    expect((await readRun(join(cwd, made!))).run.state).toBe("complete");
  });

  it("is rebuilt from its records, and neither overwritten nor continued by accident", async () => {
    await fake(start);
    const before = snapshot(out);
    expect((await fakeHere(["report", "out"])).code).toBe(0);
    expect(snapshot(out)).toEqual(before);

    const again = await fakeHere(start);
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining("error OUTPUT_EXISTS: ") });
    expect(snapshot(out)).toEqual(before);

    const first = await readRun(out);
    expect((await fake([...start, "--force"])).code).toBe(0);
    expect((await readRun(out)).run.id).not.toBe(first.run.id);
  });
});

describe("a cell that crashes", () => {
  it("fails with what it said, its dependants are skipped, the others go on, and --resume tries again", async () => {
    const { code, stdout, stderr } = await fake(start, { a: "crash" });
    expect(code).toBe(5);
    expect(stdout).toMatch(/^1 of 3 cells done in .*, 1 failed, 1 skipped$/m);
    expect(stderr).toContain("failed stability/a");
    const { run, cells } = await readRun(out);
    expect(run.state).toBe("complete");
    expect(cells).toMatchObject([
      {
        state: "failed",
        code: "CELL_FAILED",
        message: expect.stringMatching(/SIGKILL.*the accelerator caught fire/s),
      },
      { state: "skipped", why: "stability/a failed" },
      { state: "done" },
    ]);

    const resumed = await fake(["run", "--resume", "--out", "out"]);
    expect(resumed.code).toBe(0);
    const after = await readRun(out);
    expect(states(after.cells)).toEqual(["stability/a done", "stability/b done", "stability/c done"]);
    expect(after.cells[2]).toEqual(cells[2]);
    expect(after.run).toMatchObject({ id: run.id, startedAt: run.startedAt, command: run.command });
  });

  it("by a mistake of the user's keeps its code", async () => {
    expect((await fake(start, { c: "mistake" })).code).toBe(5);
    const failed = (await readRun(out)).cells[2];
    expect(failed).toMatchObject({ state: "failed", code: "BAD_DATA", message: "image 7 has no pixels" });
  });
});

describe("a cell that hangs", () => {
  it("is ended at its time limit, which is that stage's or all stages'", async () => {
    const limits = ["--time-limit", "1h", "--time-limit", "stability=10s"];
    const { code, stderr } = await fake([...start, ...limits], { b: "hang" });
    expect(code).toBe(5);
    expect(stderr).toMatch(
      /failed stability\/b in .*: TIME_LIMIT stability\/b took longer than its limit of 10 s/,
    );
    expect(states((await readRun(out)).cells)).toEqual([
      "stability/a done",
      "stability/b failed",
      "stability/c done",
    ]);
    for (const [words, says] of [
      [["--time-limit", "stabilty=2s"], 'there is no stage "stabilty"'],
      [["--time-limit", "soon"], "takes a time such as 45, 45s, 30m or 2h"],
      [["--time-limit", "0"], 'takes a time above 0, not "0"'],
    ] as const)
      expect(await fakeHere(["run", ...words])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(says),
      });
  });
});

describe("a disk that takes no more", () => {
  /** The command under a limit of `kib` KiB a file, which the system enforces as it does a full disk. */
  const limited = (kib: number, words: readonly string[], fates: Fates = {}) => {
    const [quoted] = [[fakeBench, ...words].map((word) => `'${word}'`).join(" ")];
    const script = `require("node:child_process").spawnSync("bash", ["-c", ${JSON.stringify(
      `ulimit -f ${kib}; exec '${process.execPath}' ${quoted}`,
    )}], { stdio: "inherit" }).status`;
    return node(["-e", `process.exit(${script})`], { cwd, env: { FAKE: JSON.stringify(fates) } });
  };

  it("ends the run in a cell's midst, keeps what is finished, and --resume goes on", async () => {
    const { code, stderr } = await limited(64, start, { b: "fill" });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/error OUTPUT_UNWRITABLE: .*a file would be larger than is allowed here/),
    });
    const partial = await readRun(out);
    expect(partial.run.state).toBe("partial");
    expect(states(partial.cells)).toEqual(["stability/a done"]);
    expect(existsSync(join(out, "run.lock"))).toBe(false);
    expect((await fake([...start, "--resume"])).code).toBe(0);
    expect((await readRun(out)).cells).toHaveLength(3);
  });

  it("or never took anything, is told in one message", async () => {
    const { code, stderr } = await limited(1, start);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error OUTPUT_UNWRITABLE: .*EFBIG/m);
    expect(stderr).not.toContain("fault of the harness");
  });
});

describe("a run that is interrupted", () => {
  const interrupt = (signal: NodeJS.Signals, before: () => Promise<void> = async () => {}) => {
    let sent = false;
    return fake(start, { b: "hang" }, (text, child) => {
      if (sent || !text.includes("[2/3] stability/b")) return;
      sent = true;
      void before().then(() => child.kill(signal));
    });
  };

  it.each(["SIGINT", "SIGTERM"] as const)("by %s keeps what is done, and is continued", async (signal) => {
    const { code, stdout } = await interrupt(signal);
    expect(code).toBe(130);
    expect(stdout).toContain("interrupted; continue with: npx gan-vs-diffusion-bench run --resume --out out");
    const partial = await readRun(out);
    expect(partial.run.state).toBe("partial");
    expect(states(partial.cells)).toEqual(["stability/a done"]);

    expect((await fake([...start, "--resume"])).code).toBe(0);
    const { run, cells } = await readRun(out);
    expect(run.state).toBe("complete");
    expect(cells).toHaveLength(3);
    expect(cells[0]).toEqual(partial.cells[0]);
  });

  it("is not another run's to write while it lives", async () => {
    let second: Ended | undefined;
    await interrupt("SIGINT", async () => {
      second = await fake([...start, "--force"]);
    });
    expect(second).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/OUTPUT_EXISTS.*is being written by process/),
    });
    expect(states((await readRun(out)).cells)).toEqual(["stability/a done"]);
  });

  it("by SIGKILL leaves a folder that --resume completes, even with a torn line", async () => {
    await interrupt("SIGKILL");
    expect((await readRun(out)).run.state).toBe("running");
    writeFileSync(join(out, "cells.jsonl"), '{"id":"stability/b","sta', { flag: "a" });
    const { code } = await fake(["run", "--resume", "--out", "out"]);
    expect(code).toBe(0);
    const { run, cells, notices } = await readRun(out);
    expect({ state: run.state, notices }).toEqual({ state: "complete", notices: [] });
    expect(states(cells)).toEqual(["stability/a done", "stability/b done", "stability/c done"]);
  });

  it("is not continued as another one", async () => {
    await interrupt("SIGINT");
    const before = snapshot(out);
    for (const [change, message] of [
      [["--seed", "4"], "seed was 0 and is 4"],
      [["--size", "12"], "dataset.size was 8 and is 12"],
      [["--set", "models.dcgan.images=9"], "models.dcgan.images was 8 and is 9"],
    ] as const) {
      const { code, stderr } = await fakeHere(["run", "--resume", "--out", "out", ...change]);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
      expect(stderr).toContain("error BAD_CONFIG: ");
      expect(snapshot(out)).toEqual(before);
    }
  });
});
