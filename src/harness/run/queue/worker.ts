/** The worker's end of a queue: takes one cell after the other and runs each in a process of its own. */
import { BenchError, messageOf } from "../../../core/errors.ts";
import { readRun } from "../../record/index.ts";
import { runInChild } from "../isolate.ts";
import { loadBullmq, QUEUE, reachQueue } from "./connection.ts";
import { type Finished, type Task, taskSchema } from "./task.ts";

/** Workers that may die of one cell before it is given up. */
const DEATHS = 3;

export interface Work {
  readonly url: string;
  readonly entry: string;
  /** A worker that is silent for this long is dead, and its cell another's. */
  readonly leaseSeconds: number;
  /** Ends the work where no cell has come for this long; never where undefined. */
  readonly idleSeconds: number | undefined;
  /** Aborting gives the cell in flight back to the queue. */
  readonly signal: AbortSignal;
  note(message: string): void;
}

export interface Worked {
  readonly cells: number;
  /** A cell that was given back, if one was. */
  readonly returned: string | undefined;
}

/** @throws USAGE, QUEUE_UNAVAILABLE, and BAD_RUN_FOLDER for a cell whose run folder is not to be seen from here. */
export async function work({ url, entry, leaseSeconds, idleSeconds, signal, note }: Work): Promise<Worked> {
  const { Worker, WaitingError } = await loadBullmq();
  const connection = await reachQueue(url);
  const stop = new AbortController();
  const stopped = AbortSignal.any([signal, stop.signal]);
  let cells = 0;
  let returned: string | undefined;
  let problem: unknown;
  let lastWork = Date.now();
  let busy = false;

  const worker = new Worker<Task, Finished>(
    QUEUE,
    async (job, token) => {
      const task = taskSchema.parse(job.data);
      busy = true;
      try {
        await readRun(task.folder);
        note(`taking ${task.id} of ${task.folder}`);
        const startedAt = new Date().toISOString();
        const clock = performance.now();
        const outcome = await runInChild(task.id, {
          entry,
          folder: task.folder,
          timeLimitMs: 1000 * task.limitSeconds,
          saveEverySeconds: task.saveEverySeconds,
          signal: stopped,
          onProgress() {},
        });
        const seconds = (performance.now() - clock) / 1000;
        note(`${outcome.state} ${task.id}`);
        cells++;
        return { startedAt, seconds, outcome };
      } catch (error) {
        if (!stopped.aborted) {
          problem = notSeen(error, task);
          stop.abort();
        }
        returned = task.id;
        await job.moveToWait(token);
        throw new WaitingError();
      } finally {
        busy = false;
        lastWork = Date.now();
      }
    },
    {
      connection,
      concurrency: 1,
      lockDuration: 1000 * leaseSeconds,
      stalledInterval: 1000 * leaseSeconds,
      maxStalledCount: DEATHS,
    },
  );
  worker.on("error", (error) => note(`queue: ${messageOf(error)}`));
  const idle = setInterval(() => {
    if (idleSeconds !== undefined && !busy && Date.now() - lastWork >= 1000 * idleSeconds) stop.abort();
  }, 100);
  try {
    if (!stopped.aborted)
      await new Promise<void>((resolve) =>
        stopped.addEventListener("abort", () => resolve(), { once: true }),
      );
  } finally {
    clearInterval(idle);
    await worker.close();
  }
  if (problem !== undefined) throw problem;
  return { cells, returned };
}

const notSeen = (error: unknown, { folder }: Task): unknown =>
  error instanceof BenchError && error.code === "BAD_RUN_FOLDER"
    ? new BenchError(
        "BAD_RUN_FOLDER",
        `${error.message} A worker reads and writes the run folder itself: ${folder} must lie on shared storage, at the ` +
          "same path on every machine. The cell went back to the queue.",
        { cause: error },
      )
    : error;
