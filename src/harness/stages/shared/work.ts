/** Counts that several stages are made of. */
import { assert } from "../../../core/errors.ts";
import type { ModelFacts } from "../../record/index.ts";
import type { SamplingSweep, SuiteConfig } from "../../suite/index.ts";
import type { PlannedCell, Work } from "../contract.ts";
import { samplerSettings } from "./models.ts";

export const noWork: Work = { trainingImages: 0, evaluations: 0, flops: 0 };

export const addWork = (a: Work, b: Work): Work => ({
  trainingImages: a.trainingImages + b.trainingImages,
  evaluations: a.evaluations + b.evaluations,
  flops: a.flops + b.flops,
});

export const trainingWork = ({ flopsPerTrainingImage }: ModelFacts, images: number): Work => ({
  trainingImages: images,
  evaluations: 0,
  flops: images * flopsPerTrainingImage,
});

export const samplingWork = ({ flopsPerEvaluation }: ModelFacts, evaluations: number): Work => ({
  trainingImages: 0,
  evaluations,
  flops: evaluations * flopsPerEvaluation,
});

/** Steps of one image over all settings, each setting counted once; a one-pass generator has one. */
export function stepsOf(...sweeps: (readonly SamplingSweep[])[]): number {
  return samplerSettings(...sweeps).reduce((sum, { steps }) => sum + steps, 0);
}

/** Whether a stage of this suite needs the classifier. */
export function needsJudge({ stages }: SuiteConfig): boolean {
  const { stability, sensitivity, diversity, control, data } = stages;
  return Boolean(sensitivity || diversity || control || data || (stability && stability.checkpoints > 0));
}

/** The facts of the model that a cell is about. */
export function modelOf(cell: PlannedCell, models: readonly ModelFacts[]): ModelFacts {
  const model = models.find(({ id }) => id === cell.settings.model);
  assert(model, `${cell.id} is about no model of the suite`);
  return model;
}
