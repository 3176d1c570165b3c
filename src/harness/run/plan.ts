/**
 * The plan: every cell of a run, each after the cells that it needs. A cell's config hash covers everything that its
 * result depends on: its settings, the data, and the hashes of the cells that it needs.
 */
import { assert, badConfig } from "../../core/errors.ts";
import { hashOf } from "../../core/hash.ts";
import type { Cell, ModelFacts, Run } from "../record/index.ts";
import type { HashedCell, PlannedCell, Stage, Work } from "../stages/contract.ts";
import type { SuiteConfig } from "../suite/index.ts";

export type { HashedCell, Work } from "../stages/contract.ts";

/** Most cells of a run: each is a process, and a year has some 100,000 times five minutes. */
const MOST_CELLS = 100_000;

/**
 * Cells of all stages in their order. Unknown, repeated or later needs are bugs of a stage.
 * @throws BAD_CONFIG for more cells than a run can have
 */
export function planCells(stages: readonly Stage[], config: SuiteConfig): PlannedCell[] {
  const cells: PlannedCell[] = [];
  for (const stage of stages) {
    for (const cell of stage.plan(config)) {
      assert(cell.kind === stage.kind, `stage ${stage.kind} planned ${cell.id} of kind ${cell.kind}`);
      cells.push(cell);
    }
    if (cells.length > MOST_CELLS)
      throw badConfig(
        `the suite makes ${cells.length} cells up to stage ${stage.kind}, and a run has at most ${MOST_CELLS}; ` +
          "lower its seeds, or leave out models, sizes or factors",
      );
  }
  return inOrder(cells);
}

/** The cells, each after its needs and otherwise as given (Kahn 1962, with a count of missing needs per cell; the earliest ready cell first). */
export function inOrder(cells: readonly PlannedCell[]): PlannedCell[] {
  const places = new Map(cells.map(({ id }, at) => [id, at]));
  assert(
    places.size === cells.length,
    `two cells have one id: ${cells
      .slice(0, 5)
      .map(({ id }) => id)
      .join(", ")}`,
  );
  const missing = cells.map(({ id, needs }) => {
    for (const need of needs) assert(places.has(need), `${id} needs ${need}, which no stage plans`);
    return new Set(needs).size;
  });
  const neededBy = cells.map((): number[] => []);
  for (const [at, { needs }] of cells.entries())
    for (const need of new Set(needs)) neededBy[places.get(need)!]!.push(at);
  const ready = new EarliestFirst();
  for (const [at, count] of missing.entries()) if (count === 0) ready.add(at);
  const ordered: PlannedCell[] = [];
  for (let at = ready.take(); at !== undefined; at = ready.take()) {
    ordered.push(cells[at]!);
    for (const other of neededBy[at]!) if (--missing[other]! === 0) ready.add(other);
  }
  const left = cells.filter((_, at) => missing[at]! > 0).slice(0, 5);
  assert(left.length === 0, `the needs of ${left.map(({ id }) => id).join(", ")} form a cycle`);
  return ordered;
}

/** Places of cells, the lowest taken first: a binary heap. */
class EarliestFirst {
  private readonly heap: number[] = [];

  add(place: number): void {
    const { heap } = this;
    let at = heap.push(place) - 1;
    for (let above = (at - 1) >> 1; at > 0 && heap[above]! > place; at = above, above = (at - 1) >> 1)
      heap[at] = heap[above]!;
    heap[at] = place;
  }

  take(): number | undefined {
    const { heap } = this;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (let below = 1; below < heap.length; below = 2 * at + 1) {
      if (below + 1 < heap.length && heap[below + 1]! < heap[below]!) below++;
      if (heap[below]! >= last) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}

/** What the cells of a run see besides their settings. */
type Seen = Pick<Run, "judges"> & { readonly dataset: Pick<Run["dataset"], "hash"> };

/** The cells with their config hashes; `seen` is in each. Needs must come first. */
export function hashCells(cells: readonly PlannedCell[], { dataset, judges = [] }: Seen): HashedCell[] {
  const hashes = new Map<string, string>();
  return cells.map((cell) => {
    const needs = cell.needs.map((need) => {
      const hash = hashes.get(need);
      assert(hash, `${need} comes after ${cell.id}, which needs it`);
      return hash;
    });
    const { kind, settings } = cell;
    const configHash = hashOf({
      kind,
      settings,
      needs,
      dataset: dataset.hash,
      judges: judges.length > 0 ? judges : undefined,
    });
    hashes.set(cell.id, configHash);
    return { ...cell, configHash };
  });
}

export function stageOf({ kind }: PlannedCell, stages: readonly Stage[]): Stage {
  const stage = stages.find((candidate) => candidate.kind === kind);
  assert(stage, `no stage for cells of kind ${kind}`);
  return stage;
}

/** Why nothing can be read of a cell that is not done: `ID failed`, `ID was skipped: WHY`. */
export const whyMissing = (cell: Cell): string =>
  cell.state === "skipped" ? `${cell.id} was skipped: ${cell.why}` : `${cell.id} failed`;

/** Kinds of cells that every shard computes for itself: the judge, the anchors. */
export const commonKinds = (stages: readonly Stage[]): ReadonlySet<string> =>
  new Set(stages.filter((stage) => stage.common).map(({ kind }) => kind));

/** The plan as run.json holds it. */
export const planRecord = (plan: readonly HashedCell[]): Run["plan"] =>
  plan.map(({ id, kind, configHash, needs }) => ({ id, kind, configHash, needs: [...needs] }));

/** How much work a cell is, as its stage counts it. */
export function workOf(
  cell: PlannedCell,
  stages: readonly Stage[],
  config: SuiteConfig,
  models: readonly ModelFacts[],
): Work {
  return stageOf(cell, stages).work(cell, config, models);
}

export const totalWork = (work: readonly Work[]): Work => ({
  trainingImages: work.reduce((sum, { trainingImages }) => sum + trainingImages, 0),
  evaluations: work.reduce((sum, { evaluations }) => sum + evaluations, 0),
  flops: work.reduce((sum, { flops }) => sum + flops, 0),
});
