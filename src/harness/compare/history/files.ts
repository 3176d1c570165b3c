/** The history folder on disk: read whole, appended to under a lock, never rewritten. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder, unwritable } from "../../../core/disk.ts";
import { BenchError, badHistory, messageOf } from "../../../core/errors.ts";
import { acquireLock, appendDurably, truncateDurably } from "../../store/index.ts";
import { HISTORY_FILE, HISTORY_VERSION, type HistoryEntry, lineOf } from "./entry.ts";
import { type History, parseHistory } from "./parse.ts";

/** An entry without its link to the line before, which `appendHistory` adds. */
export type NewEntry = HistoryEntry extends infer E
  ? E extends HistoryEntry
    ? Omit<E, "schemaVersion" | "previous" | "at">
    : never
  : never;

/** @throws BAD_HISTORY for a folder without a history, a file that cannot be read, and a corrupt line. */
export async function readHistory(folder: string): Promise<History> {
  const text = await textOf(folder);
  if (text === undefined)
    throw badHistory(`${folder} has no ${HISTORY_FILE}. Begin one with bench history add DIR RUN.`);
  return parseHistory(text);
}

/**
 * Appends the entry that `make` returns for the present history, and creates the folder where it is missing. Removes an
 * unfinished last line first. When it resolves, the entry is on the disk.
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
        schemaVersion: HISTORY_VERSION,
        previous: history.last,
        at: new Date().toISOString(),
        ...make(history),
      } as HistoryEntry;
      const path = join(folder, HISTORY_FILE);
      if (history.notices.length > 0) await truncateDurably(path, history.whole);
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

/** undefined where there is no history yet. */
async function textOf(folder: string): Promise<string | undefined> {
  const path = join(folder, HISTORY_FILE);
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" && !(await isFile(folder))) return undefined;
    throw badHistory(
      `${path} cannot be read: ${messageOf(cause)}. Give the folder that bench history add wrote.`,
      cause,
    );
  }
}

const isFile = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isFile() ?? false;
