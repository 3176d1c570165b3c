/** How much a family minds its learning rate: short trainings at multiples of it, each scored. */
import type { ModelConfig, SuiteConfig } from "../../suite/index.ts";
import type { PlannedCell, Stage } from "../contract.ts";
import { createModel, dataSettings, modelConfig, scoringSetting } from "../shared/models.ts";
import { cellIds } from "../shared/names.ts";
import { checkTestImages } from "../shared/quality.ts";
import { openScorer } from "../shared/scoring.ts";
import { trainModel } from "../shared/training.ts";
import { addWork, modelOf, samplingWork, trainingWork } from "../shared/work.ts";
import { seedsOf } from "../train/run.ts";

/** Options that are learning rates, by their name. */
const isRate = (name: string) => /learningRate$/i.test(name);

/** The model with every learning rate times `factor`, on the stage's budget. */
function varied(config: SuiteConfig, id: string, factor: number): ModelConfig {
  const model = modelConfig(config, id);
  const options = Object.fromEntries(
    Object.entries(model.options).map(([name, value]) => [
      name,
      isRate(name) && typeof value === "number" ? value * factor : value,
    ]),
  );
  return { ...model, options, images: config.stages.sensitivity?.images ?? model.images };
}

/** Models that learn from data alone, of those that the stage names. */
export function freshModels(config: SuiteConfig, named: readonly string[] | undefined): string[] {
  return Object.keys(config.models).filter(
    (id) => (named?.includes(id) ?? true) && config.models[id]!.teacher === undefined,
  );
}

export const sensitivityStage: Stage = {
  kind: "sensitivity",
  title: "trains each model at multiples of its learning rate and scores what comes of it",

  plan(config) {
    const { sensitivity } = config.stages;
    if (!sensitivity) return [];
    return freshModels(config, sensitivity.models).flatMap((model) =>
      sensitivity.factors.flatMap((factor) =>
        seedsOf(config, sensitivity.seeds).map((seed): PlannedCell => {
          const { tuning: _, ...configured } = varied(config, model, factor);
          return {
            id: cellIds.sensitivity(model, factor, seed),
            kind: "sensitivity",
            needs: [cellIds.classifier],
            settings: {
              model,
              seed,
              factor,
              n: sensitivity.n,
              config: configured,
              data: dataSettings(config),
            },
          };
        }),
      ),
    );
  },

  check({ stages: { sensitivity } }, dataset) {
    if (sensitivity) checkTestImages("sensitivity", sensitivity.n, dataset);
  },

  work(cell, config, models) {
    const model = modelOf(cell, models);
    const { images } = varied(config, model.id, 1);
    const sampled = (config.stages.sensitivity?.n ?? 0) * scoringSetting(modelConfig(config, model.id)).steps;
    return addWork(trainingWork(model, images), samplingWork(model, sampled));
  },

  async run(context) {
    const { cell, config, labels, dataset: load } = context;
    const { model: id, seed, factor } = cell.settings as { model: string; seed: number; factor: number };
    const { n } = config.stages.sensitivity!;
    const configured = varied(config, id, factor);
    const model = createModel({ ...config, models: { ...config.models, [id]: configured } }, id, labels);
    const dataset = await load();
    const trained = await trainModel({ context, id, model, configured, seed, dataset });
    const facts = {
      kind: "sensitivity" as const,
      model: id,
      seed,
      factor,
      outcome: trained.outcome,
      divergence: trained.divergence,
      imagesSeen: trained.steps * configured.batch,
      seconds: trained.seconds,
    };
    if (trained.outcome === "diverged") return facts;
    const scorer = await openScorer(context, dataset, model, configured, { seed, n });
    const quality = await scorer.score(model.samplingWeights(trained.state), { stream: "final" });
    scorer.dispose();
    return { ...facts, quality };
  },
};
