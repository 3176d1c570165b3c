import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
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

it("is taken from a dead owner by one of many", async () => {
  writeFileSync(join(folder, LOCK), '{"pid":');
  const script = `import { acquireLock } from ${JSON.stringify(resolve("src/harness/store/lock.ts"))};
    await acquireLock(${JSON.stringify(folder)}).then(() => process.stdout.write("mine"), () => process.stdout.write("refused"));
    setTimeout(() => {}, 3000);`;
  const children = Array.from({ length: 4 }, () => {
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]);
    return once(child.stdout, "data").then(([word]) => ({ child, word: String(word) }));
  });
  const ends = await Promise.all(children);
  for (const { child } of ends) child.kill("SIGKILL");
  expect(ends.map(({ word }) => word).sort()).toEqual(["mine", "refused", "refused", "refused"]);
  expect(readdirSync(folder)).toEqual([LOCK]);
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
