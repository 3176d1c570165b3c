/**
 * Divides a plan among machines. A cell stays with the cells whose files it reads, so that no shard needs another one.
 * Cells of a `common` stage (the judge, the anchors) are computed again in every shard that reads them: they follow from
 * the seed alone, which the merge checks.
 */
import { assert } from "../../../core/errors.ts";
import type { Run } from "../../record/index.ts";
import type { PlannedCell } from "../../stages/contract.ts";

/** The index-th of `count` parts, counted from 1. */
export type Shard = NonNullable<Run["shard"]>;

/**
 * The cells of each shard, in plan order; together they are the whole plan, and only cells of a kind in `common` are in
 * several. Deterministic, and balanced by `costOf`: each group, the most expensive first, goes to the shard with the least
 * cost so far (Graham 1969). A shard may be empty where there are more shards than groups.
 */
export function divide<Cell extends PlannedCell>(
  plan: readonly Cell[],
  count: number,
  common: ReadonlySet<string>,
  costOf: (cell: Cell) => number,
): Cell[][] {
  assert(Number.isInteger(count) && count > 0, `${count} shards`);
  const isCommon = ({ kind }: Cell) => common.has(kind);
  const byId = new Map(plan.map((cell) => [cell.id, cell]));
  const read = new Set(plan.filter((cell) => !isCommon(cell)).flatMap(({ needs }) => needs));
  const repeated = new Set(plan.filter((cell) => isCommon(cell) && read.has(cell.id)).map(({ id }) => id));
  const groups = connected(plan.filter(({ id }) => !repeated.has(id)));
  const priced = groups.map((cells) => ({ cells, cost: cells.reduce((sum, cell) => sum + costOf(cell), 0) }));
  const shards = Array.from({ length: count }, () => ({ ids: new Set<string>(), cost: 0 }));
  for (const { cells, cost } of priced.toSorted((a, b) => b.cost - a.cost)) {
    const least = shards.reduce((best, shard) =>
      shard.cost < best.cost || (shard.cost === best.cost && shard.ids.size < best.ids.size) ? shard : best,
    );
    least.cost += cost;
    const include = ({ id, needs }: Cell): void => {
      if (least.ids.has(id)) return;
      least.ids.add(id);
      for (const need of needs) include(byId.get(need)!);
    };
    cells.forEach(include);
  }
  return shards.map(({ ids }) => plan.filter(({ id }) => ids.has(id)));
}

/** The cells in groups such that cells of different groups do not need each other, ordered by their first cells. */
function connected<Cell extends PlannedCell>(cells: readonly Cell[]): Cell[][] {
  const groupOf = new Map<string, Cell[]>();
  for (const cell of cells) {
    const joined = [...new Set(cell.needs.flatMap((need) => [groupOf.get(need) ?? []]))].flat();
    const group = [...joined, cell];
    for (const { id } of group) groupOf.set(id, group);
  }
  return [...new Set(cells.map(({ id }) => groupOf.get(id)!))];
}
