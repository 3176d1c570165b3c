import { appendFile, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { main } from "../../../src/harness/cli/main.ts";
import type { Run } from "../../../src/harness/record/index.ts";
import { writeFixture } from "../report/fixture.ts";

let folder: string;

async function bench(words: readonly string[], env: Record<string, string> = {}) {
  const [out, log] = [[] as string[], [] as string[]];
  const sink = (into: string[]) => ({ write: (text: string) => into.push(text) });
  const io = { stdout: sink(out), stderr: sink(log), env, cwd: folder, entry: process.argv[1]! };
  const code = await main(words, io);
  return { code, out: out.join(""), log: log.join("") };
}

/** A run folder of the fixture with an id of its own and its latencies times `slower`. */
async function makeRun(name: string, slower = 1, change: (run: Run) => void = () => {}): Promise<void> {
  const dir = join(folder, name);
  await writeFixture(dir, { seeds: [1, 2, 3] });
  const run = JSON.parse(await readFile(join(dir, "run.json"), "utf8")) as Run;
  run.id = name.padEnd(16, "0");
  change(run);
  await writeFile(join(dir, "run.json"), JSON.stringify(run));
  const lines = (await readFile(join(dir, "cells.jsonl"), "utf8")).trim().split("\n");
  const cells = lines.map((line) => JSON.parse(line));
  for (const cell of cells)
    for (const series of cell.record.kind === "latency" ? cell.record.series : [])
      series.samplesMs = series.samplesMs.map((ms: number) => ms * slower);
  await writeFile(join(dir, "cells.jsonl"), cells.map((cell) => `${JSON.stringify(cell)}\n`).join(""));
}

/** Without the lines of `cells.jsonl` that match. */
async function dropCells(name: string, pattern: RegExp): Promise<void> {
  const path = join(folder, name, "cells.jsonl");
  const lines = (await readFile(path, "utf8")).split("\n").filter((line) => !pattern.test(line));
  await writeFile(path, lines.join("\n"));
}

const loose = ["--alpha", "0.4", "--metric", "latency/dcgan/one-pass/batch-1/request_ms"];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "compare-"));
  await makeRun("base");
  await makeRun("same");
  await makeRun("slow", 1.5);
  await makeRun("moved", 1, ({ engine }) => {
    engine.device.model = "Another CPU";
  });
  await makeRun("slow-moved", 1.5, ({ environment }) => {
    environment.node = "22.1.0";
  });
  await makeRun("lossy", 1.5, (run) => {
    run.state = "partial";
  });
  await dropCells("lossy", /"diversity-dcgan-2"/);
});

describe("bench compare", () => {
  it.each<[string, string[], number]>([
    ["the same numbers", ["base", "same"], 0],
    ["the same numbers, strictly: three processes cannot tell", ["base", "same", "--strict"], 4],
    ["quality alone, strictly", ["base", "same", "--strict", "--only", "quality"], 0],
    ["a slower run of three processes", ["base", "slow"], 0],
    ["the same, asking for less", ["base", "slow", ...loose], 3],
    ["another processor", ["base", "moved"], 4],
    ["another processor, allowed", ["base", "moved", "--allow-mismatch"], 0],
    ["another processor, quality alone", ["base", "moved", "--only", "quality"], 0],
    ["slower, on another Node, allowed", ["base", "slow-moved", ...loose, "--allow-mismatch"], 3],
    ["a cell that is lost, and slower", ["base", "lossy", ...loose], 5],
    ["a run with itself", ["base", "base"], 0],
    ["a missing folder", ["base", "nowhere"], 2],
    ["one run", ["base"], 2],
    ["three runs", ["base", "same", "slow"], 2],
    ["no such reading", ["base", "same", "--metric", "latency/x"], 2],
    ["a share that is none", ["base", "same", "--floor", "five"], 2],
    ["a floor above what is to be found", ["base", "same", "--floor", "0.2"], 2],
    ["a level out of range", ["base", "same", "--alpha", "0"], 2],
    ["a place that takes no file", ["base", "same", "--html", "base/run.json/x.html"], 2],
    ["no such history", ["base", "same", "--history", "nowhere"], 2],
  ])("%s: %j ends with %i", async (_, words, code) => {
    const result = await bench(["compare", ...words]);
    expect([result.code, result.log]).toEqual([
      code,
      code === 2 ? expect.stringMatching(/^error [A-Z_]+: \S/) : "",
    ]);
  });

  it("prints one JSON object, and writes every file asked for", async () => {
    const { code, out } = await bench([
      "compare",
      "base",
      "slow",
      ...loose,
      "--json",
      "--junit",
      "j.xml",
      "--markdown",
      "m.md",
      "--html",
      "h.html",
    ]);
    const result = JSON.parse(out);
    expect(result).toMatchObject({
      schemaVersion: 1,
      kind: "compare",
      exitCode: code,
      base: { label: "base" },
    });
    expect(result.rows[0]).toMatchObject({
      verdict: "regressed",
      reproduce: expect.arrayContaining([expect.stringContaining("--metric latency/dcgan")]),
    });
    expect(await readFile(join(folder, "j.xml"), "utf8")).toContain("<failure ");
    expect(await readFile(join(folder, "m.md"), "utf8")).toContain("## Benchmark: regressed");
    expect(await readFile(join(folder, "h.html"), "utf8")).toContain("Content-Security-Policy");
  });

  it("in GitHub Actions appends to the step's summary and annotates", async () => {
    await writeFile(join(folder, "summary.md"), "before\n");
    const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: join(folder, "summary.md") };
    const { log } = await bench(["compare", "base", "slow", ...loose, "--markdown", "summary.md"], env);
    expect(log).toMatch(/^::error title=regressed::latency\/dcgan/);
    expect(await readFile(join(folder, "summary.md"), "utf8")).toMatch(/^before\n## Benchmark/);
  });

  it("refuses another data set's quality cell by cell", async () => {
    await writeFixture(join(folder, "other"), { seeds: [1, 2, 3], dataset: "mnist" });
    const path = join(folder, "other", "run.json");
    const run = JSON.parse(await readFile(path, "utf8")) as Run;
    const cells = await readFile(join(folder, "other", "cells.jsonl"), "utf8");
    const renew = (text: string) =>
      text.replace(
        /"configHash":\s*"0*([0-9a-f])/g,
        (all, digit) => all.slice(0, -1) + (digit === "f" ? "0" : "f"),
      );
    await writeFile(path, renew(JSON.stringify({ ...run, id: "other" })));
    await writeFile(join(folder, "other", "cells.jsonl"), renew(cells));
    const { code, out } = await bench(["compare", "base", "other", "--json"]);
    expect(code).toBe(4);
    const { rows } = JSON.parse(out);
    for (const { verdict, mismatches } of rows)
      expect([verdict, mismatches[0].field]).toEqual(["not comparable", "dataset.name"]);
  });
});

