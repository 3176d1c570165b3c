/**
 * A plan divided among machines. What reads another cell's files stays with it, so a shard needs nothing of another; and
 * cells of a `common` stage (the judge, the anchors) are computed again in every shard that reads them: they follow from
 * the seed alone, which the merge checks.
 */
import { assert } from "../../core/errors.ts";
import type { PlannedCell } from "../stages/contract.ts";

/** The index-th of `count` parts, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/**
 * The cells of each shard, in plan order; together they are the whole plan, and only common cells are in several.
 * Deterministic, and balanced by `costOf`: groups from the dearest on, each to the shard that has least so far (Graham
 * 1969). A shard may be empty where there are more shards than groups.
 */
export function divide<Cell extends PlannedCell>(
  plan: readonly Cell[],
  count: number,
  isCommon: (cell: Cell) => boolean,
  costOf: (cell: Cell) => number,
): Cell[][] {
  assert(Number.isInteger(count) && count > 0, `${count} shards`);
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

/** The cells in groups that no need leads out of, in order of their first cells; needs outside `cells` do not join. */
function connected<Cell extends PlannedCell>(cells: readonly Cell[]): Cell[][] {
  const groupOf = new Map<string, Cell[]>();
  for (const cell of cells) {
    const joined = [...new Set(cell.needs.flatMap((need) => [groupOf.get(need) ?? []]))].flat();
    const group = [...joined, cell];
    for (const { id } of group) groupOf.set(id, group);
  }
  return [...new Set(cells.map(({ id }) => groupOf.get(id)!))];
}
