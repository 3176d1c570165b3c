/**
 * One writer per run folder: a lock file that names its owner by process id and start time. A lock whose owner is gone
 * (killed, crashed, or its id given to another process since) is taken over.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { outputExists } from "../../core/errors.ts";

export const LOCK = "run.lock";

interface Owner {
  readonly pid: number;
  /** See `processStart`. */
  readonly started: string | null;
}

/** @throws OUTPUT_EXISTS while a living process holds the folder's lock. */
export async function acquireLock(folder: string) {
  const path = join(folder, LOCK);
  const mine = JSON.stringify({ pid: process.pid, started: processStart(process.pid) } satisfies Owner);
  for (;;) {
    try {
      await writeFile(path, mine, { flag: "wx" });
      return {
        release: async () => {
          if ((await readFile(path, "utf8").catch(() => undefined)) === mine) await rm(path, { force: true });
        },
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    await refuseIfLocked(folder);
    await takeAway(path);
  }
}

/**
 * Removes the lock of a dead owner, and no other. Of two processes that find it, one moves it away; a lock that another
 * process has set in the meantime is put back.
 */
async function takeAway(path: string): Promise<void> {
  const aside = `${path}.${process.pid}.tmp`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return; // another one was faster
    throw error;
  }
  const owner = ownerIn(await readFile(aside, "utf8"));
  if (owner && isAlive(owner)) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

/** @throws OUTPUT_EXISTS while a living process holds the folder's lock. Writes nothing. */
export async function refuseIfLocked(folder: string): Promise<void> {
  const path = join(folder, LOCK);
  const text = await readFile(path, "utf8").catch(() => undefined);
  const owner = text === undefined ? undefined : ownerIn(text);
  if (owner && isAlive(owner))
    throw outputExists(
      `${folder} is being written by process ${owner.pid}. Wait for it or stop it, or choose another --out.`,
    );
}

/** undefined for an incomplete text: its owner died while writing it. */
function ownerIn(text: string): Owner | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const { pid, started } = value as Partial<Owner>;
    return Number.isSafeInteger(pid) && pid! > 0 ? { pid: pid!, started: started ?? null } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, started }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false; // EPERM: it lives, and is another user's
  }
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
