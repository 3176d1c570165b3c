import type * as z from "zod";
import type { Model } from "./contract.ts";
import { createDdpm, ddpmConfigSchema } from "./diffusion/ddpm.ts";
import { createDcgan, dcganConfigSchema } from "./gan/dcgan.ts";

export {
  type Classifier,
  type ClassifierConfig,
  classifierConfigSchema,
  createClassifier,
} from "./classifier/classifier.ts";
export type { Generator, Model, SamplerSetting, State } from "./contract.ts";
export { samplers } from "./diffusion/samplers/index.ts";
export { schedules } from "./diffusion/schedules/index.ts";
export { losses } from "./gan/losses/index.ts";

/** A kind of model as suites name it. */
export interface ModelKind {
  readonly family: Model["family"];
  readonly describe: string;
  /** Strict; every option documented, all but size and channels defaulted. */
  readonly schema: z.ZodObject;
  /** Validates again, so a configuration may come from anywhere; BAD_CONFIG. */
  create(config: unknown): Model;
}

export const models = {
  ddpm: {
    family: "diffusion",
    describe: "U-Net that predicts the noise, trained with the simple loss",
    schema: ddpmConfigSchema,
    create: createDdpm,
  },
  dcgan: {
    family: "gan",
    describe: "transposed-convolution generator against a convolutional discriminator",
    schema: dcganConfigSchema,
    create: createDcgan,
  },
} satisfies Record<string, ModelKind>;

export type ModelName = keyof typeof models;
