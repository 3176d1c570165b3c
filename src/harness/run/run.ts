/** A prepared run from its first write to its last. */
import { messageOf } from "../../core/errors.ts";
import type { Cell, Run } from "../record/index.ts";
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
import { type ConcurrentExecution, executeConcurrently } from "./concurrently.ts";
import { execute, type RunObserver } from "./execute.ts";
import { type Outcome, runInChild } from "./isolate.ts";
import type { HashedCell } from "./plan.ts";
import type { PreparedRun } from "./prepare.ts";
import type { CellQueue } from "./queue/coordinator.ts";

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

export interface RunOptions {
  readonly entry: string;
  readonly limits: CellLimits;
  readonly signal: AbortSignal;
  readonly observer: RunObserver;
  /** Where cells are run by workers; those of the kinds in `alone` are run here. */
  readonly queue?: { readonly cells: CellQueue; readonly alone: ReadonlySet<string> };
}

export const limitOf = ({ seconds, otherwise }: CellLimits, kind: string): number =>
  Object.hasOwn(seconds, kind) ? seconds[kind]! : otherwise;

/**
 * Writes the run folder, runs the cells, and leaves run.json `complete`, or `partial` where `signal` interrupted it or an
 * error of ours ended it.
 */
export async function performRun(prepared: PreparedRun, options: RunOptions): Promise<RunResult> {
  const { folder, mode, plan, earlier } = prepared;
  const { entry, limits, signal, observer, queue } = options;
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
      const runHere = ({ id, kind }: HashedCell) =>
        runInChild(id, {
          entry,
          folder,
          timeLimitMs: 1000 * limitOf(limits, kind),
          saveEverySeconds: limits.saveEverySeconds,
          signal,
          onProgress: observer.progress,
        });
      const given = { plan, earlier, signal, observer, store: (cell: Cell) => appendCell(folder, cell) };
      const { cells, interrupted } = queue
        ? await executeConcurrently({ ...given, ...throughQueue(queue, options, folder, runHere) })
        : await execute({ ...given, runCell: runHere });
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

/** Cells by way of the queue, but for those whose numbers are timings. */
function throughQueue(
  { cells, alone }: NonNullable<RunOptions["queue"]>,
  { limits, signal }: RunOptions,
  folder: string,
  runHere: (cell: HashedCell) => Promise<Outcome>,
): Pick<ConcurrentExecution, "isAlone" | "runCell"> {
  const isAlone = ({ kind }: HashedCell) => alone.has(kind);
  return {
    isAlone,
    async runCell(cell) {
      if (isAlone(cell)) {
        const startedAt = new Date().toISOString();
        const clock = performance.now();
        const outcome = await runHere(cell);
        return { outcome, startedAt, seconds: (performance.now() - clock) / 1000 };
      }
      const { saveEverySeconds } = limits;
      const task = { folder, id: cell.id, limitSeconds: limitOf(limits, cell.kind) };
      return cells.run({ ...task, saveEverySeconds }, signal);
    },
  };
}
