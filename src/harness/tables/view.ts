/**
 * A run's records as everything that reads them sees them: report, comparison, command. What is computed from a view is
 * computed once (`derived`), so that tables, charts and verdicts can ask for it wherever they need it.
 */
import type { Cell, CellRecord, ModelFacts, RecordOf, Run } from "../record/index.ts";

export interface DoneCell<Kind extends CellRecord["kind"]> {
  readonly id: string;
  readonly record: RecordOf<Kind>;
}

export interface View {
  readonly run: Run;
  readonly cells: readonly Cell[];
  /** What the reader of the run folder had to leave out, in words. */
  readonly notices: readonly string[];
  /** Finished cells of one kind, in the plan's order. */
  done<Kind extends CellRecord["kind"]>(kind: Kind): readonly DoneCell<Kind>[];
  /** Their records. */
  records<Kind extends CellRecord["kind"]>(kind: Kind): readonly RecordOf<Kind>[];
  /** Facts of a model; undefined for one that run.json does not describe. */
  model(id: string): ModelFacts | undefined;
  /** Its title; its id where run.json does not describe it. */
  title(id: string): string;
}

export function viewOf(run: Run, cells: readonly Cell[], notices: readonly string[] = []): View {
  const byKind = new Map<string, DoneCell<CellRecord["kind"]>[]>();
  for (const cell of cells)
    if (cell.state === "done") {
      const { kind } = cell.record;
      if (!byKind.has(kind)) byKind.set(kind, []);
      byKind.get(kind)!.push({ id: cell.id, record: cell.record });
    }
  const models = new Map(run.models.map((model) => [model.id, model]));
  const done = <Kind extends CellRecord["kind"]>(kind: Kind) =>
    (byKind.get(kind) ?? []) as unknown as readonly DoneCell<Kind>[];
  return {
    run,
    cells,
    notices,
    done,
    records: (kind) => done(kind).map(({ record }) => record),
    model: (id) => models.get(id),
    title: (id) => models.get(id)?.title ?? id,
  };
}

/** A function of a view that is computed once for each view. */
export function derived<T>(compute: (view: View) => T): (view: View) => T {
  const known = new WeakMap<View, { readonly value: T }>();
  return (view) => {
    const found = known.get(view) ?? { value: compute(view) };
    known.set(view, found);
    return found.value;
  };
}

/** Groups in the order in which their keys first appear. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => unknown): [T, ...T[]][] {
  const groups = new Map<unknown, [T, ...T[]]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups.values()];
}
