/** Models as a suite configures them. */
import { assert, BenchError } from "../../core/errors.ts";
import { type Model, models, type SamplerSetting, type State } from "../../models/index.ts";
import { readTensors } from "../checkpoints/files.ts";
import type { ModelFacts, TrainRecord } from "../record/schema.ts";
import type { ModelConfig, SuiteConfig } from "../suite/schema.ts";

export function modelConfig(config: SuiteConfig, id: string): ModelConfig {
  const model = config.models[id];
  assert(model, `no model ${id} in the suite`);
  return model;
}

/** The definition of a configured model; BAD_CONFIG for an unknown type or wrong options, naming the model. */
export function createModel(config: SuiteConfig, id: string): Model {
  const { type, options } = modelConfig(config, id);
  if (!Object.hasOwn(models, type))
    throw new BenchError(
      "BAD_CONFIG",
      `models.${id}.type: unknown "${type}"; known: ${Object.keys(models).join(", ")}`,
    );
  const { size, channels } = config.dataset;
  try {
    return models[type as keyof typeof models].create({ ...options, size, channels });
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    throw new BenchError(error.code, `models.${id}.options: ${error.message}`, { cause: error });
  }
}

/** What of the data a cell's settings hold: not where it lies, because its hash goes into the cell's anyway. */
export function dataSettings({ dataset: { source: _, ...rest } }: SuiteConfig) {
  return rest;
}

/** Whole steps that see at least the budget's images. */
export function trainingSteps({ images, batch }: ModelConfig): number {
  return Math.ceil(images / batch);
}

export const ONE_PASS: SamplerSetting = { sampler: "none", steps: 1 };

/** Settings a model is sampled at, in the suite's order, each once. */
export function samplerSettings(...sweeps: ModelConfig["sampling"][]): SamplerSetting[] {
  const settings = sweeps
    .flat()
    .flatMap(({ sampler, steps }) => steps.map((count) => ({ sampler, steps: count })));
  if (settings.length === 0) return [ONE_PASS];
  const known = new Map(settings.map((setting) => [`${setting.sampler}@${setting.steps}`, setting]));
  return [...known.values()];
}

/** Facts of every model for run.json; making the models refuses a wrong configuration before anything runs. */
export function modelFacts(config: SuiteConfig): ModelFacts[] {
  const made = Object.keys(config.models).map((id) => [id, createModel(config, id)] as const);
  return made.map(([id, model]) => {
    const configured = modelConfig(config, id);
    const alone = made.filter(([, other]) => other.title === model.title).length === 1;
    const steps = trainingSteps(configured);
    return {
      id,
      family: model.family,
      title: alone ? model.title : `${model.title} (${id})`,
      description: model.description,
      parameters: model.parameters,
      samplingParameters: model.samplingParameters,
      flopsPerEvaluation: model.flopsPerEvaluation,
      flopsPerTrainingImage: model.flopsPerTrainingImage,
      imagesSeen: steps * configured.batch,
      batch: configured.batch,
      steps,
    };
  });
}

/** The weights a training cell left for sampling. */
export async function trainedWeights(out: string, model: Model, record: TrainRecord): Promise<State> {
  const { tensors } = await readTensors(out, record.checkpoint);
  for (const [name, { shape }] of Object.entries(model.state))
    if (String(tensors[name]?.shape) !== String(shape))
      throw new BenchError(
        "BAD_CHECKPOINT",
        `${record.checkpoint.path}: ${name} is [${tensors[name]?.shape ?? "missing"}], the model needs [${shape}]`,
      );
  return model.samplingWeights(tensors);
}
