import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { beforeEach, expect, it } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
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

it("lets one in of many that start at once, whatever the dead have left", async () => {
  const dead = spawn(process.execPath, ["-e", ""]);
  await once(dead, "exit");
  const left = JSON.stringify({ pid: dead.pid, started: "1" });
  const take = `${LOCK}.${sha256(`${LOCK}\n${left}`).slice(0, 16)}.take`;
  for (let round = 0; round < 60; round++) {
    if (round % 3 > 0) writeFileSync(join(folder, LOCK), left);
    if (round % 3 > 1) writeFileSync(join(folder, take), left); // of one that died while it took the lock over
    let [owners, most] = [0, 0];
    const ends = await Promise.allSettled(
      Array.from({ length: 8 }, async () => {
        const lock = await acquireLock(folder);
        most = Math.max(most, ++owners);
        await setTimeout(1);
        owners--;
        await lock.release();
      }),
    );
    expect(most).toBe(1);
    for (const end of ends)
      if (end.status === "rejected") expect(end.reason).toMatchObject({ code: "OUTPUT_EXISTS" });
    expect(readdirSync(folder)).toEqual([]);
  }
});

it("of an owner that cannot be seen from here counts as dead after a minute without a sign", async () => {
  const path = join(folder, LOCK);
  writeFileSync(path, JSON.stringify({ pid: 2 ** 22 + 1, started: "1", space: "another container" }));
  await expect(acquireLock(folder)).rejects.toThrow(/process 4194305 of another container or machine.*60 s/);
  const silent = new Date(Date.now() - 61_000);
  utimesSync(path, silent, silent);
  await (await acquireLock(folder)).release();
});

it("is no folder and no link", async () => {
  mkdirSync(join(folder, LOCK));
  await expect(acquireLock(folder)).rejects.toThrow(/run\.lock is not a file.*Remove it/);
  rmdirSync(join(folder, LOCK));
  symlinkSync(join(folder, "nowhere"), join(folder, LOCK));
  await expect(acquireLock(folder)).rejects.toThrow(/run\.lock is not a file/);
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
