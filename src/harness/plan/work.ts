/** How much each cell has to do, from counts alone. */
import { assert } from "../../core/errors.ts";
import type { CellRecord, ModelFacts } from "../record/schema.ts";
import type { PlannedCell } from "../stages/contract.ts";
import type { SuiteConfig } from "../suite/schema.ts";

export interface Work {
  /** Images that training passes see, repeats counted. */
  readonly trainingImages: number;
  /** Passes of one image through a sampling network; for latency, at most. */
  readonly evaluations: number;
  /** Floating-point operations of both, 2 per multiply-add; without the classifier's. */
  readonly flops: number;
}

type Sweeps = SuiteConfig["models"][string]["sampling"];
type Estimate = (cell: PlannedCell, config: SuiteConfig, models: readonly ModelFacts[]) => Work;

const nothing: Work = { trainingImages: 0, evaluations: 0, flops: 0 };

const byKind = {
  classifier: (_cell, { classifier: { batch, images } }) => ({
    ...nothing,
    trainingImages: Math.ceil(images / batch) * batch,
  }),
  anchors: () => nothing,
  train(cell, _config, models) {
    const { imagesSeen, flopsPerTrainingImage } = modelOf(cell, models);
    return { trainingImages: imagesSeen, evaluations: 0, flops: imagesSeen * flopsPerTrainingImage };
  },
  stability: () => nothing,
  diversity(cell, { models: configured, stages }, models) {
    const model = modelOf(cell, models);
    return sampling(model, (stages.diversity?.n ?? 0) * stepsOf(configured[model.id]!.sampling));
  },
  latency(_cell, { models: configured, stages: { latency } }, models) {
    if (!latency) return nothing;
    const images = latency.batches.reduce((sum, batch) => sum + batch, 0) * (1 + latency.requests);
    return models
      .map((model) => {
        const own = configured[model.id]!.sampling;
        return sampling(model, images * stepsOf([...own, ...(own.length > 0 ? latency.sampling : [])]));
      })
      .reduce(add, nothing);
  },
} satisfies Record<CellRecord["kind"], Estimate>;

export function workOf(cell: PlannedCell, config: SuiteConfig, models: readonly ModelFacts[]): Work {
  const estimate: Estimate = byKind[cell.kind];
  return estimate(cell, config, models);
}

export const totalWork = (work: readonly Work[]): Work => work.reduce(add, nothing);

const add = (a: Work, b: Work): Work => ({
  trainingImages: a.trainingImages + b.trainingImages,
  evaluations: a.evaluations + b.evaluations,
  flops: a.flops + b.flops,
});

const sampling = (model: ModelFacts, evaluations: number): Work => ({
  trainingImages: 0,
  evaluations,
  flops: evaluations * model.flopsPerEvaluation,
});

/** Evaluations per image over all settings, each counted once; a one-pass generator has one. */
function stepsOf(sweeps: Sweeps): number {
  const settings = new Map(
    sweeps.flatMap(({ sampler, steps }) => steps.map((count) => [`${sampler}@${count}`, count])),
  );
  return sweeps.length === 0 ? 1 : [...settings.values()].reduce((sum, steps) => sum + steps, 0);
}

function modelOf(cell: PlannedCell, models: readonly ModelFacts[]): ModelFacts {
  const model = models.find(({ id }) => id === cell.settings.model);
  assert(model, `${cell.id} is about no model of the suite`);
  return model;
}
