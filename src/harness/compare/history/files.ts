/** The history folder on disk: read whole, appended to under a lock, never rewritten. */
import { open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder, unwritable } from "../../../core/disk.ts";
import { BenchError, messageOf } from "../../../core/errors.ts";
import { appendDurably } from "../../store/atomic.ts";
import { acquireLock } from "../../store/index.ts";
import { HISTORY_FILE, type History, type HistoryEntry, lineOf, parseHistory } from "../index.ts";

/** What an entry says; its links to the lines before are made here. */
export type NewEntry = HistoryEntry extends infer E
  ? E extends HistoryEntry
    ? Omit<E, "schemaVersion" | "previous" | "at">
    : never
  : never;

/** @throws BAD_HISTORY for a folder without a history, a file that cannot be read, and a corrupt line. */
export async function readHistory(folder: string): Promise<History> {
  const text = await textOf(folder);
  if (text === undefined)
    throw new BenchError(
      "BAD_HISTORY",
      `${folder} has no ${HISTORY_FILE}. Begin one with bench history add DIR RUN.`,
    );
  return parseHistory(text);
}

/**
 * Appends the entry that `make` gives for the history as it stands, the folder being made where it is missing. A line that
 * was cut off while it was written is cut away first. When it resolves, the entry is on the disk.
 * @throws BAD_HISTORY for a corrupt history, OUTPUT_EXISTS while another process writes it, OUTPUT_UNWRITABLE.
 */
export async function appendHistory(
  folder: string,
  make: (history: History) => NewEntry,
): Promise<{ history: History; entry: HistoryEntry }> {
  try {
    await makeFolder(folder);
    const lock = await acquireLock(folder);
    try {
      const history = parseHistory((await textOf(folder)) ?? "");
      const entry = {
        schemaVersion: 1,
        previous: history.last,
        at: new Date().toISOString(),
        ...make(history),
      } as HistoryEntry;
      const path = join(folder, HISTORY_FILE);
      if (history.notices.length > 0) await cutTo(path, history.whole);
      await appendDurably(path, `${lineOf(entry)}\n`);
      return { history, entry };
    } finally {
      await lock.release();
    }
  } catch (cause) {
    if (cause instanceof BenchError || (cause as NodeJS.ErrnoException).code === undefined) throw cause;
    throw unwritable(folder, cause, "Choose another folder.");
  }
}

async function cutTo(path: string, bytes: number): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.truncate(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** undefined where there is no history yet. */
async function textOf(folder: string): Promise<string | undefined> {
  const path = join(folder, HISTORY_FILE);
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" && !(await isFile(folder))) return undefined;
    throw new BenchError(
      "BAD_HISTORY",
      `${path} cannot be read: ${messageOf(cause)}. Give the folder that bench history add wrote.`,
      { cause },
    );
  }
}

const isFile = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isFile() ?? false;
