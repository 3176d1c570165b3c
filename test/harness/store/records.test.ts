import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { readRun } from "../../../src/harness/record/index.ts";
import {
  appendCell,
  dropTornLine,
  mendCells,
  sweepRunFolder,
  writeAtomic,
  writeRun,
} from "../../../src/harness/store/index.ts";
import { temporaryFolders } from "../datasets/fixtures.ts";
import { doneCell, runRecord } from "../run/fixtures.ts";

const temporary = temporaryFolders();
let folder: string;
beforeEach(() => {
  folder = temporary();
});

it("what is written is what is read", async () => {
  const run = runRecord(["a", "b"]);
  await writeRun(folder, run);
  await appendCell(folder, doneCell("b"));
  await appendCell(folder, doneCell("a"));
  expect(await readRun(folder)).toEqual({ run, cells: [doneCell("a"), doneCell("b")], notices: [] });
});

it("a record that is none is never written", async () => {
  await expect(writeRun(folder, { ...runRecord([]), seconds: Number.NaN })).rejects.toThrow();
  await expect(appendCell(folder, { ...doneCell("a"), seconds: Number.NaN })).rejects.toThrow();
  expect(readdirSync(folder)).toEqual([]);
});

describe("an atomic write", () => {
  it("replaces the whole file and leaves nothing beside it", async () => {
    const path = join(folder, "run.json");
    await writeAtomic(path, "a long first text");
    await writeAtomic(path, "short");
    expect(readFileSync(path, "utf8")).toBe("short");
    expect(readdirSync(folder)).toEqual(["run.json"]);
  });

  it("takes bytes, and creates the folders that are missing", async () => {
    const bytes = Uint8Array.from([0, 255, 10]);
    await writeAtomic(join(folder, "a/b/c.bin"), bytes);
    expect(Uint8Array.from(readFileSync(join(folder, "a/b/c.bin")))).toEqual(bytes);
  });

  it("that is killed leaves a file that a sweep removes", async () => {
    const script = `import { readdirSync } from "node:fs";
      import { writeAtomic } from ${JSON.stringify(resolve("src/harness/store/atomic.ts"))};
      const [, folder] = process.argv;
      void writeAtomic(folder + "/report.html", "x".repeat(2 ** 26));
      setInterval(() => readdirSync(folder).length > 0 && process.kill(process.pid, "SIGKILL"), 1);`;
    spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script, folder]);
    expect(readdirSync(folder)).toHaveLength(1);
    await sweepRunFolder(folder);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("that fails leaves the old file and nothing beside it", async () => {
    mkdirSync(join(folder, "run.json"));
    await expect(writeAtomic(join(folder, "run.json"), "x")).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(["run.json"]);
  });
});

describe("a torn last line", () => {
  const path = () => join(folder, "cells.jsonl");

  it("is cut off wherever the write stopped, and the whole lines stay", async () => {
    const [first, second] = [doneCell("a"), doneCell("b")].map((cell) => `${JSON.stringify(cell)}\n`);
    for (let length = 0; length < second!.length; length += 7) {
      writeFileSync(path(), first + second!.slice(0, length));
      await dropTornLine(folder);
      expect(readFileSync(path(), "utf8")).toBe(first);
    }
    writeFileSync(path(), first! + second!);
    await dropTornLine(folder);
    expect(readFileSync(path(), "utf8")).toBe(first! + second!);
  });

  it("may be the only one, and the file may be absent", async () => {
    await dropTornLine(folder);
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(path(), '{"id":"ü'); // two bytes of it are one letter
    await dropTornLine(folder);
    expect(readFileSync(path(), "utf8")).toBe("");
  });
});

it("a damaged line is set aside when a run goes on, and its cell alone is lost", async () => {
  await writeRun(folder, runRecord(["a", "b", "c"]));
  const path = join(folder, "cells.jsonl");
  const [a, b, c] = ["a", "b", "c"].map((id) => JSON.stringify(doneCell(id)));
  for (const damage of [b!.slice(0, 40), b!.replace("1.5", '"long"'), "\u0000\u0000"]) {
    writeFileSync(path, `${a}\n${damage}\n${c}\n`);
    await expect(readRun(folder)).rejects.toThrow(
      /^cells\.jsonl line 2.*bench run --resume, which sets it aside/,
    );
    const { cells, notices } = await readRun(folder, { leaveOutDamaged: true });
    expect(cells.map(({ id }) => id)).toEqual(["a", "c"]);
    expect(notices).toEqual([expect.stringContaining("cells.jsonl line 2")]);
    await mendCells(folder);
    expect(readFileSync(path, "utf8")).toBe(`${a}\n${c}\n`);
    expect(readFileSync(join(folder, "cells.damaged.jsonl"), "utf8").endsWith(`${damage}\n`)).toBe(true);
    expect((await readRun(folder)).cells.map(({ id }) => id)).toEqual(["a", "c"]);
  }
  expect(readFileSync(join(folder, "cells.damaged.jsonl"), "utf8").trimEnd().split("\n")).toHaveLength(3);
});
