/** The finished records of one kind. */
import type { Cell, CellRecord } from "../../record/index.ts";

export type RecordOf<Kind extends CellRecord["kind"]> = Extract<CellRecord, { kind: Kind }>;

export interface DoneCell<Kind extends CellRecord["kind"]> {
  readonly id: string;
  readonly record: RecordOf<Kind>;
}

/** Records of `kind` with their cell's id, in the order of `cells`. */
export function doneCells<Kind extends CellRecord["kind"]>(
  cells: readonly Cell[],
  kind: Kind,
): DoneCell<Kind>[] {
  return cells.flatMap((cell) =>
    cell.state === "done" && isKind(cell.record, kind) ? [{ id: cell.id, record: cell.record }] : [],
  );
}

function isKind<Kind extends CellRecord["kind"]>(record: CellRecord, kind: Kind): record is RecordOf<Kind> {
  return record.kind === kind;
}

/** Records of `kind`, in the order of `cells`. */
export function records<Kind extends CellRecord["kind"]>(
  cells: readonly Cell[],
  kind: Kind,
): RecordOf<Kind>[] {
  return doneCells(cells, kind).map(({ record }) => record);
}

/** Groups in the order in which their keys first appear. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups.values()];
}
