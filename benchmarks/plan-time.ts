/** How long a plan takes with so many cells at once: the scheduler itself, on a clock that jumps from one end of a cell to the next. */
import type { Cell, Run } from "../src/harness/record/index.ts";
import type { HashedCell } from "../src/harness/run/plan.ts";
import { schedule } from "../src/harness/run/schedule.ts";

export interface TimedPlan {
  readonly plan: Run["plan"];
  /** Seconds of each cell by id. */
  readonly seconds: ReadonlyMap<string, number>;
  /** Kinds of cells that run while no other does. */
  readonly alone: ReadonlySet<string>;
}

const NOBODY = { started() {}, progress() {}, finished() {}, noted() {} };

/** Seconds until the last of the plan's cells has ended, where up to `most` run at once and none slows another. */
export async function planSeconds({ plan, seconds, alone }: TimedPlan, most: number): Promise<number> {
  let now = 0;
  const running: { readonly end: number; readonly finish: () => void }[] = [];
  const ended = schedule({
    plan: plan.map((cell) => ({ ...cell, settings: {} }) as HashedCell), // of a kind that a stage of the day planned
    earlier: [],
    most,
    signal: new AbortController().signal,
    observer: NOBODY,
    isAlone: ({ kind }) => alone.has(kind),
    runsWithout: () => false,
    runCell: ({ id, kind }) =>
      new Promise((resolve) => {
        const record = { kind } as Extract<Cell, { state: "done" }>["record"];
        const taken = seconds.get(id) ?? 0;
        const result = { outcome: { state: "done", record } as const, startedAt: "", seconds: taken };
        running.push({ end: now + taken, finish: () => resolve(result) });
      }),
    store: async () => {},
  });
  let over = false;
  void ended.finally(() => {
    over = true;
  });
  for (;;) {
    // whatever the scheduler starts upon an end is started before the clock goes on
    await new Promise((resolve) => setImmediate(resolve));
    if (over) break;
    running.sort((a, b) => a.end - b.end);
    const next = running.shift();
    if (!next) continue;
    now = next.end;
    next.finish();
  }
  await ended;
  return now;
}
