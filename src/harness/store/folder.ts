/** The run folder as a place on disk: whether a run may be written there, told before any work is done. */
import { constants } from "node:fs";
import { access, lstat, readdir, rm, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { checkCreatable, makeFolder, unwritable } from "../../core/disk.ts";
import { BenchError } from "../../core/errors.ts";
import { LOCK, refuseIfLocked } from "./lock.ts";

export const RUN_FILE = "run.json";
export const CELLS_FILE = "cells.jsonl";

/** How an existing folder is met: `new` refuses one that is not empty, `force` replaces a run, `resume` continues it. */
export type OpenMode = "new" | "force" | "resume";

/** What a run leaves in its folder: files, and folders with the kinds of file below them. */
const ownFiles = new Set([RUN_FILE, CELLS_FILE, LOCK, "report.html"]);
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
  const found = await kindOf(folder);
  if (found === undefined) {
    if (mode === "resume")
      throw new BenchError("BAD_RUN_FOLDER", `there is no run in ${folder} to resume. Leave out --resume.`);
    return await checkCreatable(folder);
  }
  if (found === "file")
    throw new BenchError(
      "OUTPUT_UNWRITABLE",
      `${folder} is a file, where a run needs a folder. Choose another --out.`,
    );
  await access(folder, constants.W_OK | constants.X_OK).catch((cause: unknown) => {
    throw unwritable(folder, cause);
  });
  const entries = await readdir(folder);
  if (mode === "resume") {
    if (!entries.includes(RUN_FILE))
      throw new BenchError("BAD_RUN_FOLDER", `${folder} has no ${RUN_FILE} to resume. Leave out --resume.`);
  } else if (entries.length > 0) await checkReplaceable(folder, mode);
  await refuseIfLocked(folder);
}

/** Creates the folder where it is missing. */
export async function createRunFolder(folder: string): Promise<void> {
  await makeFolder(folder).catch((cause: unknown) => {
    throw unwritable(folder, cause);
  });
}

/** Removes what an earlier run left, but the lock of this one. Check first, and hold the lock. */
export async function clearRunFolder(folder: string): Promise<void> {
  for (const entry of await readdir(folder))
    if (entry !== LOCK) await rm(join(folder, entry), { recursive: true });
}

/** A run that was killed before its first record has left nothing to continue or to lose. */
async function holdsRun(folder: string): Promise<boolean> {
  return (await readdir(folder)).some((entry) => entry !== LOCK && written(entry) === entry);
}

/** Removes what writers left that were killed. Hold the lock. */
export async function sweepRunFolder(folder: string): Promise<void> {
  for (const path of await readdir(folder, { recursive: true }))
    if (written(path) !== path) await rm(join(folder, path), { force: true });
}

async function checkReplaceable(folder: string, mode: "new" | "force"): Promise<void> {
  const foreign = await foreignFiles(folder);
  if (foreign.length === 0) {
    if (mode === "force" || !(await holdsRun(folder))) return;
    throw new BenchError(
      "OUTPUT_EXISTS",
      `${folder} already holds a run. Continue it with --resume, replace it with --force, or choose another --out.`,
    );
  }
  const shown = foreign.slice(0, 3).join(", ") + (foreign.length > 3 ? `, … (${foreign.length} in all)` : "");
  throw new BenchError(
    "OUTPUT_EXISTS",
    `${folder} is not empty and holds what no run wrote: ${shown}. ` +
      `${mode === "force" ? "--force replaces runs only. " : ""}Choose another --out.`,
  );
}

/** Paths below `folder` that a run does not write. Links are foreign: what they lead to is not the run's. */
export async function foreignFiles(folder: string): Promise<string[]> {
  const foreign: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const name = written(entry.name);
    const extensions = Object.hasOwn(ownFolders, name) ? ownFolders[name]! : undefined;
    if (entry.isFile() && ownFiles.has(name)) continue;
    if (!entry.isDirectory() || !extensions) foreign.push(entry.name);
    else foreign.push(...(await foreignBelow(join(folder, entry.name), extensions, `${entry.name}/`)));
  }
  return foreign;
}

async function foreignBelow(
  folder: string,
  extensions: readonly string[],
  prefix: string,
): Promise<string[]> {
  const foreign: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const name = written(entry.name);
    if (entry.isDirectory())
      foreign.push(...(await foreignBelow(join(folder, entry.name), extensions, `${prefix}${entry.name}/`)));
    else if (!entry.isFile() || !extensions.includes(extname(name))) foreign.push(`${prefix}${entry.name}`);
  }
  return foreign;
}

/** What a writer leaves that was killed, as the file it was on its way to. */
const written = (name: string): string => name.replace(/(\.\d+\.tmp|(\.\d+)?\.part)$/, "");

/** undefined where nothing is there; a link counts as what it leads to, one that leads nowhere as a file. */
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
