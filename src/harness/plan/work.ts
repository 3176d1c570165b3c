import { assert } from "../../core/errors.ts";
import type { ModelFacts } from "../record/schema.ts";
import type { PlannedCell, Stage, Work } from "../stages/contract.ts";
import type { SuiteConfig } from "../suite/schema.ts";

export type { Work } from "../stages/contract.ts";

/** How much a cell has to do, as its stage counts it. */
export function workOf(
  cell: PlannedCell,
  stages: readonly Stage[],
  config: SuiteConfig,
  models: readonly ModelFacts[],
): Work {
  const stage = stages.find(({ kind }) => kind === cell.kind);
  assert(stage, `no stage for cells of kind ${cell.kind}`);
  return stage.work(cell, config, models);
}

export const totalWork = (work: readonly Work[]): Work => ({
  trainingImages: work.reduce((sum, { trainingImages }) => sum + trainingImages, 0),
  evaluations: work.reduce((sum, { evaluations }) => sum + evaluations, 0),
  flops: work.reduce((sum, { flops }) => sum + flops, 0),
});
