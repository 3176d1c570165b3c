/** How sensitive a model is to its learning rate: short trainings at multiples of it, each scored. */
import type { ModelConfig, SuiteConfig } from "../../suite/index.ts";
import { defineStage } from "../shared/define.ts";
import { judging } from "../shared/judges.ts";
import { createModel, dataSettings, modelConfig, scoringSetting } from "../shared/models.ts";
import { cellIds, freshModels, namedModels, seedsOf } from "../shared/plan.ts";
import { openScorer } from "../shared/scoring.ts";
import { checkTestImages } from "../shared/sets.ts";
import { outcomeOf, trainModel } from "../shared/training.ts";
import { addWork, evaluationsOf, modelOf, samplingWork, trainingWork } from "../shared/work.ts";

/** Options that are learning rates, by their name. */
const isRate = (name: string) => /learningRate$/i.test(name);

/** The model with every learning rate times `factor`, on the stage's budget. */
function varied(
  config: SuiteConfig,
  id: string,
  { factor, images }: { factor: number; images: number | undefined },
): ModelConfig {
  const model = modelConfig(config, id);
  const options = Object.fromEntries(
    Object.entries(model.options).map(([name, value]) => [
      name,
      isRate(name) && typeof value === "number" ? value * factor : value,
    ]),
  );
  return { ...model, options, images: images ?? model.images };
}

export const sensitivityStage = defineStage({
  kind: "sensitivity",
  title: "trains each model at multiples of its learning rate and scores the result",

  options: ({ stages }) => stages.sensitivity,

  plan: ({ factors, seeds, n, images, models }, config) =>
    namedModels(freshModels(config), models).flatMap((model) =>
      factors.flatMap((factor) =>
        seedsOf(config, seeds).map((seed) => {
          const { tuning: _, ...configured } = varied(config, model, { factor, images });
          return {
            id: cellIds.sensitivity(model, factor, seed),
            needs: judging(config).needs,
            settings: {
              judge: judging(config).judge,
              model,
              seed,
              factor,
              n,
              config: configured,
              data: dataSettings(config),
            },
          };
        }),
      ),
    ),

  check: ({ n }, dataset) => checkTestImages("sensitivity", n, dataset),

  work({ n, images }, cell, config, facts) {
    const model = modelOf(cell, facts);
    const configured = modelConfig(config, model.id);
    const sampled = n * evaluationsOf([scoringSetting(configured)]);
    return addWork(trainingWork(model, images ?? configured.images), samplingWork(model, sampled));
  },

  async run(context, { n, images }) {
    const { cell, config, labels } = context;
    const { model: id, seed, factor } = cell.settings;
    const configured = varied(config, id, { factor, images });
    const model = createModel({ ...config, models: { ...config.models, [id]: configured } }, id, labels);
    const dataset = await context.dataset();
    const trained = await trainModel({ context, id, model, configured, seed, dataset });
    const facts = {
      kind: "sensitivity" as const,
      model: id,
      seed,
      factor,
      ...outcomeOf(trained, configured),
    };
    if (trained.outcome === "diverged") return facts;
    const scorer = await openScorer(context, model, configured, n);
    const quality = await scorer.score(model.samplingWeights(trained.state), "final");
    scorer.dispose();
    return { ...facts, quality };
  },
});
