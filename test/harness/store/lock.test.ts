import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { acquireLock } from "../../../src/harness/store/index.ts";
import { LOCK } from "../../../src/harness/store/lock.ts";
import { temporaryFolders } from "../datasets/fixtures.ts";

const temporary = temporaryFolders();
let folder: string;
beforeEach(() => {
  folder = temporary();
});

it("keeps a second writer out until it is released", async () => {
  const lock = await acquireLock(folder);
  await expect(acquireLock(folder)).rejects.toThrow(`is being written by process ${process.pid}`);
  await lock.release();
  expect(existsSync(join(folder, LOCK))).toBe(false);
  await (await acquireLock(folder)).release();
});

it("is taken over from an owner that died, was never written whole, or whose id another process has now", async () => {
  const child = spawn(process.execPath, ["-e", ""]);
  const dead = child.pid;
  await once(child, "exit");
  for (const left of [JSON.stringify({ pid: dead, started: null }), "", '{"pid":', '{"pid":-1}', "null"]) {
    writeFileSync(join(folder, LOCK), left);
    await (await acquireLock(folder)).release();
  }
});

it.runIf(process.platform === "linux")("tells a process from a later one with the same id", async () => {
  writeFileSync(join(folder, LOCK), JSON.stringify({ pid: process.pid, started: "1" }));
  const lock = await acquireLock(folder);
  const { started } = JSON.parse(readFileSync(join(folder, LOCK), "utf8")) as { started: string };
  expect(Number(started)).toBeGreaterThan(1);
  await lock.release();
});

it("releases its own lock only", async () => {
  const lock = await acquireLock(folder);
  writeFileSync(join(folder, LOCK), "another run's");
  await lock.release();
  expect(readFileSync(join(folder, LOCK), "utf8")).toBe("another run's");
});
