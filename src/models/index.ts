import type * as z from "zod";
import type { Space } from "../core/space.ts";
import { AVERAGES } from "./config.ts";
import type { Model, Sampled } from "./contract.ts";
import { createDdpm, ddpmConfigSchema } from "./diffusion/ddpm.ts";
import { consistencyConfigSchema, createConsistency } from "./diffusion/distillation/consistency.ts";
import {
  consistencyTrainingConfigSchema,
  createConsistencyTraining,
} from "./diffusion/distillation/consistency-training.ts";
import { createProgressive, progressiveConfigSchema } from "./diffusion/distillation/progressive.ts";
import { createGan } from "./gan/gan.ts";
import { ganSchemas, type PresetName, presets } from "./gan/presets.ts";

export { type Classifier, createClassifier } from "./classifier/classifier.ts";
export {
  type Asked,
  checkWeights,
  type Diffusion,
  type Generator,
  type Inpainter,
  type Model,
  type Sampled,
  type SamplerSetting,
  type SamplingRecipe,
  type State,
  type Trainable,
  type TrainingBatch,
} from "./contract.ts";
export { objectives } from "./diffusion/objectives/index.ts";
export { samplers } from "./diffusion/samplers/index.ts";
export { schedules } from "./diffusion/schedules/index.ts";
export { losses } from "./gan/losses/index.ts";

/** Facts of a kind of model, as suites name it. */
interface Kind extends Pick<Sampled, "side" | "onePass"> {
  readonly describe: string;
  /** Strict; every option documented, all but size and channels defaulted. */
  readonly schema: z.ZodObject;
  /** Whether it learns from a trained model, its teacher, besides the data. */
  readonly distilled?: boolean;
  /** Whether it takes any sampler at any count of steps; a GAN or a student has one way. */
  readonly freelySampled?: boolean;
}

/** A kind that is trained here. */
export interface TrainedKind extends Kind {
  readonly trained: true;
  /** The option that sets the width of the sampling network; absent where the network is a teacher's. */
  readonly widthOption?: "base" | "generatorWidth";
  /** Options that a search for settings varies, where a suite names no others; its network and budget stay as they are. */
  readonly space: Space;
  /**
   * Validates again, so a configuration may come from anywhere; BAD_CONFIG. `teacher` is the definition that a
   * distilled kind needs.
   */
  create(config: unknown, teacher?: Model): Model;
}

/** A kind whose weights a person brings: images can be drawn from it, and nothing else is known of it. */
export interface ImportedKind extends Kind {
  readonly trained: false;
  create(config: unknown): Sampled;
}

export type ModelKind = TrainedKind | ImportedKind;

/** Options that the harness gives, not the suite: facts of the data, and the training steps of the budget. */
export const givenOptions = { size: true, channels: true, classes: true, trainingSteps: true } as const;

function ganKind(preset: PresetName): TrainedKind {
  const { describe, space } = presets[preset];
  return {
    side: "gan",
    onePass: true,
    trained: true,
    widthOption: "generatorWidth",
    space,
    describe,
    schema: ganSchemas[preset],
    create: (config) => createGan(preset, config),
  };
}

const diffusionKind = {
  side: "diffusion",
  onePass: false,
  trained: true,
  space: { learningRate: { log: [1e-4, 3e-3] }, ema: AVERAGES },
} as const;

/** A student starts from its teacher's weights, and may want smaller steps than a network that starts from noise. */
const STUDENT_SPACE = { learningRate: { log: [1e-5, 3e-3] }, ema: AVERAGES } as const;

export const models = {
  ddpm: {
    ...diffusionKind,
    widthOption: "base",
    describe: "U-Net that learns to undo noise: any schedule, target, objective and variance",
    schema: ddpmConfigSchema,
    freelySampled: true,
    create: createDdpm,
  },
  progressive: {
    ...diffusionKind,
    space: STUDENT_SPACE,
    describe: "student of a trained ddpm, its steps halved again and again, from DDIM's to one",
    schema: progressiveConfigSchema,
    distilled: true,
    create: createProgressive,
  },
  consistency: {
    ...diffusionKind,
    space: STUDENT_SPACE,
    describe: "student of a trained ddpm that maps every point of its path to the path's end",
    schema: consistencyConfigSchema,
    distilled: true,
    create: createConsistency,
  },
  "consistency-training": {
    ...diffusionKind,
    widthOption: "base",
    describe: "consistency model trained on data alone, without a teacher",
    schema: consistencyTrainingConfigSchema,
    create: createConsistencyTraining,
  },
  dcgan: ganKind("dcgan"),
  "sngan-hinge": ganKind("sngan-hinge"),
  "wgan-gp": ganKind("wgan-gp"),
  "dcgan-r1-diffaug": ganKind("dcgan-r1-diffaug"),
} satisfies Record<string, ModelKind>;

export type ModelName = keyof typeof models;
