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
  sweepRunFolder,
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

export interface CellLimits {
  /** Seconds that a cell of a kind may take; of any kind without an entry, `otherwise`. */
  readonly seconds: Readonly<Record<string, number>>;
  /** No cell is expected to take a day by default; one that does has hung. */
  readonly otherwise: number;
  /** How often a training saves its position; every minute where undefined. */
  readonly saveEverySeconds: number | undefined;
}

export const limitOf = ({ seconds, otherwise }: CellLimits, kind: string): number =>
  Object.hasOwn(seconds, kind) ? seconds[kind]! : otherwise;

/**
 * Writes the run folder, runs the cells, and leaves run.json `complete`, or `partial` where `signal` interrupted it or an
 * error of ours ended it.
 */
export async function performRun(
  prepared: PreparedRun,
  options: { entry: string; limits: CellLimits; signal: AbortSignal; observer: RunObserver },
): Promise<RunResult> {
  const { folder, mode, plan, earlier } = prepared;
  const { entry, limits, signal, observer } = options;
  const clock = performance.now();
  const before = prepared.run.seconds ?? 0;
  await createRunFolder(folder);
  const lock = await acquireLock(folder);
  try {
    if (mode === "force") await clearRunFolder(folder);
    if (mode !== "force") await sweepRunFolder(folder);
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
        runCell: ({ id, kind }) =>
          runInChild(id, {
            entry,
            folder,
            timeLimitMs: 1000 * limitOf(limits, kind),
            saveEverySeconds: limits.saveEverySeconds,
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
