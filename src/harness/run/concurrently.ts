/** Runs a plan with many cells at once, each as soon as what it needs is there. */

import type { Cell } from "../record/index.ts";
import { type Execution, type ExecutionResult, reasonToSkip, refuseUnwritable } from "./execute.ts";
import type { Outcome } from "./isolate.ts";
import type { HashedCell } from "./plan.ts";

export interface Ran {
  readonly outcome: Outcome;
  readonly startedAt: string;
  readonly seconds: number;
}

export interface ConcurrentExecution extends Omit<Execution, "runCell"> {
  /** Whether its numbers are timings: it runs when nothing else does. */
  isAlone(cell: HashedCell): boolean;
  runCell(cell: HashedCell): Promise<Ran>;
}

/** As `execute`: the same outcomes, skips and ends, in the order in which the cells finish. */
export async function executeConcurrently(execution: ConcurrentExecution): Promise<ExecutionResult> {
  const { plan, earlier, signal, observer } = execution;
  const finished = new Map<string, Cell>();
  for (const cell of earlier) if (cell.state === "done") finished.set(cell.id, cell);
  const running = new Map<string, Promise<string>>();
  let storing: Promise<void> = Promise.resolve();
  let problem: { error: unknown } | undefined;

  const finish = (planned: HashedCell, { outcome, ...times }: Ran): Promise<void> => {
    const cell: Cell = { id: planned.id, configHash: planned.configHash, ...times, ...outcome };
    storing = storing.then(async () => {
      await execution.store(cell);
      finished.set(cell.id, cell);
      observer.finished(cell);
    });
    return storing;
  };
  const start = (planned: HashedCell): void => {
    observer.started(planned.id, plan.indexOf(planned) + 1, plan.length);
    const ran = async () => {
      try {
        const result = await execution.runCell(planned);
        refuseUnwritable(result.outcome);
        await finish(planned, result);
      } catch (error) {
        problem ??= { error };
      }
      return planned.id;
    };
    running.set(planned.id, ran());
  };

  while (!signal.aborted && !problem) {
    for (const planned of plan) {
      if (finished.has(planned.id) || running.has(planned.id)) continue;
      if (!planned.needs.every((need) => finished.has(need))) continue;
      const why = reasonToSkip(planned, finished);
      if (why !== undefined)
        await finish(planned, {
          outcome: { state: "skipped", why },
          startedAt: new Date().toISOString(),
          seconds: 0,
        });
      else if (!execution.isAlone(planned)) start(planned);
      else if (running.size === 0) {
        start(planned);
        break;
      }
    }
    if (running.size === 0) break;
    running.delete(await Promise.race(running.values()));
  }
  await Promise.all(running.values());
  if (problem && !signal.aborted) throw problem.error;
  const cells = plan.flatMap(({ id }) => finished.get(id) ?? []);
  return { cells, interrupted: signal.aborted && cells.length < plan.length };
}
