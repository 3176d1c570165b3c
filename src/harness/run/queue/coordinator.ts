/** The run's side of a queue: adds cells and waits for their outcomes. */
import { BenchError, messageOf } from "../../../core/errors.ts";
import { limited } from "../../../core/escape.ts";
import { type Finished, finishedSchema, type Task } from "../isolate.ts";
import { loadBullmq, QUEUE, reachQueue } from "./connection.ts";

/**
 * The queue at `url`, for the run `runId`. A job is named by its run and cell, so that a resumed run finds the jobs that
 * workers have finished or are running. @throws USAGE, QUEUE_UNAVAILABLE
 */
export async function openQueue(url: string, runId: string) {
  const { Queue, QueueEvents } = await loadBullmq();
  const connection = await reachQueue(url);
  const queue = new Queue<Task, Finished>(QUEUE, { connection });
  const events = new QueueEvents(QUEUE, { connection });
  const ignored = () => {}; // BullMQ reconnects by itself; a call that fails rejects
  queue.on("error", ignored);
  events.on("error", ignored);
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);

  const enqueue = async (task: Task) => {
    const jobId = `${runId}-${task.id}`;
    const before = await queue.getJob(jobId);
    if (before && (await before.isFailed())) await before.remove();
    return queue.add("cell", task, { jobId });
  };

  return {
    /**
     * The cell as a worker has finished it. `task.folder` must lie at the same path on every machine.
     * @throws when `signal` aborts; the cell is then withdrawn, unless a worker runs it
     */
    async run(task: Task, signal: AbortSignal): Promise<Finished> {
      signal.throwIfAborted();
      const job = await enqueue(task);
      const finished = job.waitUntilFinished(events).catch((error: unknown) => lost(task, messageOf(error)));
      const aborted = new Promise<never>((_, reject) => {
        const interrupt = () => reject(new BenchError("INTERRUPTED", `${task.id} was interrupted`));
        signal.addEventListener("abort", interrupt, { once: true });
      });
      try {
        return checkedResult(task, await Promise.race([finished, aborted]));
      } finally {
        await job.remove().catch(() => {}); // fails for a job that a worker runs: --resume finds it again
      }
    },
    /** Number of workers that are connected. */
    workers: () => queue.getWorkersCount(),
    async close() {
      await Promise.all([queue.close(), events.close()]);
    },
  };
}

export type CellQueue = Awaited<ReturnType<typeof openQueue>>;

/** What a worker has returned, or a failure where it is no result of a cell: anyone who reaches the queue can return one. */
export function checkedResult({ id }: Pick<Task, "id">, returned: unknown): Finished {
  const { success, data, error } = finishedSchema.safeParse(returned);
  if (success) return data;
  const { path, message: problem } = error.issues[0]!;
  const message = `a worker returned no result of ${id}: ${path.join(".")}: ${problem}`;
  return {
    outcome: { state: "failed", code: "CELL_FAILED", message: limited(message) },
    startedAt: new Date().toISOString(),
    seconds: 0,
  };
}

/** The outcome of a job that BullMQ gave up: every worker that took it died. */
function lost({ id }: Task, why: string): Finished {
  const message = `${id} was given up: ${why}. Its workers died or lost the queue each time.`;
  const outcome = { state: "failed", code: "CELL_FAILED", message } as const;
  return { outcome, startedAt: new Date().toISOString(), seconds: 0 };
}
