/**
 * One writer per run folder: a lock file that names its owner. A lock whose owner is gone (killed, crashed, or its id given
 * to another process since) is taken over, by one of many that find it.
 *
 * A lock appears whole, by a link to a file that is written before. Its text is unlike any other's, so a lock that was
 * removed never comes back. Whoever removes a dead one holds a second lock first, which is named by the dead one's text,
 * and then looks again; where that second lock's owner died too, it is removed by the same rule.
 */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { link, lstat, open, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { isRunning } from "../../core/child.ts";
import { BenchError, messageOf, outputExists } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { finalName, temporaryName } from "./atomic.ts";

export const LOCK = "run.lock";

/** An owner that cannot be seen from here, in another container or on another machine, shows that it lives this often. */
const BEAT_MS = 5_000;
/** After this long without a sign of life such an owner counts as dead. */
const SILENCE_MS = 60_000;
/** Taking over takes milliseconds. */
const TAKE_MS = 10_000;
const RETRY_MS = 5;

interface Owner {
  readonly pid: number;
  /** See `processStart`. */
  readonly started: string | null;
  /** See `processSpace`; absent in locks of earlier versions. */
  readonly space?: string | null;
}

interface Held {
  readonly text: string;
  readonly owner: Owner | undefined;
  readonly alive: boolean;
}

/**
 * @throws OUTPUT_EXISTS while a living process holds the folder's lock, OUTPUT_UNWRITABLE where the file system makes no
 * hard links
 */
export async function acquireLock(folder: string) {
  const path = join(folder, LOCK);
  const owner: Owner = { pid: process.pid, started: processStart(process.pid), space: processSpace() };
  const mine = JSON.stringify({ ...owner, token: randomBytes(16).toString("hex") });
  const own = temporaryName(path);
  await writeFile(own, mine, { flag: "wx" });
  try {
    const deadline = performance.now() + TAKE_MS;
    while (!(await claim(own, path))) {
      const held = await heldAt(path);
      if (!held) continue; // released in the meantime
      if (held.alive || performance.now() > deadline) throw inUse(folder, held);
      await removeDead(own, path, held.text);
    }
  } finally {
    await rm(own, { force: true });
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {}); // only others read it, and they wait longer than one sign
  }, BEAT_MS).unref();
  return {
    release: async () => {
      clearInterval(beat);
      if ((await readFile(path, "utf8").catch(() => undefined)) === mine) await rm(path, { force: true });
    },
  };
}

/** @throws OUTPUT_EXISTS while a living process holds the folder's lock. Writes nothing. */
export async function refuseIfLocked(folder: string): Promise<void> {
  const held = await heldAt(join(folder, LOCK));
  if (held?.alive) throw inUse(folder, held);
}

/** Removes what processes that died while they took or waited for the lock have left. Hold the lock. */
export async function sweepLocks(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!isOfLock(name) || name === LOCK) continue;
    const path = join(folder, name);
    const held = await heldAt(path).catch(() => undefined);
    const unfinished = held && !held.owner && Date.now() - (await lstat(path)).mtimeMs < SILENCE_MS;
    if (held && !held.alive && !unfinished) await rm(path, { force: true });
  }
}

/** Whether an entry of a run folder is the lock, or is there to take it. */
export const isOfLock = (name: string): boolean =>
  finalName(name) === LOCK ||
  (name.startsWith(`${LOCK}.`) && /^\.[0-9a-f]{16}\.take$/.test(name.slice(LOCK.length)));

/** False where something is at `path` already. The file `own` appears there whole. */
async function claim(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (cause) {
    const { code = "" } = cause as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    if (["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EPROTO"].includes(code))
      throw new BenchError(
        "OUTPUT_UNWRITABLE",
        `${dirname(path)} cannot be locked: its file system makes no hard links (${messageOf(cause)}). Choose a folder ` +
          "on another one.",
        { cause },
      );
    throw cause;
  }
}

/** Removes the lock at `path` while it holds `text`, of a dead owner; returns without having done so where another does. */
async function removeDead(own: string, path: string, text: string): Promise<void> {
  const taken = sha256(`${basename(path)}\n${text}`).slice(0, 16);
  const take = join(dirname(path), `${LOCK}.${taken}.take`);
  if (await claim(own, take)) {
    try {
      if ((await readFile(path, "utf8").catch(() => undefined)) === text) await rm(path, { force: true });
    } finally {
      await rm(take, { force: true });
    }
    return;
  }
  const taker = await heldAt(take);
  if (taker && !taker.alive) await removeDead(own, take, taker.text);
  else await wait(RETRY_MS);
}

/** What is at `path`; undefined for nothing. @throws OUTPUT_EXISTS for what no run puts there */
async function heldAt(path: string): Promise<Held | undefined> {
  try {
    if (!(await lstat(path)).isFile())
      throw outputExists(
        `${path} is not a file, so it is no run's lock. Remove it, or choose another --out.`,
      );
    const file = await open(path, "r");
    try {
      const { mtimeMs } = await file.stat();
      const text = await file.readFile("utf8");
      const owner = ownerIn(text);
      return { text, owner, alive: owner !== undefined && isAlive(owner, mtimeMs) };
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function inUse(folder: string, { owner }: Held): BenchError {
  const elsewhere = owner && !isSeen(owner) ? " of another container or machine" : "";
  const patience = elsewhere ? ` It counts as dead after ${SILENCE_MS / 1000} s without a sign of life.` : "";
  return outputExists(
    `${folder} is being written by process ${owner?.pid ?? "unknown"}${elsewhere}. Wait for it or stop it, or choose ` +
      `another --out.${patience}`,
  );
}

/** undefined for an incomplete text: its owner died while writing it. */
function ownerIn(text: string): Owner | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const { pid, started, space } = value as Partial<Owner>;
    return Number.isSafeInteger(pid) && pid! > 0 ? { pid: pid!, started: started ?? null, space } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the owner's process id means the same process here. */
function isSeen({ space }: Owner): boolean {
  const here = processSpace();
  return typeof space !== "string" || here === null || space === here;
}

function isAlive(owner: Owner, lastSignMs: number): boolean {
  const { pid, started } = owner;
  if (!isSeen(owner)) return Date.now() - lastSignMs < SILENCE_MS;
  if (!isRunning(pid)) return false;
  const now = processStart(pid);
  return started === null || now === null || now === started;
}

/** When a process started: clock ticks since boot on Linux, the output of ps elsewhere, null where unknown. */
function processStart(pid: number): string | null {
  try {
    if (process.platform === "linux") {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null; // field 22; the name may hold blanks
    }
    if (process.platform === "win32") return null;
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || null;
  } catch {
    return null;
  }
}

let space: string | null | undefined;

/** Where process ids mean what they mean here: this start of the machine and this container (Linux); null where unknown. */
function processSpace(): string | null {
  if (space !== undefined) return space;
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    space = sha256(`${boot} ${readlinkSync("/proc/self/ns/pid")}`).slice(0, 16);
  } catch {
    space = null;
  }
  return space;
}
