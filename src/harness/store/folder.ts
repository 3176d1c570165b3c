/** The run folder on disk: whether a run may be written there is checked before any work is done. */
import { constants } from "node:fs";
import { access, lstat, readdir, rm, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { checkCreatable, makeFolder, unwritable } from "../../core/disk.ts";
import { badRunFolder, outputExists, outputUnwritable } from "../../core/errors.ts";
import { finalName } from "./atomic.ts";
import { LOCK, refuseIfLocked } from "./lock.ts";

export const RUN_FILE = "run.json";
export const CELLS_FILE = "cells.jsonl";

/** What to do with an existing folder: `new` refuses one that is not empty, `force` replaces a run, `resume` continues it. */
export type OpenMode = "new" | "force" | "resume";

/** What a run writes into its folder: files, and folders with the file extensions that occur in them at any depth. */
const ownFiles = new Set([RUN_FILE, CELLS_FILE, LOCK, "report.html", "tuned.yaml"]);
const ownFolders: Readonly<Record<string, readonly string[]>> = {
  csv: [".csv"],
  samples: [".png"],
  checkpoints: [".safetensors", ".onnx", ".json"],
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
  } else if (entries.length > 0) await checkReplaceable(folder, mode);
  await refuseIfLocked(folder);
}

/** Creates the folder where it is missing. */
export async function createRunFolder(folder: string): Promise<void> {
  await makeFolder(folder).catch((cause: unknown) => {
    throw unwritable(folder, cause);
  });
}

/** Removes everything but the lock. Call `checkRunFolder` first, and hold the lock. */
export async function clearRunFolder(folder: string): Promise<void> {
  for (const entry of await readdir(folder))
    if (entry !== LOCK) await rm(join(folder, entry), { recursive: true });
}

/** Removes the temporary files of writers that were killed. Hold the lock. */
export async function sweepRunFolder(folder: string): Promise<void> {
  for (const path of await readdir(folder, { recursive: true }))
    if (finalName(path) !== path) await rm(join(folder, path), { force: true });
}

async function checkReplaceable(folder: string, mode: "new" | "force"): Promise<void> {
  const foreign = await foreignFiles(folder);
  if (foreign.length > 0) {
    const shown =
      foreign.slice(0, 3).join(", ") + (foreign.length > 3 ? `, … (${foreign.length} in total)` : "");
    throw outputExists(
      `${folder} is not empty and holds files that no run wrote: ${shown}. ` +
        `${mode === "force" ? "--force replaces runs only. " : ""}Choose another --out.`,
    );
  }
  // a run that was killed before its first record has left nothing to continue or to lose
  const holdsRun = (await readdir(folder)).some((entry) => entry !== LOCK && finalName(entry) === entry);
  if (mode === "new" && holdsRun)
    throw outputExists(
      `${folder} already holds a run. Continue it with --resume, replace it with --force, or choose another --out.`,
    );
}

/**
 * Paths below `folder` that a run does not write. Links are among them: what they lead to is not the run's. `below` is the
 * path from the run folder; `extensions` are those that may occur in this subfolder.
 */
async function foreignFiles(folder: string, below = "", extensions?: readonly string[]): Promise<string[]> {
  const foreign: string[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = below + entry.name;
    const name = finalName(entry.name);
    const inside = extensions ?? (Object.hasOwn(ownFolders, name) ? ownFolders[name] : undefined);
    if (entry.isDirectory() && inside) foreign.push(...(await foreignFiles(folder, `${path}/`, inside)));
    else if (!entry.isFile() || !(extensions?.includes(extname(name)) ?? ownFiles.has(name)))
      foreign.push(path);
  }
  return foreign;
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
