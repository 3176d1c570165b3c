/** Amounts of work that several stages have in common. */
import { assert } from "../../../core/errors.ts";
import type { SamplerSetting } from "../../../models/index.ts";
import type { ModelFacts } from "../../record/index.ts";
import type { PlannedCell, Work } from "../contract.ts";

export const noWork: Work = { trainingImages: 0, evaluations: 0, flops: 0 };

export const addWork = (a: Work, b: Work): Work => ({
  trainingImages: a.trainingImages + b.trainingImages,
  evaluations: a.evaluations + b.evaluations,
  flops: a.flops + b.flops,
});

/** Of a model that is trained here. */
export function trainingWork({ id, flopsPerTrainingImage }: ModelFacts, images: number): Work {
  assert(flopsPerTrainingImage !== undefined, `${id} is not trained here`);
  return { trainingImages: images, evaluations: 0, flops: images * flopsPerTrainingImage };
}

export const samplingWork = ({ flopsPerEvaluation }: ModelFacts, evaluations: number): Work => ({
  trainingImages: 0,
  evaluations,
  flops: evaluations * flopsPerEvaluation,
});

/**
 * Network evaluations of one image at each of these settings, added up: one a step, two where it is guided, and one for a
 * one-pass generator's image.
 */
export const evaluationsOf = (settings: readonly SamplerSetting[]): number =>
  settings.reduce((sum, { steps, options }) => sum + (options?.guidance ? 2 : 1) * steps, 0);

/** The facts of the model that a cell is about. */
export function modelOf(cell: PlannedCell<{ model: string }>, models: readonly ModelFacts[]): ModelFacts {
  const model = models.find(({ id }) => id === cell.settings.model);
  assert(model, `${cell.id} is about no model of the suite`);
  return model;
}
