/** Models as a suite configures them. */
import { assert, BenchError } from "../../../core/errors.ts";
import {
  type Model,
  type ModelKind,
  models,
  type SamplerSetting,
  type State,
} from "../../../models/index.ts";
import { readTensors } from "../../checkpoints/files.ts";
import type { FileEntry, ModelFacts } from "../../record/index.ts";
import { settingLabel } from "../../record/setting-label.ts";
import type { ModelConfig, SamplingSweep, SuiteConfig } from "../../suite/index.ts";

export function modelConfig(config: SuiteConfig, id: string): ModelConfig {
  const model = config.models[id];
  assert(model, `no model ${id} in the suite`);
  return model;
}

/**
 * The definition of a configured model for data of so many `labels`, with its teacher's where it has one; BAD_CONFIG for
 * an unknown type or wrong options, naming the model.
 */
export function createModel(config: SuiteConfig, id: string, labels: number): Model {
  const configured = modelConfig(config, id);
  const kinds: Readonly<Record<string, ModelKind>> = models;
  const kind = kinds[configured.type];
  assert(kind, `models.${id} is of type ${configured.type}, which validation let pass`);
  const { size, channels } = config.dataset;
  const given = { size, channels, classes: labels, trainingSteps: trainingSteps(configured) };
  const known = Object.entries(given).filter(([name]) => Object.hasOwn(kind.schema.shape, name));
  const teacher =
    configured.teacher === undefined ? undefined : createModel(config, configured.teacher, labels);
  return naming(`models.${id}.options`, () =>
    kind.create({ ...configured.options, ...Object.fromEntries(known) }, teacher),
  );
}

/** What `make` gives; a BenchError out of it says where in the suite its cause stands. */
function naming<T>(place: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    throw new BenchError(error.code, `${place}: ${error.message}`, { cause: error });
  }
}

/** What of the data a cell's settings hold: not where it lies, because its hash goes into the cell's anyway. */
export function dataSettings({ dataset: { source: _, ...rest } }: SuiteConfig) {
  return rest;
}

/** Whole steps that see at least the budget's images. */
export function trainingSteps({ images, batch }: Pick<ModelConfig, "images" | "batch">): number {
  return Math.ceil(images / batch);
}

export const ONE_PASS: SamplerSetting = { sampler: "none", steps: 1 };

/** As records name a setting: the sampler with those of its options that are not the default, and the steps. */
export function recorded(setting: SamplerSetting): { sampler: string; steps: number } {
  return { sampler: settingLabel(setting), steps: setting.steps };
}

/** Settings a model is sampled at, in the suite's order, each once. */
export function samplerSettings(...sweeps: (readonly SamplingSweep[])[]): SamplerSetting[] {
  const settings = sweeps
    .flat()
    .flatMap(({ sampler, steps, options }) => steps.map((count) => ({ sampler, steps: count, options })));
  if (settings.length === 0) return [ONE_PASS];
  return [
    ...new Map(settings.map((setting) => [`${settingLabel(setting)}@${setting.steps}`, setting])).values(),
  ];
}

/** The one setting that stages sample a model at when they do not compare settings. */
export function scoringSetting({ scoring, sampling }: ModelConfig): SamplerSetting {
  return scoring ?? samplerSettings(sampling).at(-1)!;
}

/** Whether a model takes any sampler at any count of steps, and guidance; a GAN or a student has one way. */
export function isFreelySampled(config: SuiteConfig, id: string): boolean {
  const kinds: Readonly<Record<string, ModelKind>> = models;
  return kinds[modelConfig(config, id).type]?.freelySampled ?? false;
}

/** Every setting of a model that some stage samples it at. */
function settingsOf(config: SuiteConfig, id: string): SamplerSetting[] {
  const model = modelConfig(config, id);
  const timed = isFreelySampled(config, id) ? (config.stages.latency?.sampling ?? []) : [];
  return [...samplerSettings(model.sampling, timed), scoringSetting(model)];
}

/** Facts of every model for run.json; making the models refuses a wrong configuration before anything runs. */
export function modelFacts(config: SuiteConfig, labels: number): ModelFacts[] {
  const made = Object.keys(config.models).map((id) => [id, createModel(config, id, labels)] as const);
  return made.map(([id, model]) => {
    const configured = modelConfig(config, id);
    for (const setting of settingsOf(config, id))
      naming(`models.${id}.sampling`, () => model.checkSetting(setting));
    naming(`models.${id}.batch`, () => model.feedSignature(configured.batch));
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
      classes: model.classes,
      teacher: configured.teacher,
      tuning: configured.tuning,
    };
  });
}

/** The weights for sampling that a training cell left in `checkpoint`. */
export async function trainedWeights(out: string, model: Model, checkpoint: FileEntry): Promise<State> {
  const { tensors } = await readTensors(out, checkpoint);
  for (const [name, { shape }] of Object.entries(model.state))
    if (String(tensors[name]?.shape) !== String(shape))
      throw new BenchError(
        "BAD_CHECKPOINT",
        `${checkpoint.path}: ${name} is [${tensors[name]?.shape ?? "missing"}], the model needs [${shape}]`,
      );
  return model.samplingWeights(tensors);
}
