/** Writes that survive a crash: a reader finds the old file or the new one, whole. */
import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "../../core/disk.ts";

/**
 * Replaces the file at `path`, and creates its folder where that is missing: writes a temporary file beside it, flushes
 * that to the disk, and renames it. Two processes may write one file: the last one wins. @throws the system's error
 */
export async function writeAtomic(path: string, contents: string | Uint8Array): Promise<void> {
  const temporary = temporaryName(path);
  await makeFolder(dirname(path));
  try {
    await flushed(temporary, "wx", (file) => file.writeFile(contents));
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {}); // the first error is the one to report
    throw error;
  }
  if (process.platform !== "win32") await flushed(dirname(path), "r"); // a rename lasts once its folder is on the disk
}

/** A name that nobody can guess and put a link at: in a folder that others may write, theirs would be opened. */
export const temporaryName = (path: string): string =>
  `${path}.${process.pid}-${randomBytes(8).toString("hex")}.tmp`;

/** The name of the file that a killed writer left its temporary file `name` for; any other name unchanged. */
export const finalName = (name: string): string => name.replace(/\.\d+(-[0-9a-f]{16})?\.tmp$/, "");

/** Appends and flushes: when it resolves, the text survives a crash. */
export const appendDurably = (path: string, text: string): Promise<void> =>
  flushed(path, "a", (file) => file.writeFile(text));

/** Cuts the file after its first `bytes` bytes and flushes. */
export const truncateDurably = (path: string, bytes: number): Promise<void> =>
  flushed(path, "r+", (file) => file.truncate(bytes));

type FileHandle = Awaited<ReturnType<typeof open>>;

async function flushed(
  path: string,
  mode: string,
  change?: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(path, mode);
  try {
    await change?.(file);
    await file.sync();
  } finally {
    await file.close();
  }
}
