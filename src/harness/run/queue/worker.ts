/** The worker's side of a queue: takes one cell after the other and runs each in a process of its own. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { BenchError, badConfig, messageOf } from "../../../core/errors.ts";
import { readRun } from "../../record/index.ts";
import { type Finished, runInChild, type Task, taskSchema } from "../isolate.ts";
import { loadBullmq, QUEUE, reachQueue } from "./connection.ts";

/** Workers that may die while they run one cell before it is given up. */
const DEATHS = 3;
/** Workers that may be unable to read a cell's run folder before it is given up: one message is not to end them all. */
const STARTS = 3;
/** Cells in a row whose run folder a worker cannot read before it ends: the fault is then more likely its own. */
const REFUSED = 2;
const PAUSE_MS = 500;

export interface Work {
  readonly url: string;
  readonly entry: string;
  /** After this much silence a worker counts as dead, and another one takes its cell. */
  readonly leaseSeconds: number;
  /** The work ends when no cell has come for this long; never where undefined. */
  readonly idleSeconds: number | undefined;
  /** Aborting returns the running cell to the queue. */
  readonly signal: AbortSignal;
  note(message: string): void;
}

/**
 * The number of cells that were finished, and the id of the cell that was returned to the queue, if one was.
 * @throws USAGE, QUEUE_UNAVAILABLE, and BAD_RUN_FOLDER where this machine can read the run folders of no cells
 */
export async function work(options: Work) {
  const { url, entry, leaseSeconds, idleSeconds, signal, note } = options;
  const { Worker, WaitingError, UnrecoverableError } = await loadBullmq();
  const connection = await reachQueue(url);
  const stop = new AbortController();
  const stopped = AbortSignal.any([signal, stop.signal]);
  let cells = 0;
  let returned: string | undefined;
  let problem: unknown;
  let failed: unknown;
  const refused = new Set<string>();
  let lastWork = Date.now();
  let busy = false;

  const worker = new Worker<Task, Finished>(
    QUEUE,
    async (job, token) => {
      let task: Task;
      try {
        task = taskOf(job.data);
      } catch (error) {
        note(`refusing a message: ${messageOf(error)}`);
        throw new UnrecoverableError(messageOf(error)); // nobody could run it
      }
      busy = true;
      try {
        await readRun(task.folder);
        note(`taking ${task.id} of ${task.folder}`);
        const finished = await runInChild(task, { entry, signal: stopped, onProgress() {}, onNote: note });
        note(`${finished.outcome.state} ${task.id}`);
        cells++;
        refused.clear();
        return finished;
      } catch (error) {
        if (stopped.aborted) returned = task.id;
        else {
          problem = unreachable(error, task);
          note(messageOf(problem));
          if (job.attemptsStarted >= STARTS) throw new UnrecoverableError(messageOf(error));
          refused.add(`${task.folder} ${task.id}`);
        }
        await job.moveToWait(token);
        if (refused.size >= REFUSED) {
          returned = task.id;
          failed = problem;
          stop.abort();
        } else if (!stopped.aborted) await sleep(PAUSE_MS); // another worker may be able to
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
    if (!stopped.aborted) await once(stopped, "abort");
  } finally {
    clearInterval(idle);
    await worker.close();
  }
  if (failed !== undefined) throw failed;
  return { cells, returned };
}

/** What a message asks for. @throws BAD_CONFIG for one that is no cell: anyone who reaches the queue can write one */
export function taskOf(message: unknown): Task {
  const { success, data, error } = taskSchema.safeParse(message);
  if (success) return data;
  const { path, message: problem } = error.issues[0]!;
  throw badConfig(`it is no cell to run: ${path.join(".")}: ${problem}`);
}

/** The error with what a run folder needs, where it is one of the folder. */
function unreachable(error: unknown, { folder }: Task): unknown {
  if (!(error instanceof BenchError) || error.code !== "BAD_RUN_FOLDER") return error;
  return new BenchError(
    error.code,
    `${error.message} A worker reads and writes the run folder itself: ${folder} must lie on shared storage, at the ` +
      "same path on every machine. The cell went back to the queue.",
    { cause: error },
  );
}
