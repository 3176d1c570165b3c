/** Files that are whole or not there: after a crash a reader finds the old text or the new one. */
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes beside the target, flushes to the disk, and renames. */
export async function writeAtomic(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await flushed(temporary, "w", text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await flushFolder(dirname(path));
}

/** Appends and flushes: when it resolves, the text survives a crash. */
export async function appendDurably(path: string, text: string): Promise<void> {
  await flushed(path, "a", text);
}

async function flushed(path: string, mode: "w" | "a", text: string): Promise<void> {
  const file = await open(path, mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename lasts only once its folder is on the disk. Windows has no such operation and needs none. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
