/** The options of ddpm, and which of them do not go together. */
import * as z from "zod";
import { badConfig } from "../../core/errors.ts";
import {
  edge,
  flag,
  fraction,
  labels,
  levels,
  nonNegative,
  options,
  parseConfig,
  positive,
  whole,
  width,
} from "../config.ts";
import { timeEncodings } from "../nn/index.ts";
import { GROUPS, resamplings } from "./blocks.ts";
import { inputNormalisations } from "./input-normalisation.ts";
import { objectiveSchema } from "./objectives/index.ts";
import { scheduleSchema } from "./schedules/index.ts";
import { targetNames } from "./targets/index.ts";
import { timestepSamplings } from "./timestep-sampling.ts";

const nameOf = <T extends object>(table: T) => z.enum(Object.keys(table) as [keyof T & string]);

export const ddpmConfigSchema = options({
  size: edge.describe("edge of the images in pixels; halves evenly once per level after the first"),
  channels: z.literal([1, 3]).describe("1 for grey, 3 for colour"),
  classes: labels.default(0).describe("labels that the data tells apart"),
  base: width.default(32).describe("width of the U-Net's first level, a multiple of `groups`"),
  multipliers: z
    .array(whole.max(64))
    .min(1)
    .max(8)
    .default([1, 2, 2])
    .describe("width of each level, times base"),
  blocks: whole
    .max(64)
    .default(2)
    .describe("residual blocks per level on the way down; one more on the way up"),
  attention: z
    .array(edge)
    .max(16)
    .default([])
    .describe("resolutions in pixels with attention, besides the middle, which always has it"),
  heads: whole.max(256).default(1).describe("heads of attention; divides the widths where it is"),
  groups: width.default(GROUPS).describe("groups of channels that group normalisation takes together"),
  dropout: fraction.default(0).describe("rate at which values are dropped in residual blocks in training"),
  zeroInitialised: flag
    .default(true)
    .describe("last convolutions of blocks, attention and network start at zero"),
  resampling: z
    .enum(resamplings)
    .default("convolution")
    .describe(
      "how the size changes between levels: by convolutions, by those that pad below and to the right alone as DDPM's code does, or by means and repeats of pixels",
    ),
  conditional: flag.default(false).describe("tell the network each image's label"),
  labelDropout: fraction
    .default(0.1)
    .describe("share of labels withheld in training, which classifier-free guidance needs"),
  timeEncoding: nameOf(timeEncodings)
    .default("concatenated")
    .describe("order and frequencies of the sines and cosines that tell the step"),
  timePeriod: z
    .number()
    .gt(1)
    .default(10_000)
    .describe("n of the encoding: the longest wavelength is about 2 pi n steps"),
  schedule: scheduleSchema.prefault({ name: "linear" }).describe("noise schedule, by name with its options"),
  timesteps: levels.min(2).default(1000).describe("steps of the forward process"),
  inputScale: positive
    .default(1)
    .describe("b: images are multiplied by it before they are noised, which shifts logSNR by 2 ln b"),
  inputNormalisation: nameOf(inputNormalisations)
    .default("none")
    .describe("what the network sees x_t divided by: nothing, its expected deviation, or its own"),
  target: z
    .enum(targetNames)
    .default("epsilon")
    .describe("what the network estimates: the noise, the clean image, v, or the mean of the step before"),
  objective: objectiveSchema
    .prefault({ name: "simple" })
    .describe("what training minimises, by name with its options"),
  variance: z
    .enum(["fixed-small", "fixed-large", "learned-range"])
    .default("fixed-small")
    .describe(
      "of a reverse step: beta-tilde, beta, or between them as the network says; the large one fails at few steps",
    ),
  timestepSampling: nameOf(timestepSamplings)
    .default("uniform")
    .describe("which steps training sees: all alike, or by the size of their recent losses"),
  learningRate: positive.default(2e-4).describe("Adam's step size after the warm-up"),
  warmup: z.number().int().min(0).default(500).describe("training steps over which the rate grows linearly"),
  ema: fraction.default(0.9999).describe("decay of the averaged weights; 0 samples from the last"),
  clip: nonNegative.default(1).describe("largest norm of the whole gradient; 0 for no limit"),
});

export type DdpmConfig = z.infer<typeof ddpmConfigSchema>;

/** The resolved configuration; BAD_CONFIG for unknown options, and for options that do not go together. */
export function ddpmConfig(given: unknown): DdpmConfig {
  const config = parseConfig("ddpm", ddpmConfigSchema, given);
  const { conditional, classes, variance, target } = config;
  if (conditional && classes === 0) throw badConfig("ddpm.conditional: this data has no labels to be told");
  if (variance === "learned-range" && target !== "epsilon" && target !== "v")
    throw badConfig(
      `ddpm.variance: learned-range is not supported with target ${target}, beside which nobody has published it; ` +
        "choose target epsilon or v, or a fixed variance",
    );
  return config;
}

/** What differs from the default, in words, for the model's description. */
export function configLabel(config: DdpmConfig): string {
  const { target, objective, variance, inputScale, conditional, timestepSampling } = config;
  const parts = [
    ...(conditional ? ["told labels"] : []),
    ...(target === "epsilon" ? [] : [`estimates ${target}`]),
    ...(objective.name === "simple"
      ? []
      : [`objective ${objective.name}${objective.name === "bound" ? ` (${objective.form})` : ""}`]),
    ...(variance === "learned-range" ? ["learned variance"] : []),
    ...(inputScale === 1 ? [] : [`input scale ${inputScale}`]),
    ...(timestepSampling === "uniform" ? [] : [`${timestepSampling} timesteps`]),
  ];
  return parts.length === 0 ? "" : `; ${parts.join(", ")}`;
}
