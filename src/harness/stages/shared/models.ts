/** Models as a suite configures them. */
import { allOrMistakes, assert, BenchError, badConfig } from "../../../core/errors.ts";
import {
  checkWeights,
  type Model,
  type ModelKind,
  models,
  type Sampled,
  type SamplerSetting,
  type State,
  type TrainedKind,
} from "../../../models/index.ts";
import { readTensors } from "../../checkpoints/files.ts";
import { type FileEntry, type ModelFacts, settingLabel } from "../../record/index.ts";
import type { ModelConfig, SamplingSweep, SuiteConfig } from "../../suite/index.ts";

export function modelConfig(config: SuiteConfig, id: string): ModelConfig {
  const model = config.models[id];
  assert(model, `no model ${id} in the suite`);
  return model;
}

/** The kind of a configured model. */
export function kindOf(config: SuiteConfig, id: string): ModelKind {
  const { type } = modelConfig(config, id);
  const kinds: Readonly<Record<string, ModelKind>> = models;
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  assert(kind, `models.${id} is of type ${type}, which validation let pass`);
  return kind;
}

/** The kind of a model that is trained here. */
export function trainedKind(config: SuiteConfig, id: string): TrainedKind {
  const kind = kindOf(config, id);
  assert(kind.trained, `${id} is not trained here`);
  return kind;
}

/** Whether a model gets its weights by training in this run; a person brings those of the others. */
export const isTrained = (config: SuiteConfig, id: string): boolean => kindOf(config, id).trained;

/**
 * The definition of a configured model for data with so many `labels`, with its teacher's where it has one.
 * @throws BAD_CONFIG for wrong options, naming the model
 */
export function createModel(config: SuiteConfig, id: string, labels: number): Model {
  const kind = trainedKind(config, id);
  const { teacher } = modelConfig(config, id);
  const options = optionsOf(config, id, labels);
  return naming(`models.${id}.options`, () => {
    const above = teacher === undefined ? undefined : createModel(config, teacher, labels);
    const model = kind.create(options, above);
    if (model.parameters > MOST_PARAMETERS)
      throw badConfig(
        `the networks have ${model.parameters} parameters, and at most ${MOST_PARAMETERS} are trained; make them narrower or shallower`,
      );
    return model;
  });
}

/** Most parameters of a model's networks: more of them than fit the memory of any machine that this is for. */
const MOST_PARAMETERS = 2 ** 30;

/** The same of any model, trained here or not. */
export function createSampled(config: SuiteConfig, id: string, labels: number): Sampled | Model {
  const kind = kindOf(config, id);
  if (kind.trained) return createModel(config, id, labels);
  return naming(`models.${id}.options`, () => kind.create(optionsOf(config, id, labels)));
}

/** A model's options, with those that the harness gives; grey stands in for channels that the data have yet to tell. */
function optionsOf(config: SuiteConfig, id: string, labels: number): Readonly<Record<string, unknown>> {
  const configured = modelConfig(config, id);
  const { size, channels = 1 } = config.dataset;
  const given = { size, channels, classes: labels, trainingSteps: trainingSteps(configured) };
  const { shape } = kindOf(config, id).schema;
  const known = Object.entries(given).filter(([name]) => Object.hasOwn(shape, name));
  return { ...configured.options, ...Object.fromEntries(known) };
}

/** The value of `make`; a BenchError that it throws is given its place in the suite. */
function naming<T>(place: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    throw new BenchError(error.code, `${place}: ${error.message}`, { cause: error });
  }
}

/** The data as cells' settings have it: without its source, because a cell's config hash covers the data's own hash. */
export function dataSettings({ dataset: { source: _, ...rest } }: SuiteConfig) {
  return rest;
}

/** Whole steps that see at least the budget's images. */
export function trainingSteps({ images, batch }: Pick<ModelConfig, "images" | "batch">): number {
  return Math.ceil(images / batch);
}

export const ONE_PASS: SamplerSetting = { sampler: "none", steps: 1 };

