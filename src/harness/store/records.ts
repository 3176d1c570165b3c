/** Writing a run's records: `run.json` whole, `cells.jsonl` line by line. Both survive a kill at any moment. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Cell, cellSchema, parseCells, type Run, readRunFile, runSchema } from "../record/index.ts";
import { appendDurably, truncateDurably, writeAtomic } from "./atomic.ts";
import { CELLS_FILE, DAMAGED_FILE, RUN_FILE } from "./folder.ts";

/** Replaces `run.json`. Throws for a record that the schema refuses: that is a bug of ours. */
export async function writeRun(folder: string, run: Run): Promise<void> {
  await writeAtomic(join(folder, RUN_FILE), `${JSON.stringify(runSchema.parse(run), null, 2)}\n`);
}

/** Creates `cells.jsonl` where it is missing: a run without a finished cell has an empty one. */
export async function startCells(folder: string): Promise<void> {
  await appendDurably(join(folder, CELLS_FILE), "");
}

/** Adds a finished cell; when it resolves, the cell is on the disk. */
export async function appendCell(folder: string, cell: Cell): Promise<void> {
  await appendDurably(join(folder, CELLS_FILE), `${JSON.stringify(cellSchema.parse(cell))}\n`);
}

/**
 * Leaves `cells.jsonl` with lines that can be read: an unfinished last line, which a run that was killed while it wrote
 * leaves behind, is cut off, and damaged ones are moved to `cells.damaged.jsonl`. Hold the lock.
 */
export async function mendCells(folder: string): Promise<void> {
  await dropTornLine(folder);
  const path = join(folder, CELLS_FILE);
  const text = await contentsOf(path);
  const { cells, damaged } = parseCells(text.toString("utf8"), await readRunFile(folder));
  if (damaged.length === 0) return;
  await appendDurably(join(folder, DAMAGED_FILE), damaged.map(({ text }) => `${text}\n`).join(""));
  await writeAtomic(path, cells.map(({ text }) => `${text}\n`).join(""));
}

/** Removes an unfinished last line, which a run that was killed while it wrote leaves behind. */
export async function dropTornLine(folder: string): Promise<void> {
  const path = join(folder, CELLS_FILE);
  const bytes = await contentsOf(path);
  const whole = bytes.lastIndexOf(0x0a) + 1;
  if (whole < bytes.length) await truncateDurably(path, whole);
}

/** Nothing for a file that is not there. */
const contentsOf = (path: string): Promise<Buffer> =>
  readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return Buffer.alloc(0);
    throw error;
  });
