/** The run's end of a queue: puts cells there and waits for what became of them. */
import { BenchError, messageOf } from "../../../core/errors.ts";
import { loadBullmq, QUEUE, reachQueue } from "./connection.ts";
import type { Finished, Task } from "./task.ts";

export interface CellQueue {
  /** What became of the cell, whoever took it. @throws when `signal` aborts; the cell is then withdrawn, unless a worker has it. */
  run(task: Task, signal: AbortSignal): Promise<Finished>;
  /** Workers that listen. */
  workers(): Promise<number>;
  close(): Promise<void>;
}

/**
 * The queue at `url`, for the run `runId`. A cell's place in it is named by the run and the cell: a coordinator that was
 * killed finds what its workers have done or are doing. @throws USAGE, QUEUE_UNAVAILABLE
 */
export async function openQueue(url: string, runId: string): Promise<CellQueue> {
  const { Queue, QueueEvents } = await loadBullmq();
  const connection = await reachQueue(url);
  const queue = new Queue<Task, Finished>(QUEUE, { connection });
  const events = new QueueEvents(QUEUE, { connection });
  const retried = () => {}; // a lost connection is; what cannot be done rejects its call
  queue.on("error", retried);
  events.on("error", retried);
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);

  const place = async (task: Task) => {
    const jobId = `${runId}-${task.id}`;
    const before = await queue.getJob(jobId);
    if (before && (await before.isFailed())) await before.remove();
    return queue.add("cell", task, { jobId });
  };

  return {
    async run(task, signal) {
      signal.throwIfAborted();
      const job = await place(task);
      const finished = job.waitUntilFinished(events).catch((error: unknown) => lost(task, messageOf(error)));
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener(
          "abort",
          () => reject(new BenchError("INTERRUPTED", `${task.id} was interrupted`)),
          {
            once: true,
          },
        );
      });
      try {
        const result = await Promise.race([finished, aborted]);
        await job.remove().catch(() => {}); // stored by then or not, the run folder tells
        return result;
      } catch (error) {
        await job.remove().catch(() => {}); // one that a worker has stays locked, and is found again by --resume
        throw error;
      }
    },
    workers: () => queue.getWorkersCount(),
    async close() {
      await Promise.all([queue.close(), events.close()]);
    },
  };
}

/** A job that BullMQ gave up: every worker that took it died. */
function lost({ id }: Task, why: string): Finished {
  const message = `${id} was given up: ${why}. Its workers died or lost the queue each time.`;
  return {
    startedAt: new Date().toISOString(),
    seconds: 0,
    outcome: { state: "failed", code: "CELL_FAILED", message },
  };
}
