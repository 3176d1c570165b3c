/** A prepared run from its first write to its last. */
import { messageOf } from "../../core/errors.ts";
import type { Cell, Run } from "../record/schema.ts";
import {
  acquireLock,
  appendCell,
  clearRunFolder,
  createRunFolder,
  dropTornLine,
  startCells,
  writeRun,
} from "../store/index.ts";
import { execute, type RunObserver } from "./execute.ts";
import { runInChild } from "./isolate.ts";
import type { PreparedRun } from "./prepare.ts";

export interface RunResult {
  readonly run: Run;
  /** Every finished cell, in plan order. */
  readonly cells: readonly Cell[];
}

/** No cell is expected to take a day; one that does has hung. */
const CELL_TIME_LIMIT_MS = 24 * 3_600_000;

/**
 * Writes the run folder, runs the cells, and leaves run.json `complete`, or `partial` where `signal` interrupted it or an
 * error of ours ended it.
 */
export async function performRun(
  prepared: PreparedRun,
  options: { entry: string; signal: AbortSignal; observer: RunObserver },
): Promise<RunResult> {
  const { folder, mode, plan, earlier } = prepared;
  const { entry, signal, observer } = options;
  const clock = performance.now();
  const before = prepared.run.seconds ?? 0;
  await createRunFolder(folder);
  const lock = await acquireLock(folder);
  try {
    if (mode === "force") await clearRunFolder(folder);
    if (mode === "resume") await dropTornLine(folder);
    await writeRun(folder, prepared.run);
    await startCells(folder);
    const finish = async (state: "partial" | "complete"): Promise<Run> => {
      const seconds = before + (performance.now() - clock) / 1000;
      const run = { ...prepared.run, state, finishedAt: new Date().toISOString(), seconds };
      await writeRun(folder, run);
      return run;
    };
    try {
      const { cells, interrupted } = await execute({
        plan,
        earlier,
        signal,
        observer,
        runCell: ({ id }) =>
          runInChild(id, {
            entry,
            folder,
            timeLimitMs: CELL_TIME_LIMIT_MS,
            signal,
            onProgress: observer.progress,
          }),
        store: (cell) => appendCell(folder, cell),
      });
      return { run: await finish(interrupted ? "partial" : "complete"), cells };
    } catch (error) {
      await finish("partial").catch((second: unknown) => {
        throw new AggregateError([error, second], `${messageOf(error)}; and then ${messageOf(second)}`);
      });
      throw error;
    }
  } finally {
    await lock.release();
  }
}
