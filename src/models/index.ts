import type * as z from "zod";
import type { Model } from "./contract.ts";
import { createDdpm, ddpmConfigSchema } from "./diffusion/ddpm.ts";
import { createGan } from "./gan/gan.ts";
import { ganSchemas, type PresetName, presets } from "./gan/presets.ts";

export {
  type Classifier,
  type ClassifierConfig,
  classifierConfigSchema,
  createClassifier,
} from "./classifier/classifier.ts";
export type {
  Diffusion,
  Generator,
  HostMemory,
  Illustration,
  Inpainter,
  Model,
  SamplerSetting,
  State,
  TrainingBatch,
} from "./contract.ts";
export { objectives } from "./diffusion/objectives/index.ts";
export { samplers } from "./diffusion/samplers/index.ts";
export { schedules } from "./diffusion/schedules/index.ts";
export { losses } from "./gan/losses/index.ts";

/** A kind of model as suites name it. */
export interface ModelKind {
  readonly family: Model["family"];
  readonly describe: string;
  /** Strict; every option documented, all but size and channels defaulted. */
  readonly schema: z.ZodObject;
  /** Whether it learns from a trained model, its teacher, besides the data. */
  readonly distilled?: boolean;
  /**
   * Validates again, so a configuration may come from anywhere; BAD_CONFIG. `teacher` is the definition that a
   * distilled kind needs.
   */
  create(config: unknown, teacher?: Model): Model;
}

/** Options that the harness gives, not the suite: facts of the data, and the training steps of the budget. */
export const givenOptions = { size: true, channels: true, classes: true, trainingSteps: true } as const;

function ganKind(preset: PresetName): ModelKind {
  const { describe } = presets[preset];
  return {
    family: "gan",
    describe,
    schema: ganSchemas[preset],
    create: (config) => createGan(preset, config),
  };
}

export const models = {
  ddpm: {
    family: "diffusion",
    describe: "U-Net that predicts the noise, trained with the simple loss",
    schema: ddpmConfigSchema,
    create: createDdpm,
  },
  dcgan: ganKind("dcgan"),
  "sngan-hinge": ganKind("sngan-hinge"),
  "wgan-gp": ganKind("wgan-gp"),
  "dcgan-r1-diffaug": ganKind("dcgan-r1-diffaug"),
} satisfies Record<string, ModelKind>;

export type ModelName = keyof typeof models;
