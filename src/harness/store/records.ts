/** Writing a run's records: `run.json` whole, `cells.jsonl` line by line. Both survive a kill at any moment. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Cell, cellSchema, type Run, runSchema } from "../record/index.ts";
import { appendDurably, truncateDurably, writeAtomic } from "./atomic.ts";
import { CELLS_FILE, RUN_FILE } from "./folder.ts";

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

/** Removes an unfinished last line, which a run that was killed while it wrote leaves behind. */
export async function dropTornLine(folder: string): Promise<void> {
  const path = join(folder, CELLS_FILE);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return Buffer.alloc(0);
    throw error;
  });
  const whole = bytes.lastIndexOf(0x0a) + 1;
  if (whole < bytes.length) await truncateDurably(path, whole);
}
