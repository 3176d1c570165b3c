/** A prepared run from its first write to its last. */
import { messageOf } from "../../core/errors.ts";
import type { Run } from "../record/index.ts";
import type { Progress } from "../stages/contract.ts";
import {
  acquireLock,
  appendCell,
  clearRunFolder,
  createRunFolder,
  mendCells,
  startCells,
  sweepRunFolder,
  writeRun,
} from "../store/index.ts";
import { runInChild, type Task } from "./isolate.ts";
import { companyOf, THREADS_BESIDE } from "./jobs.ts";
import type { HashedCell } from "./plan.ts";
import type { PreparedRun } from "./prepare.ts";
import type { CellQueue } from "./queue/coordinator.ts";
import { type RunObserver, schedule } from "./schedule.ts";

export interface CellLimits {
  /** Seconds that a cell may take, by its kind; `otherwise` for kinds without an entry. */
  readonly seconds: Readonly<Record<string, number>>;
  /** A day by default: a cell that takes longer hangs. */
  readonly otherwise: number;
  /** How often a training saves its position; every minute where undefined. */
  readonly saveEverySeconds: number | undefined;
}

export interface RunOptions {
  readonly entry: string;
  readonly limits: CellLimits;
  readonly signal: AbortSignal;
  readonly observer: RunObserver;
  /** Cells that run at once here, timed ones excepted; a record does not depend on it, timings aside. */
  readonly jobs: number;
  /** Workers that run the cells, timed ones excepted: those run here. */
  readonly queue?: CellQueue;
}

/**
 * Writes the run folder and runs the cells. run.json ends as `complete`, or as `partial` where `signal` interrupted the run
 * or an error of ours ended it.
 */
export async function performRun(prepared: PreparedRun, options: RunOptions) {
  const { folder, mode, plan, earlier, damaged } = prepared;
  const { signal, observer, queue, jobs } = options;
  const clock = performance.now();
  const before = prepared.run.seconds ?? 0;
  await createRunFolder(folder);
  const lock = await acquireLock(folder);
  try {
    if (mode === "force") await clearRunFolder(folder);
    else await sweepRunFolder(folder);
    if (mode === "resume") await mendCells(folder);
    const most = Math.max(jobs, prepared.run.jobs ?? 1);
    const started = { ...prepared.run, jobs: most > 1 ? most : undefined };
    await writeRun(folder, started);
    await startCells(folder);
    const finish = async (state: "partial" | "complete"): Promise<Run> => {
      const seconds = before + (performance.now() - clock) / 1000;
      const run = { ...started, state, finishedAt: new Date().toISOString(), seconds };
      await writeRun(folder, run);
      return run;
    };
    try {
      const isAlone = ({ kind }: HashedCell) => prepared.alone.has(kind);
      const company = companyOf();
      const { cells, interrupted } = await schedule({
        plan,
        earlier,
        damaged,
        most: queue ? Number.POSITIVE_INFINITY : jobs,
        signal,
        observer,
        isAlone,
        runsWithout: prepared.runsWithout,
        store: (cell) => appendCell(folder, cell),
        async runCell(cell) {
          const { id } = cell;
          const task = taskOf(cell, folder, options.limits);
          if (queue && !isAlone(cell)) return queue.run(task, signal);
          const onProgress = (progress: Progress) => observer.progress(id, progress);
          const onNote = (message: string) => observer.noted(id, message);
          const child = { entry: options.entry, signal, onProgress, onNote };
          if (jobs === 1) return runInChild(task, child);
          const threads = isAlone(cell) ? undefined : THREADS_BESIDE;
          const { result, beside } = await company.during(() => runInChild({ ...task, threads }, child));
          return { ...result, beside };
        },
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

function taskOf({ id, kind }: HashedCell, folder: string, limits: CellLimits): Task {
  const { seconds, otherwise, saveEverySeconds } = limits;
  const limitSeconds = Object.hasOwn(seconds, kind) ? seconds[kind]! : otherwise;
  return { folder, id, limitSeconds, saveEverySeconds };
}