/** A setting as records name it: the sampler with its options that are not the default, and the steps. */
export function recorded(setting: SamplerSetting): { sampler: string; steps: number } {
  return { sampler: settingLabel(setting), steps: setting.steps };
}

/** The settings at which a model is sampled, in the suite's order, each once. */
export function samplerSettings(...sweeps: (readonly SamplingSweep[])[]): SamplerSetting[] {
  const settings = sweeps
    .flat()
    .flatMap(({ sampler, steps, options }) => steps.map((count) => ({ sampler, steps: count, options })));
  if (settings.length === 0) return [ONE_PASS];
  return [
    ...new Map(settings.map((setting) => [`${settingLabel(setting)}@${setting.steps}`, setting])).values(),
  ];
}

/** The one setting at which a model is sampled by stages that do not compare settings. */
export function scoringSetting({ scoring, sampling }: ModelConfig): SamplerSetting {
  return scoring ?? samplerSettings(sampling).at(-1)!;
}

/** Whether a model takes any sampler at any count of steps; a GAN or a student has one way. */
export function isFreelySampled(config: SuiteConfig, id: string): boolean {
  return kindOf(config, id).freelySampled ?? false;
}

/** The settings at which latency times a model: diversity's, and its own where the model takes any. */
export function timedSettings(config: SuiteConfig, id: string): SamplerSetting[] {
  const extra = isFreelySampled(config, id) ? (config.stages.latency?.sampling ?? []) : [];
  return samplerSettings(modelConfig(config, id).sampling, extra);
}

/** How much a model is trained here; nothing where it is not. @throws BAD_CONFIG for its batch */
function trainingFacts(config: SuiteConfig, id: string, model: Sampled | Model) {
  if (!("trainStep" in model)) return {};
  const { batch, images } = modelConfig(config, id);
  naming(`models.${id}.batch`, () => model.feedSignature(batch));
  const { parameters, flopsPerTrainingImage } = model;
  const steps = trainingSteps({ batch, images });
  return { parameters, flopsPerTrainingImage, imagesSeen: steps * batch, batch, steps };
}

/** Facts of every model for run.json. @throws one error for all that is wrong with the models, before anything runs */
export function modelFacts(config: SuiteConfig, labels: number): ModelFacts[] {
  const made = allOrMistakes(
    Object.keys(config.models).map((id) => () => {
      const model = createSampled(config, id, labels);
      const settings = [...timedSettings(config, id), scoringSetting(modelConfig(config, id))];
      allOrMistakes([
        ...settings.map(
          (setting) => () => naming(`models.${id}.sampling`, () => model.checkSetting(setting)),
        ),
        () => void trainingFacts(config, id, model),
      ]);
      return [id, model] as const;
    }),
  );
  return made.map(([id, model]) => {
    const configured = modelConfig(config, id);
    const alone = made.filter(([, other]) => other.title === model.title).length === 1;
    return {
      id,
      side: model.side,
      onePass: model.onePass,
      trained: isTrained(config, id),
      title: alone ? model.title : `${model.title} (${id})`,
      description: model.description,
      samplingParameters: model.samplingParameters,
      flopsPerEvaluation: model.flopsPerEvaluation,
      ...trainingFacts(config, id, model),
      classes: model.classes,
      drawsUnlabelled: model.drawsUnlabelled,
      teacher: configured.teacher,
      options: configured.options,
      tuning: configured.tuning,
    };
  });
}

export interface TrainedWeights {
  /** Sampling weights. */
  readonly weights: State;
  /** Whether they are an average over steps. */
  readonly averaged: boolean;
  /** The last step's own in their place. */
  readonly raw?: State;
}

/** The weights in a checkpoint of a training cell. */
export async function trainedWeights(
  out: string,
  model: Model,
  checkpoint: FileEntry,
): Promise<TrainedWeights> {
  const { tensors } = await readTensors(out, checkpoint);
  const weights = checkWeights(model, tensors, checkpoint.path);
  return { weights, averaged: model.averaged, raw: model.rawWeights?.(tensors) };
}
