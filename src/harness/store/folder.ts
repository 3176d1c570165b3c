/** The run folder on disk: whether a run may be written there is checked before any work is done. */
import { constants } from "node:fs";
import { access, lstat, readdir, rm, rmdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { checkCreatable, makeFolder, unwritable } from "../../core/disk.ts";
import { badRunFolder, messageOf, outputExists, outputUnwritable } from "../../core/errors.ts";
import { readRunFile } from "../record/index.ts";
import { finalName } from "./atomic.ts";
import { isOfLock, refuseIfLocked, sweepLocks } from "./lock.ts";

export const RUN_FILE = "run.json";
export const CELLS_FILE = "cells.jsonl";
/** Lines of `cells.jsonl` that could not be read and were set aside. */
export const DAMAGED_FILE = "cells.damaged.jsonl";
/** Where a merge builds a run before it takes its place, as a run folder within the run folder. */
export const MERGING = "merging";

/** What to do with an existing folder: `new` refuses one that is not empty, `force` replaces a run, `resume` continues it. */
export type OpenMode = "new" | "force" | "resume";

/** What a run and its reports write into its folder: files, and folders with the file extensions that occur in them at any depth. */
const ownFiles = new Set([RUN_FILE, CELLS_FILE, DAMAGED_FILE, "report.html", "report.md", "tuned.yaml"]);
const ownFolders: Readonly<Record<string, readonly string[]>> = {
  csv: [".csv"],
  samples: [".png"],
  checkpoints: [".safetensors", ".onnx", ".json"],
  figures: [".svg"],
  specs: [".json"],
};

/**
 * Refuses a folder that a run cannot be written to, and leaves nothing behind. @throws OUTPUT_EXISTS for a run or
 * foreign files in it, OUTPUT_UNWRITABLE for a file in its place or above it, BAD_RUN_FOLDER for nothing to resume.
 */
export async function checkRunFolder(folder: string, mode: OpenMode): Promise<void> {
  const kind = await kindOf(folder);
  if (kind === undefined) {
    if (mode === "resume") throw badRunFolder(`there is no run in ${folder} to resume. Leave out --resume.`);
    return await checkCreatable(folder);
  }
  if (kind === "file") throw outputUnwritable(`${folder} is a file, not a folder. Choose another --out.`);
  await access(folder, constants.W_OK | constants.X_OK).catch((cause: unknown) => {
    throw unwritable(folder, cause);
  });
  const entries = await readdir(folder);
  if (mode === "resume") {
    if (!entries.includes(RUN_FILE))
      throw badRunFolder(`${folder} has no ${RUN_FILE} to resume. Leave out --resume.`);
  } else await checkReplaceable(folder, mode);
  await refuseIfLocked(folder);
}

/** Creates the folder where it is missing. */
export async function createRunFolder(folder: string): Promise<void> {
  await makeFolder(folder).catch((cause: unknown) => {
    throw unwritable(folder, cause);
  });
}

const isBelow = (path: string, folder: string | undefined): boolean =>
  folder !== undefined && (path === folder || path.startsWith(`${folder}/`));

/**
 * Removes the run, and nothing that no run wrote. Hold the lock: the folder is listed again, because it may have changed
 * since `checkRunFolder`. `run.json` goes last, so that a clearing that was killed can be repeated. `keep` stays.
 * @throws OUTPUT_EXISTS for a folder that holds anything else, of which nothing is then removed
 */
export async function clearRunFolder(folder: string, keep?: typeof MERGING): Promise<void> {
  for (const { path, kind } of await checkReplaceable(folder, "force")) {
    if (kind === "lock" || path === RUN_FILE || isBelow(path, keep)) continue;
    if (kind === "folder") await removeFolder(join(folder, path));
    else await rm(join(folder, path), { force: true });
  }
  await rm(join(folder, RUN_FILE), { force: true });
  await sweepLocks(folder);
}

/** Removes the temporary files of writers that were killed, and what a merge left that was. Hold the lock. */
export async function sweepRunFolder(folder: string): Promise<void> {
  for (const { path, kind } of await entriesOf(folder)) {
    if (!(kind === "temporary" || isBelow(path, MERGING)) || kind === "foreign") continue;
    if (kind === "folder") await removeFolder(join(folder, path));
    else await rm(join(folder, path), { force: true });
  }
  await sweepLocks(folder);
}

async function removeFolder(path: string): Promise<void> {
  await rmdir(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return;
    if (cause.code !== "ENOTEMPTY" && cause.code !== "EEXIST") throw cause;
    throw outputExists(
      `${path} holds files that no run wrote, and is left as it is. Move them away, or choose another --out.`,
      cause,
    );
  });
}

