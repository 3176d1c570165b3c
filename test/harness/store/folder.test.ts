import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { BenchError } from "../../../src/core/errors.ts";
import {
  checkRunFolder,
  clearRunFolder,
  createRunFolder,
  type OpenMode,
  sweepRunFolder,
} from "../../../src/harness/store/index.ts";
import { temporaryFolders } from "../datasets/fixtures.ts";
import { runRecord } from "../run/fixtures.ts";

const temporary = temporaryFolders();
let root: string;
beforeEach(() => {
  root = temporary();
});

/** A folder as a run leaves it, with half-written files of one that was killed. */
function runFolder(): string {
  const folder = join(root, "run");
  for (const path of ["csv", "samples", "checkpoints/old"])
    mkdirSync(join(folder, path), { recursive: true });
  const files = [
    "run.json",
    "cells.jsonl",
    "report.html",
    "run.json.77.tmp",
    "csv/latency.csv",
    "samples/real.png",
  ];
  for (const path of [...files, "checkpoints/old/a.safetensors", "checkpoints/b.onnx.78.tmp"])
    writeFileSync(join(folder, path), "x");
  writeFileSync(join(folder, "run.json"), JSON.stringify(runRecord([])));
  return folder;
}

const listed = (folder: string) => readdirSync(folder, { recursive: true }).map(String).sort();

const refusal = (folder: string, mode: OpenMode): Promise<string> =>
  checkRunFolder(folder, mode).then(
    () => "accepted",
    (error: unknown) => (error instanceof BenchError ? `${error.code} ${error.message}` : String(error)),
  );

describe("a new run", () => {
  it("takes a folder that is absent, at any depth, or empty, and creates nothing by looking", async () => {
    expect(await refusal(join(root, "a/b/c"), "new")).toBe("accepted");
    expect(await refusal(root, "new")).toBe("accepted");
    expect(readdirSync(root)).toEqual([]);
    await createRunFolder(join(root, "a/b/c"));
    expect(readdirSync(join(root, "a/b/c"))).toEqual([]);
  });

  it("takes a folder whose run was killed before its first record", async () => {
    writeFileSync(join(root, "run.lock"), '{"pid":');
    writeFileSync(join(root, "run.json.77.tmp"), "{");
    expect(await refusal(root, "new")).toBe("accepted");
  });

  it("is refused where a run or anything else is", async () => {
    expect(await refusal(runFolder(), "new")).toMatch(
      /^OUTPUT_EXISTS .*already holds a run.*--resume.*--force/,
    );
    writeFileSync(join(root, "thesis.doc"), "x");
    expect(await refusal(root, "new")).toMatch(
      /^OUTPUT_EXISTS .*holds files that no run wrote: .*thesis\.doc/,
    );
  });

  it("is refused where a file is in its place or above it, and where a link leads nowhere", async () => {
    const file = join(root, "file");
    writeFileSync(file, "x");
    expect(await refusal(file, "new")).toMatch(/^OUTPUT_UNWRITABLE .*is a file, not a folder/);
    expect(await refusal(join(file, "run"), "new")).toBe(
      `OUTPUT_UNWRITABLE ${join(file, "run")} cannot be created: ${file} is a file. Choose another --out.`,
    );
    expect(await refusal(join(file, "a/b"), "force")).toMatch(/^OUTPUT_UNWRITABLE/);
    symlinkSync(join(root, "nowhere"), join(root, "link"));
    expect(await refusal(join(root, "link"), "new")).toMatch(/^OUTPUT_UNWRITABLE/);
  });
});