describe("bench history", () => {
  it("adds nights, judges the latest, accepts, and refuses what makes no sense", async () => {
    const added = await bench(["history", "add", "h", "base", "--commit", "abc123", "--json"]);
    expect(JSON.parse(added.out)).toMatchObject({ night: 1, commit: "abc123" });
    expect((await bench(["history", "add", "h", "slow"], { GITHUB_SHA: "def456" })).out).toMatch(
      /^night 2: .*commit def456\n$/,
    );
    expect((await bench(["history", "add", "h", "slow"])).log).toContain(
      "error OUTPUT_EXISTS: slow (run slow000000000000) is in h already, as night 2",
    );
    const judged = await bench(["history", "h"]);
    expect([judged.code, judged.out]).toEqual([
      0,
      expect.stringContaining("2 nights; the baseline begins at night 1"),
    ]);
    expect(judged.out).toContain("inconclusive (needs n >= 5 nights)");
    expect((await bench(["history", "h", "--strict"])).code).toBe(4);
    const accepted = await bench(["history", "accept", "h", "--reason", "a safer kernel"]);
    expect(accepted.out).toBe("the baseline is night 2 (run slow000000000000) from now on: a safer kernel\n");
    expect((await bench(["history", "h", "--json"])).out).toContain('"reason": "a safer kernel"');
    expect(
      (await bench(["history", "accept", "h", "--reason", "back", "--night", "base000000000000", "--json"]))
        .out,
    ).toContain('"baseline": 1');
    expect((await bench(["compare", "base", "same", "--history", "h"])).code).toBe(0);
    expect((await readFile(join(folder, "h", "history.jsonl"), "utf8")).split("\n")).toHaveLength(5);
  });

  it.each([
    [["history"], "history was given 0 of the 1 words that it needs; see `bench history --help`"],
    [["history", "nowhere"], "has no history.jsonl"],
    [["history", "h2", "base"], 'history does not take "base"; see `bench history --help`'],
    [["history", "add", "h2"], "history add was given 1 of the 2 words that it needs"],
    [["history", "add", "h2", "nowhere"], "has no run.json"],
    [["history", "add", "h2", "base", "--reason", "x"], "unknown flag --reason of history add"],
    [["history", "add", "h2", "base", "--strict"], "unknown flag --strict of history add"],
    [["history", "accept", "h2"], "history accept needs --reason"],
    [["history", "accept", "nowhere", "--reason", "x"], "has no history.jsonl"],
    [["history", "nowhere", "--commit", "x"], "unknown flag --commit of history"],
    [["history", "--strict", "add", "h2", "base"], "error USAGE: history"],
    [["history", "h2", "--alpha", "0.9"], '--alpha takes a number between 0 and 0.5, not "0.9"'],
  ])("%j is refused: %s", async (words, message) => {
    const { code, log } = await bench(words);
    expect([code, log]).toEqual([2, expect.stringContaining(message)]);
  });

  it("of damaged lines is refused and left as it is, and a line that was cut off is told", async () => {
    await bench(["history", "add", "d", "base"]);
    const path = join(folder, "d", "history.jsonl");
    await appendFile(path, '{"cut');
    expect((await bench(["history", "d"])).out).toContain("note: history.jsonl line 2 was cut off");
    const added = await bench(["history", "add", "d", "slow"]);
    expect([added.code, added.log]).toEqual([
      0,
      expect.stringContaining("note: history.jsonl line 2 was cut off"),
    ]);
    const damaged = (await readFile(path, "utf8")).replace('"state":"done"', '"state":"gone"');
    await writeFile(path, damaged);
    for (const words of [
      ["history", "d"],
      ["history", "add", "d", "same"],
      ["history", "accept", "d", "--reason", "x"],
    ]) {
      const { code, log } = await bench(words);
      expect([code, log]).toEqual([2, expect.stringContaining("error BAD_HISTORY: history.jsonl line 1")]);
    }
    expect(await readFile(path, "utf8")).toBe(damaged);
  });
});