/** The entries of a folder in which nothing is foreign. */
async function checkReplaceable(folder: string, mode: "new" | "force"): Promise<Entry[]> {
  const entries = await entriesOf(folder);
  const foreign = entries.filter(({ kind }) => kind === "foreign").map(({ path }) => path);
  if (foreign.length > 0) {
    const shown =
      foreign.slice(0, 3).join(", ") + (foreign.length > 3 ? `, … (${foreign.length} in total)` : "");
    throw outputExists(
      `${folder} is not empty and holds files that no run wrote: ${shown}. ` +
        `${mode === "force" ? "--force replaces runs only. " : ""}Choose another --out.`,
    );
  }
  // a run that was killed before its first record has left nothing to continue or to lose
  const holdsRun = entries.some(
    ({ path, kind }) => (kind === "own" || kind === "folder") && !isBelow(path, MERGING),
  );
  if (!holdsRun) return entries;
  const why = await readRunFile(folder).then(
    () => undefined,
    (error: unknown) => messageOf(error),
  );
  if (why !== undefined)
    throw outputExists(
      `${folder} is not empty and holds no run: ${why} --force replaces runs only. Choose another --out, or remove the ` +
        "folder yourself.",
    );
  if (mode === "new")
    throw outputExists(
      `${folder} already holds a run. Continue it with --resume, replace it with --force, or choose another --out.`,
    );
  return entries;
}

interface Entry {
  /** From the run folder, with forward slashes. */
  readonly path: string;
  /** Of a name that a run gives, in the place where it gives it; or not. A link is foreign: what it leads to is not the run's. */
  readonly kind: "own" | "temporary" | "folder" | "lock" | "foreign";
}

/**
 * Everything in a run folder, what is in a folder before the folder itself. What is below a foreign folder is not listed.
 * `below` is the path from the run folder; `extensions` are those that may occur in this subfolder.
 */
async function entriesOf(folder: string, below = "", extensions?: readonly string[]): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = below + entry.name;
    if (entry.isDirectory()) {
      const run = below === "" && entry.name === MERGING;
      const inside =
        extensions ?? (Object.hasOwn(ownFolders, entry.name) ? ownFolders[entry.name] : undefined);
      if (run || inside)
        entries.push(...(await entriesOf(folder, `${path}/`, inside)), { path, kind: "folder" });
      else entries.push({ path, kind: "foreign" });
      continue;
    }
    const name = finalName(entry.name);
    const own = entry.isFile() && (extensions?.includes(extname(name)) ?? ownFiles.has(name));
    if (below === "" && entry.isFile() && isOfLock(entry.name)) entries.push({ path, kind: "lock" });
    else entries.push({ path, kind: own ? (name === entry.name ? "own" : "temporary") : "foreign" });
  }
  return entries;
}

/** undefined where nothing is there. A link counts as its target; a link that leads nowhere counts as a file. */
async function kindOf(path: string): Promise<"folder" | "file" | undefined> {
  try {
    await lstat(path);
    return (await stat(path).catch(() => undefined))?.isDirectory() ? "folder" : "file";
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined; // ENOTDIR: a parent is a file, found further up
    throw unwritable(path, cause);
  }
}