describe("--force", () => {
  it("replaces what a run has left, and only that", async () => {
    const folder = runFolder();
    expect(await refusal(folder, "force")).toBe("accepted");
    writeFileSync(join(folder, "run.lock"), "held");
    await clearRunFolder(folder);
    expect(readdirSync(folder)).toEqual(["run.lock"]);
  });

  it.each(["notes.txt", "csv/latency.xlsx", "samples/deep/photo.jpg", "run.json.bak", "constructor"])(
    "refuses a folder that also holds %s",
    async (path) => {
      const folder = runFolder();
      mkdirSync(join(folder, "samples/deep"));
      writeFileSync(join(folder, path), "x");
      expect(await refusal(folder, "force")).toMatch(/^OUTPUT_EXISTS .*--force replaces runs only/);
      expect(await refusal(folder, "force")).toContain(path);
    },
  );

  it("replaces reports in every form, and what a killed merge or clearing left", async () => {
    const folder = runFolder();
    for (const path of ["figures", "specs", "merging/samples"])
      mkdirSync(join(folder, path), { recursive: true });
    const files = [
      "report.md",
      "figures/a.svg",
      "specs/a.vl.json",
      "cells.damaged.jsonl",
      "merging/run.json",
    ];
    for (const path of [...files, "merging/samples/real.png", "run.lock.0123456789abcdef.take"])
      writeFileSync(join(folder, path), "x");
    expect(await refusal(folder, "force")).toBe("accepted");
    await clearRunFolder(folder);
    expect(listed(folder).filter((path) => !path.endsWith(".take"))).toEqual([]); // too young to be a dead one's
  });

  it("replaces nothing without the record of a run, however its files are called", async () => {
    const files = [
      "samples/holiday.png",
      "csv/taxes.csv",
      "checkpoints/model.safetensors",
      "checkpoints/config.json",
    ];
    for (const path of ["samples", "csv", "checkpoints"]) mkdirSync(join(root, path));
    for (const path of files) writeFileSync(join(root, path), "mine");
    for (const run of [undefined, "x", "{}", '{"schemaVersion":3,"scripts":{}}']) {
      if (run !== undefined) writeFileSync(join(root, "run.json"), run);
      const before = listed(root);
      expect(await refusal(root, "force")).toMatch(
        /^OUTPUT_EXISTS .*holds no run: .*run\.json.*--force replaces runs only/,
      );
      await expect(clearRunFolder(root)).rejects.toThrow("holds no run");
      expect(listed(root)).toEqual(before);
    }
  });

  it("removes nothing where other files have come since it looked", async () => {
    const folder = runFolder();
    expect(await refusal(folder, "force")).toBe("accepted");
    writeFileSync(join(folder, "thesis.tex"), "mine");
    mkdirSync(join(folder, "mydir"));
    const before = listed(folder);
    await expect(clearRunFolder(folder)).rejects.toThrow("thesis.tex");
    expect(listed(folder)).toEqual(before);
  });

  it("refuses links, which lead to what is not the run's", async () => {
    const folder = runFolder();
    symlinkSync(root, join(folder, "csv/elsewhere.csv"));
    expect(await refusal(folder, "force")).toContain("csv/elsewhere.csv");
  });
});

it("what killed writers left is swept away, and nothing else", async () => {
  const folder = runFolder();
  writeFileSync(join(folder, "checkpoints/b.onnx.123.tmp"), "x");
  await sweepRunFolder(folder);
  expect(readdirSync(folder, { recursive: true }).sort()).toEqual([
    "cells.jsonl",
    "checkpoints",
    "checkpoints/old",
    "checkpoints/old/a.safetensors",
    "csv",
    "csv/latency.csv",
    "report.html",
    "run.json",
    "samples",
    "samples/real.png",
  ]);
});

it("a sweep takes no foreign file, and follows no link", async () => {
  const folder = runFolder();
  const elsewhere = join(root, "elsewhere");
  const foreign = ["doc.123.tmp", "run.json.123.tmp", "movie.mkv.part"];
  for (const place of [elsewhere, join(folder, "other")]) {
    mkdirSync(place);
    for (const name of foreign) writeFileSync(join(place, name), "mine");
  }
  writeFileSync(join(folder, "notes.txt.123.tmp"), "mine");
  symlinkSync(elsewhere, join(folder, "link"));
  symlinkSync(elsewhere, join(folder, "samples/link"));
  symlinkSync(join(elsewhere, "doc.123.tmp"), join(folder, "cells.jsonl.123.tmp"));
  const before = listed(folder);
  await sweepRunFolder(folder);
  const swept = ["checkpoints/b.onnx.78.tmp", "run.json.77.tmp"];
  expect(listed(folder)).toEqual(before.filter((path) => !swept.includes(path)));
  expect(readdirSync(elsewhere).sort()).toEqual(foreign.toSorted());
});

it("--resume needs a run", async () => {
  expect(await refusal(runFolder(), "resume")).toBe("accepted");
  expect(await refusal(join(root, "absent"), "resume")).toMatch(/^BAD_RUN_FOLDER there is no run/);
  expect(await refusal(root, "resume")).toMatch(/^BAD_RUN_FOLDER .*has no run\.json/);
});

it.each(["new", "force", "resume"] as const)(
  "%s waits for nobody: a folder in use is refused",
  async (mode) => {
    const folder = mode === "new" ? root : runFolder();
    const { acquireLock } = await import("../../../src/harness/store/index.ts");
    const lock = await acquireLock(folder);
    expect(await refusal(folder, mode)).toMatch(
      mode === "new" ? /^OUTPUT_EXISTS/ : new RegExp(`^OUTPUT_EXISTS .*written by process ${process.pid}`),
    );
    await lock.release();
    expect(await refusal(folder, mode)).toBe("accepted");
  },
);
