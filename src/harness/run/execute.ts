/** Runs a plan cell by cell: each outcome is on the disk before the next cell starts. */
import { BenchError } from "../../core/errors.ts";
import type { Cell } from "../record/index.ts";
import type { Progress } from "../stages/contract.ts";
import type { Outcome } from "./isolate.ts";
import type { HashedCell } from "./plan.ts";

export interface RunObserver {
  /** `position` counts from 1. */
  started(id: string, position: number, total: number): void;
  progress(progress: Progress): void;
  finished(cell: Cell): void;
}

export interface Execution {
  readonly plan: readonly HashedCell[];
  /** Cells of an earlier attempt. Those that are done are kept; the others run again. */
  readonly earlier: readonly Cell[];
  readonly signal: AbortSignal;
  readonly observer: RunObserver;
  /** Gives the outcome of a cell, or throws when `signal` aborts. */
  runCell(cell: HashedCell): Promise<Outcome>;
  /** Stores a finished cell durably. */
  store(cell: Cell): Promise<void>;
}

export interface ExecutionResult {
  /** Every finished cell, in plan order. */
  readonly cells: readonly Cell[];
  readonly interrupted: boolean;
}

/**
 * Runs what is not done, in order. A failed cell is an outcome like another; what needs it, at whatever distance, is
 * skipped with the reason. When `signal` aborts, the cell in flight is lost and the rest stays undone.
 */
export async function execute(execution: Execution): Promise<ExecutionResult> {
  const { plan, earlier, signal, observer } = execution;
  const finished = new Map<string, Cell>();
  for (const cell of earlier) if (cell.state === "done") finished.set(cell.id, cell);
  const result = (interrupted: boolean): ExecutionResult => ({
    cells: plan.flatMap(({ id }) => finished.get(id) ?? []),
    interrupted,
  });
  for (const [index, planned] of plan.entries()) {
    if (finished.has(planned.id)) continue;
    if (signal.aborted) return result(true);
    const { id, configHash } = planned;
    const startedAt = new Date().toISOString();
    const clock = performance.now();
    let outcome: Outcome;
    const why = reasonToSkip(planned, finished);
    if (why !== undefined) outcome = { state: "skipped", why };
    else {
      observer.started(id, index + 1, plan.length);
      try {
        outcome = await execution.runCell(planned);
        refuseUnwritable(outcome);
      } catch (error) {
        if (signal.aborted) return result(true);
        throw error;
      }
    }
    const cell: Cell = { id, configHash, startedAt, seconds: (performance.now() - clock) / 1000, ...outcome };
    await execution.store(cell);
    finished.set(id, cell);
    observer.finished(cell);
  }
  return result(false);
}

/** A full disk is no cell's result: no other cell would fare better, and each is to be run again. */
export function refuseUnwritable(outcome: Outcome): void {
  if (outcome.state === "failed" && outcome.code === "OUTPUT_UNWRITABLE")
    throw new BenchError("OUTPUT_UNWRITABLE", outcome.message);
}

/** Why a cell cannot run: what of its needs is not there, in words. */
export function reasonToSkip({ needs }: HashedCell, finished: ReadonlyMap<string, Cell>): string | undefined {
  for (const need of needs) {
    const cell = finished.get(need);
    if (cell?.state === "failed") return `${need} failed`;
    if (cell?.state === "skipped") return `${need} was skipped: ${cell.why}`;
  }
  return undefined;
}
