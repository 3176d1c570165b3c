/** Shards in real processes, with stages that do as told: run apart, joined, and held against the run that was not divided. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { type Cell, readRun } from "../../src/harness/record/index.ts";
import { temporaryFolders } from "../harness/datasets/fixtures.ts";
import { fakeBench } from "./entries.ts";
import { type Ended, node, snapshot } from "./process.ts";

const temporary = temporaryFolders();
let cwd: string;
beforeEach(() => {
  cwd = temporary();
  const model = "dcgan: { type: dcgan, images: 8, options: { generatorWidth: 8, discriminatorWidth: 8 } }";
  const dataset = "dataset: { size: 8, train: 8, test: 8 }";
  writeFileSync(join(cwd, "fake.yaml"), `name: fake\n${dataset}\nmodels: { ${model} }\nstages: {}\n`);
});

const fake = (words: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
  node([fakeBench, ...words], { cwd, env: { FAKE_CHAINS: "3", ...env } });

const shard = (part: string, out: string, env: Record<string, string> = {}, ...more: string[]) =>
  fake(["run", "--suite", "fake.yaml", "--quiet", "--shard", part, "--out", out, ...more], env);

const untimed = (cells: readonly Cell[]) => cells.map((cell) => ({ ...cell, startedAt: "", seconds: 0 }));
const csvOf = (folder: string) =>
  Object.fromEntries(
    Object.entries(snapshot(join(cwd, folder, "csv"))).map(([path, hash]) => [path.split("/").at(-1), hash]),
  );

describe("shards that are merged", () => {
  it("are the run that was not divided: 2 and 5 of them", async () => {
    expect((await fake(["run", "--suite", "fake.yaml", "--quiet", "--out", "whole"])).code).toBe(0);
    const whole = await readRun(join(cwd, "whole"));
    for (const count of [2, 5]) {
      const names = Array.from({ length: count }, (_, i) => `s${i + 1}of${count}`);
      for (const [i, name] of names.entries()) {
        const { code, stdout, stderr } = await shard(`${i + 1}/${count}`, name);
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
        expect(stdout).toContain(`shard ${i + 1}/${count} is in ${name}; join all with bench merge`);
      }
      const merged = await fake(["merge", ...names.toReversed(), "--out", `m${count}`, "--json"]);
      expect({ code: merged.code, stderr: merged.stderr }).toEqual({ code: 0, stderr: "" });
      const { run, cells } = await readRun(join(cwd, `m${count}`));
      expect(untimed(cells)).toEqual(untimed(whole.cells));
      const { config, configHash, plan, models, dataset, command } = whole.run;
      expect(run).toMatchObject({ state: "complete", config, configHash, plan, models, dataset, command });
      expect(run.shard).toBeUndefined();
      expect(run.merged!.shards.map(({ index }) => index)).toEqual(names.map((_, i) => i + 1));
      expect(csvOf(`m${count}`)).toEqual(csvOf("whole"));
    }
  });
});

describe("merge refuses", () => {
  /** Shards s1, s2 and s3 of three, and a copy of s1; and what else is wrong with them. */
  const prepare = async () => {
    for (const i of [1, 2, 3]) expect((await shard(`${i}/3`, `s${i}`)).code).toBe(0);
    cpSync(join(cwd, "s1"), join(cwd, "copy"), { recursive: true });
    expect((await shard("1/2", "half")).code).toBe(0);
    expect((await shard("2/3", "other", {}, "--seed", "5")).code).toBe(0);
    expect((await shard("2/3", "judged", { FAKE_ANCHORS: "9" })).code).toBe(0);
    expect((await shard("2/3", "reduced", {}, "--precision", "float16")).code).toBe(0);
    cpSync(join(cwd, "s2"), join(cwd, "unfinished"), { recursive: true });
    const file = join(cwd, "unfinished/run.json");
    writeFileSync(file, readFileSync(file, "utf8").replace('"complete"', '"partial"'));
    expect((await fake(["run", "--suite", "fake.yaml", "--quiet", "--out", "whole"])).code).toBe(0);
    mkdirSync(join(cwd, "taken"));
    writeFileSync(join(cwd, "taken/thesis.doc"), "x");
  };

  it("whatever is not the parts of one run, by name, and writes nothing", async () => {
    await prepare();
    const before = snapshot(cwd);
    const refusals: [string[], number, RegExp][] = [
      [["s1", "s3"], 2, /BAD_RUN_FOLDER: shard 2\/3 of the run is missing/],
      [["s3"], 2, /shards 1\/3, 2\/3 of the run are missing/],
      [["s1", "s2", "s3", "copy"], 2, /s1 and copy are both shard 1\/3/],
      [["s1", "half"], 2, /half is shard 1\/2 and s1 is 1\/3: they are parts of different divisions/],
      [["s1", "other", "s3"], 2, /other is not a part of the run that s1 is of: config\.seed was 0 and is 5/],
      [["s1", "unfinished", "s3"], 2, /unfinished, shard 2\/3, is partial: .*--resume --out unfinished/],
      [["s1", "whole"], 2, /whole is no shard: it was run without --shard/],
      [["s1", "absent"], 2, /BAD_RUN_FOLDER: .*absent has no run\.json/],
      [["s1", "judged", "s3"], 4, /NOT_COMPARABLE: anchors of judged is not that of s1.*--allow-mismatch/],
    ];
    refusals.push([
      ["s1", "reduced", "s3"],
      4,
      /NOT_COMPARABLE: reduced against s1: precision was "float32" and is "float32, sampling in float16".*--allow-mismatch/,
    ]);
    for (const [names, code, message] of refusals) {
      const ended = await fake(["merge", ...names, "--out", "m"]);
      expect(ended, names.join(" ")).toMatchObject({ code, stderr: expect.stringMatching(message) });
    }
    const taken = await fake(["merge", "s1", "s2", "s3", "--out", "taken", "--force"]);
    expect(taken).toMatchObject({ code: 2, stderr: expect.stringContaining("OUTPUT_EXISTS") });
    expect(await fake(["merge", "s1"])).toMatchObject({
      code: 2,
      stderr: /merge needs --out; see `bench merge --help`/,
    });
    expect(snapshot(cwd)).toEqual(before);

    const allowed = await fake(["merge", "s1", "judged", "s3", "--out", "m", "--allow-mismatch"]);
    expect(allowed).toMatchObject({ code: 0, stderr: expect.stringContaining("warning: anchors of judged") });
    expect((await readRun(join(cwd, "m"))).run.merged!.mismatches).toHaveLength(1);
  });

  it("a run that is resumed in another precision, and resumes it in its own", async () => {
    const run = (...words: string[]) =>
      fake(["run", "--suite", "fake.yaml", "--quiet", "--out", "r", ...words]);
    const precision = async () => (await readRun(join(cwd, "r"))).run.engine.precision;
    expect((await run("--precision", "float16")).code).toBe(0);
    expect(await precision()).toBe("float16");
    for (const words of [[], ["--precision", "float16"], ["--threads", "1"]])
      expect((await run("--resume", ...words)).code, words.join(" ")).toBe(0);
    const before = snapshot(cwd);
    expect(await run("--resume", "--precision", "float32")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /NO_ENGINE: .*precision was "float32, sampling in float16" and is "float32".*another --out/s,
      ),
    });
    expect(snapshot(cwd)).toEqual(before);
    expect((await run("--force")).code).toBe(0);
    expect(await precision()).toBeUndefined(); // float32 is not written, so that older versions read it
    expect(await run("--resume", "--precision", "float16")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('precision was "float32" and is "float32, sampling in float16"'),
    });
  });

  it("a shard that is resumed as another one", async () => {
    await shard("1/2", "s1");
    const { code, stderr } = await shard("2/2", "s1", {}, "--resume");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("is shard 1/2, not shard 2/2"),
    });
    expect((await fake(["run", "--resume", "--out", "s1", "--quiet"])).code).toBe(0);
    for (const part of ["0/2", "3/2", "1", "a/b"])
      expect(await shard(part, "x")).toMatchObject({ code: 2, stderr: expect.stringContaining("takes i/n") });
  });
});
