/** Shards in real processes, with stages that do as told: run apart, joined, and held against the run that was not divided. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cell, readRun } from "../../src/harness/record/index.ts";
import { fakeBench } from "./entries.ts";
import { fakeRooms } from "./fake-rooms.ts";
import { type Ended, here, node, snapshot } from "./process.ts";

const CHAINS = { FAKE_CHAINS: "3" };

/** All runs of this file; `whole` is undivided, s1 to s3 are its shards. */
const cwd = mkdtempSync(join(tmpdir(), "bench-merge-"));
afterAll(() => rmSync(cwd, { recursive: true }));

const fake = (words: readonly string[], env: Record<string, string> = CHAINS): Promise<Ended> =>
  node([fakeBench, ...words], { cwd, env });

/** What ends without a child. */
const fakeHere = (...words: string[]): Promise<Ended> => here(words, cwd, fakeRooms(CHAINS));

const start = ["run", "--suite", "fake.yaml", "--quiet"];

beforeAll(async () => {
  const model = "dcgan: { type: dcgan, images: 8, options: { generatorWidth: 8, discriminatorWidth: 8 } }";
  const dataset = "dataset: { size: 8, train: 8, test: 8 }";
  writeFileSync(join(cwd, "fake.yaml"), `name: fake\n${dataset}\nmodels: { ${model} }\nstages: {}\n`);
  expect((await fake([...start, "--out", "whole"])).code).toBe(0);
  for (const i of [1, 2, 3]) await makeShard(i, 3, `s${i}`);
});

async function makeShard(index: number, count: number, out: string): Promise<void> {
  const { code, stdout, stderr } = await fake([...start, "--shard", `${index}/${count}`, "--out", out]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain(`shard ${index}/${count} is in ${out}; join all with bench merge`);
}

const untimed = (cells: readonly Cell[]) => cells.map((cell) => ({ ...cell, startedAt: "", seconds: 0 }));
const csvOf = (folder: string) =>
  Object.fromEntries(
    Object.entries(snapshot(join(cwd, folder, "csv"))).map(([path, hash]) => [path.split("/").at(-1), hash]),
  );

describe("shards that are merged", () => {
  it.each([3, 5])("are the run that was not divided: %d of them", async (count) => {
    const whole = await readRun(join(cwd, "whole"));
    const names = Array.from({ length: count }, (_, i) =>
      count === 3 ? `s${i + 1}` : `s${i + 1}of${count}`,
    );
    if (count !== 3) for (const [i, name] of names.entries()) await makeShard(i + 1, count, name);
    const merged = await fakeHere("merge", ...names.toReversed(), "--out", `m${count}`, "--json");
    expect({ code: merged.code, stderr: merged.stderr }).toEqual({ code: 0, stderr: "" });
    const { run, cells } = await readRun(join(cwd, `m${count}`));
    expect(untimed(cells)).toEqual(untimed(whole.cells));
    const { config, configHash, plan, models, dataset, command } = whole.run;
    expect(run).toMatchObject({ state: "complete", config, configHash, plan, models, dataset, command });
    expect(run.shard).toBeUndefined();
    expect(run.merged!.shards.map(({ index }) => index)).toEqual(names.map((_, i) => i + 1));
    expect(csvOf(`m${count}`)).toEqual(csvOf("whole"));
  });
});

describe("merge refuses", () => {
  /** A shard's copy that differs from it in one place of a file. */
  const changed = (of: string, name: string, file: string, place: string, value: string) => {
    cpSync(join(cwd, of), join(cwd, name), { recursive: true });
    const path = join(cwd, name, file);
    const text = readFileSync(path, "utf8");
    expect(text.split(place), place).toHaveLength(2);
    writeFileSync(path, text.replace(place, value));
  };

  it("whatever is not the parts of one run, by name, and writes nothing", async () => {
    cpSync(join(cwd, "s1"), join(cwd, "copy"), { recursive: true });
    changed("s1", "half", "run.json", '"count": 3', '"count": 2');
    changed("s2", "other", "run.json", '"seed": 0,\n    "seeds"', '"seed": 5,\n    "seeds"');
    changed("s2", "judged", "cells.jsonl", '"kind":"anchors","n":8', '"kind":"anchors","n":9');
    changed(
      "s2",
      "reduced",
      "run.json",
      '"name": "reference"',
      '"name": "reference", "precision": "float16"',
    );
    changed("s2", "unfinished", "run.json", '"complete"', '"partial"');
    mkdirSync(join(cwd, "taken"));
    writeFileSync(join(cwd, "taken/thesis.doc"), "x");
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
      const ended = await fakeHere("merge", ...names, "--out", "m");
      expect(ended, names.join(" ")).toMatchObject({ code, stderr: expect.stringMatching(message) });
    }
    const taken = await fakeHere("merge", "s1", "s2", "s3", "--out", "taken", "--force");
    expect(taken).toMatchObject({ code: 2, stderr: expect.stringContaining("OUTPUT_EXISTS") });
    expect(await fakeHere("merge", "s1")).toMatchObject({
      code: 2,
      stderr: /merge needs --out; see `bench merge --help`/,
    });
    expect(snapshot(cwd)).toEqual(before);

    const allowed = await fakeHere("merge", "s1", "judged", "s3", "--out", "m", "--allow-mismatch");
    expect(allowed).toMatchObject({ code: 0, stderr: expect.stringContaining("warning: anchors of judged") });
    expect((await readRun(join(cwd, "m"))).run.merged!.mismatches).toHaveLength(1);
  });

  it("a run that is resumed in another precision, and resumes it in its own", async () => {
    const run = (...words: string[]) => fake([...start, "--out", "r", ...words], {});
    const runHere = (...words: string[]) => here([...start, "--out", "r", ...words], cwd, fakeRooms({}));
    const precision = async () => (await readRun(join(cwd, "r"))).run.engine.precision;
    expect((await run("--precision", "float16")).code).toBe(0);
    expect(await precision()).toBe("float16");
    for (const words of [[], ["--precision", "float16"], ["--threads", "1"]])
      expect((await runHere("--resume", ...words)).code, words.join(" ")).toBe(0);
    const before = snapshot(cwd);
    expect(await runHere("--resume", "--precision", "float32")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /NO_ENGINE: .*precision was "float32, sampling in float16" and is "float32".*another --out/s,
      ),
    });
    expect(snapshot(cwd)).toEqual(before);
    expect((await run("--force")).code).toBe(0);
    expect(await precision()).toBeUndefined(); // float32 is not written, so that older versions read it
    expect(await runHere("--resume", "--precision", "float16")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('precision was "float32" and is "float32, sampling in float16"'),
    });
  });

  it("a shard that is resumed as another one", async () => {
    const shard = (part: string, ...words: string[]) => fakeHere(...start, "--shard", part, ...words);
    expect(await shard("2/3", "--resume", "--out", "s1")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("is shard 1/3, not shard 2/3"),
    });
    expect((await fakeHere("run", "--resume", "--out", "s1", "--quiet")).code).toBe(0);
    for (const part of ["0/2", "3/2", "1", "a/b"])
      expect(await shard(part, "--out", "x")).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("takes i/n"),
      });
  });
});
