/** Places that take no files: every command that is given one says so, at once and by exit code 2. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { temporaryFolders } from "../harness/datasets/fixtures.ts";
import { writeFixture } from "../harness/report/fixture.ts";
import { bench } from "./entries.ts";
import { node, snapshot } from "./process.ts";

const temporary = temporaryFolders();
let cwd: string;
beforeEach(async () => {
  cwd = temporary();
  await writeFixture(join(cwd, "run"));
});

/** Long enough for a slow machine, and short of what a loop without end takes. */
const PATIENCE_MS = 30_000;

/** Command lines by what they write, PLACE being a folder that cannot be. */
const commands: Readonly<Record<string, readonly string[]>> = {
  run: ["run", "--out", "PLACE"],
  evaluate: ["evaluate", "--real", "run", "--generated", "run", "--out", "PLACE"],
  "report, side by side": ["report", "run", "run", "--out", "PLACE"],
  sample: ["sample", "--checkpoint", "x", "--out", "PLACE/x.png"],
  export: ["export", "--run", "run", "--model", "ddpm", "--out", "PLACE/x.onnx"],
  calibrate: ["calibrate", "--write", "PLACE/x.yaml"],
  compare: ["compare", "run", "run", "--junit", "PLACE/x.xml"],
  "history add": ["history", "add", "PLACE", "run"],
};

async function isRefused(words: readonly string[], place: string) {
  const before = snapshot(cwd);
  const { code, stderr, stdout } = await node([bench, ...words.map((word) => word.replace("PLACE", place))], {
    cwd,
    onStart: (child) => void setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS).unref(),
  });
  expect(stderr).toMatch(/^error OUTPUT_UNWRITABLE: .*Choose another/m);
  expect(stderr).toContain(place);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(snapshot(cwd)).toEqual(before);
}

describe("a file system that takes no new entries", () => {
  const there = process.platform === "linux";
  if (!there) console.warn("unwritable file systems are not tested: there is no /proc on this system");
  it.skipIf(!there).each(Object.entries(commands))("%s", async (_, words) => {
    await isRefused(words, "/proc/nowhere/deep");
  });

  it.skipIf(!there)("run, which would lie in its root", async () => {
    await isRefused(commands.run!, "/proc/nowhere");
  });
});

it.each(Object.entries(commands))("a file in the way: %s", async (_, words) => {
  writeFileSync(join(cwd, "file"), "mine");
  await isRefused(words, join(cwd, "file/deep"));
});

describe("a folder that may only be read", () => {
  const root = process.getuid?.() === 0;
  if (root) console.warn("read-only folders are not tested: root may write everywhere");
  it.skipIf(root || process.platform === "win32").each(Object.entries(commands))("%s", async (_, words) => {
    const locked = join(cwd, "locked");
    mkdirSync(locked);
    chmodSync(locked, 0o555);
    await isRefused(words, join(locked, "deep"));
  });
});
