/** Runs the cells of a plan, some at once, each after the cells that it needs. Every outcome is stored as it comes. */
import { assert, outputUnwritable } from "../../core/errors.ts";
import { canonicalJson } from "../../core/hash.ts";
import { type Cell, filesIn } from "../record/index.ts";
import type { Progress } from "../stages/contract.ts";
import type { Finished, Outcome } from "./isolate.ts";
import { type HashedCell, whyMissing } from "./plan.ts";

export interface RunObserver {
  /** `position` counts from 1. */
  started(id: string, position: number, total: number): void;
  progress(id: string, progress: Progress): void;
  /** Something to know about a cell that runs. */
  noted(id: string, message: string): void;
  finished(cell: Cell): void;
}

export interface Schedule {
  readonly plan: readonly HashedCell[];
  /** Cells of an earlier attempt. Those that are done are kept; the others run again. */
  readonly earlier: readonly Cell[];
  /**
   * Cells that were done, and whose files are lost or damaged: they run again. Where the files then differ from those that
   * were recorded, so do all cells that read them.
   */
  readonly damaged?: readonly Cell[];
  /** Cells that may run at once, at least 1. With 1 they run in plan order. */
  readonly most: number;
  readonly signal: AbortSignal;
  readonly observer: RunObserver;
  /** True for a cell whose results are timings: it runs while no other cell does. */
  isAlone(cell: HashedCell): boolean;
  /** True for a cell that has something to do without these of its needs, which failed or were skipped. */
  runsWithout(cell: HashedCell, missing: readonly string[]): boolean;
  /** Gives the outcome of a cell. May throw once `signal` aborts. */
  runCell(cell: HashedCell): Promise<Finished>;
  /** Stores a finished cell durably. Called for one cell at a time. */
  store(cell: Cell): Promise<void>;
}

/**
 * Runs every cell that is not done. A timed cell that waits for the others to end lets no later cell of the plan start
 * before it. A failed cell is an outcome like any other; cells that need it, directly or through others, are skipped with
 * the reason, or do without it where they can. One that did without runs again with what it lacked. When `signal` aborts, cells that are running are lost and the rest stay undone.
 * @throws OUTPUT_UNWRITABLE, and whatever `store` throws, after the cells that are running have ended
 */
export async function schedule(request: Schedule) {
  const { plan, most, signal, observer } = request;
  const finished = new Map<string, Cell>();
  const lacked = new Set(request.earlier.filter(({ state }) => state !== "done").map(({ id }) => id));
  const whole = new Set(
    plan.filter(({ needs }) => !needs.some((need) => lacked.has(need))).map(({ id }) => id),
  );
  for (const cell of request.earlier)
    if (cell.state === "done" && whole.has(cell.id)) finished.set(cell.id, cell);
  const running = new Map<string, Promise<void>>();
  const errors: unknown[] = [];
  let stored = Promise.resolve();

  const finish = ({ id, configHash }: HashedCell, { outcome, ...times }: Finished): Promise<void> => {
    const cell: Cell = { ...times, ...outcome, id, configHash };
    stored = stored.then(async () => {
      await request.store(cell);
      finished.set(id, cell);
      observer.finished(cell);
      const before = request.damaged?.find((damaged) => damaged.id === id);
      if (before && filesOf(before) !== filesOf(cell)) forgetReaders(id);
    });
    return stored;
  };
  const forgetReaders = (id: string): void => {
    for (const reader of plan)
      if (reader.needs.includes(id) && finished.delete(reader.id)) forgetReaders(reader.id);
  };
  const run = async (cell: HashedCell): Promise<void> => {
    try {
      const result = await request.runCell(cell).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      if (!result) return; // interrupted: it runs again when the run is resumed
      refuseUnwritable(result.outcome);
      await finish(cell, ofKind(cell, result));
    } catch (error) {
      errors.push(error);
    } finally {
      running.delete(cell.id);
    }
  };
  /** Starts and skips what can be, in plan order. */
  const advance = async (): Promise<void> => {
    for (const [index, cell] of plan.entries()) {
      if (running.size >= most) return;
      if (finished.has(cell.id) || running.has(cell.id) || !cell.needs.every((need) => finished.has(need)))
        continue;
      const missing = cell.needs.filter((need) => finished.get(need)!.state !== "done");
      const skips = missing.length > 0 && !request.runsWithout(cell, missing);
      const why = skips ? whyMissing(finished.get(missing[0]!)!) : undefined;
      const alone = request.isAlone(cell);
      if (why !== undefined) {
        const startedAt = new Date().toISOString();
        await finish(cell, { outcome: { state: "skipped", why }, startedAt, seconds: 0 });
      } else {
        if (alone && running.size > 0) return;
        observer.started(cell.id, index + 1, plan.length);
        running.set(cell.id, run(cell));
        if (alone) return;
      }
    }
  };

  while (!signal.aborted && errors.length === 0) {
    await advance().catch((error: unknown) => errors.push(error));
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  await Promise.all(running.values());
  if (errors.length > 0) throw errors[0];
  const cells = plan.flatMap(({ id }) => finished.get(id) ?? []);
  assert(signal.aborted || cells.length === plan.length, "the schedule left cells undone");
  /** Every finished cell, in plan order. */
  return { cells, interrupted: cells.length < plan.length };
}

/** The result, or a failure in place of a record that is not of the cell's stage. */
function ofKind({ id, kind }: HashedCell, result: Finished): Finished {
  const { outcome } = result;
  if (outcome.state !== "done" || outcome.record.kind === kind) return result;
  const message = `${id} gave a record of ${outcome.record.kind}, not of ${kind}`;
  return { ...result, outcome: { state: "failed", code: "INTERNAL", message } };
}

const filesOf = (cell: Cell): string =>
  cell.state === "done" ? canonicalJson(filesIn(cell.record)) : cell.state;

/** A full disk is not the cell's result: every other cell would fail too, and all of them are to run again. */
function refuseUnwritable(outcome: Outcome): void {
  if (outcome.state === "failed" && outcome.code === "OUTPUT_UNWRITABLE")
    throw outputUnwritable(outcome.message);
}
