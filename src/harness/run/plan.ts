/**
 * The plan: every cell of a run, each after the cells that it needs. A cell's config hash covers everything that its
 * result depends on: its settings, the data, and the hashes of the cells that it needs.
 */
import { assert } from "../../core/errors.ts";
import { hashOf } from "../../core/hash.ts";
import type { Cell, ModelFacts, Run } from "../record/index.ts";
import type { HashedCell, PlannedCell, Stage, Work } from "../stages/contract.ts";
import type { SuiteConfig } from "../suite/index.ts";

export type { HashedCell, Work } from "../stages/contract.ts";

/** Cells of all stages in their order. Unknown, repeated or later needs are bugs of a stage. */
export function planCells(stages: readonly Stage[], config: SuiteConfig): PlannedCell[] {
  const cells = stages.flatMap((stage) => {
    const planned = stage.plan(config);
    for (const { id, kind } of planned)
      assert(kind === stage.kind, `stage ${stage.kind} planned ${id} of kind ${kind}`);
    return planned;
  });
  return inOrder(cells);
}

/** The cells, each after its needs and otherwise as given (Kahn 1962, the earliest ready cell first). */
export function inOrder(cells: readonly PlannedCell[]): PlannedCell[] {
  const ids = new Set(cells.map(({ id }) => id));
  assert(ids.size === cells.length, `two cells have one id: ${cells.map(({ id }) => id).join(", ")}`);
  for (const { id, needs } of cells)
    for (const need of needs) assert(ids.has(need), `${id} needs ${need}, which no stage plans`);
  const ordered: PlannedCell[] = [];
  const placed = new Set<string>();
  let waiting = [...cells];
  while (waiting.length > 0) {
    const ready = waiting.find(({ needs }) => needs.every((need) => placed.has(need)));
    assert(ready, `the needs of ${waiting.map(({ id }) => id).join(", ")} form a cycle`);
    ordered.push(ready);
    placed.add(ready.id);
    waiting = waiting.filter((cell) => cell !== ready);
  }
  return ordered;
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
