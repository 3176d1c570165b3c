/** GANs as published, each a set of defaults over the same options: whatever one has, another can be given. */
import * as z from "zod";
import type { Space } from "../../core/space.ts";
import {
  AVERAGES,
  edge,
  flag,
  fraction,
  labels,
  nonNegative,
  options,
  positive,
  whole,
  width,
} from "../config.ts";
import { type LossName, lossNames } from "./losses/index.ts";
import { type NormName, normNames } from "./networks.ts";
import { type AugmentationName, augmentationNames } from "./regularisers/index.ts";

/** What presets differ in, as in Radford et al. 2015. */
const PLAIN = {
  loss: "non-saturating" as LossName,
  discriminatorNorm: "batch" as NormName,
  spectralNorm: false,
  gradientPenalty: 0,
  r1: 0,
  augment: [] as readonly AugmentationName[],
  discriminatorSteps: 1,
  learningRate: 2e-4,
  beta1: 0.5,
  beta2: 0.999,
  ema: 0,
};

type PresetDefaults = typeof PLAIN;

/** Adam's options, which Lucic et al. 2018 (arXiv:1711.10337) vary too, and the average; a preset adds its penalty's weight. */
const SPACE = {
  learningRate: { log: [1e-4, 4e-3] },
  beta1: [0, 0.5, 0.9],
  ema: AVERAGES,
} as const satisfies Space;

interface Preset {
  readonly title: string;
  readonly describe: string;
  readonly defaults: PresetDefaults;
  /** What a search for settings varies. */
  readonly space: Space;
}

/** The options of a GAN, those that presets differ in with the preset's defaults. */
function ganOptions(defaults: PresetDefaults) {
  return options({
    size: edge.describe("edge of the images in pixels; halves evenly `depth` times"),
    channels: z.literal([1, 3]).describe("1 for grey, 3 for colour"),
    classes: labels.min(1).optional().describe("labels of the data, which a conditional model is told"),
    conditional: flag
      .default(false)
      .describe("whether both networks are told the labels, the discriminator by projection"),
    depth: whole
      .max(6)
      .optional()
      .describe("doublings of the generator; by default 4 from 64 pixels up, else 2"),
    latent: width.default(100).describe("length of the generator's input, standard normal"),
    generatorWidth: width.default(64).describe("channels of the generator's map at half the image's size"),
    discriminatorWidth: width.default(64).describe("channels of the discriminator's map at half that size"),
    loss: z.enum(lossNames).default(defaults.loss).describe("what the two networks minimise"),
    discriminatorNorm: z
      .enum(normNames)
      .default(defaults.discriminatorNorm)
      .describe("normalisation in the discriminator, its first convolution aside; not batch with a penalty"),
    spectralNorm: flag
      .default(defaults.spectralNorm)
      .describe("the discriminator's weights divided by their largest singular value"),
    gradientPenalty: nonNegative
      .default(defaults.gradientPenalty)
      .describe("weight of WGAN-GP's penalty on gradients between real and generated images; 0 for none"),
    r1: nonNegative
      .default(defaults.r1)
      .describe("weight gamma of R1's penalty on gradients at real images; 0 for none"),
    augment: z
      .array(z.enum(augmentationNames))
      .default([...defaults.augment])
      .describe("parts of DiffAugment applied to all that the discriminator sees"),
    labelSmoothing: z
      .number()
      .min(0)
      .lt(0.5)
      .default(0)
      .describe("by how much the discriminator's target of real images is below 1"),
    discriminatorSteps: whole
      .max(16)
      .default(defaults.discriminatorSteps)
      .describe("discriminator steps per generator step; they share the batch, which it divides"),
    learningRate: positive.default(defaults.learningRate).describe("Adam's step size, both networks"),
    beta1: fraction.default(defaults.beta1).describe("Adam's decay of the first moment, both networks"),
    beta2: fraction.default(defaults.beta2).describe("Adam's decay of the second moment, both networks"),
    ema: fraction
      .default(defaults.ema)
      .describe("decay of the generator's averaged weights; 0 samples from the last"),
  });
}

type GanOptions = ReturnType<typeof ganOptions>;
export type GanConfig = z.infer<GanOptions>;

export const presets = {
  dcgan: {
    title: "DCGAN",
    describe: "transposed-convolution generator against a convolutional discriminator, as published in 2015",
    defaults: PLAIN,
    space: SPACE,
  },
  "sngan-hinge": {
    title: "SNGAN",
    describe:
      "DCGAN's networks with hinge loss, and spectral in place of batch normalisation in the discriminator",
    // Miyato et al. 2018, setting C of table 1
    defaults: { ...PLAIN, loss: "hinge", discriminatorNorm: "none", spectralNorm: true },
    space: SPACE,
  },
  "wgan-gp": {
    title: "WGAN-GP",
    describe:
      "DCGAN's networks with Wasserstein loss, gradient penalty, layer normalisation, five discriminator steps",
    // Gulrajani et al. 2017, algorithm 1; layer normalisation as their section 4 recommends
    defaults: {
      ...PLAIN,
      loss: "wasserstein",
      discriminatorNorm: "layer",
      gradientPenalty: 10,
      discriminatorSteps: 5,
      learningRate: 1e-4,
      beta1: 0,
      beta2: 0.9,
    },
    space: { ...SPACE, gradientPenalty: { log: [1, 30] } },
  },
  "dcgan-r1-diffaug": {
    title: "DCGAN-R1-DA",
    describe: "DCGAN's networks with layer normalisation, R1, DiffAugment and an averaged generator",
    defaults: {
      ...PLAIN,
      discriminatorNorm: "layer",
      r1: 0.01,
      augment: ["translation"],
      ema: 0.99,
    },
    space: { ...SPACE, r1: { log: [1e-3, 1] } },
  },
} satisfies Record<string, Preset>;

export type PresetName = keyof typeof presets;

/** Strict; every option documented, all but size and channels with the preset's defaults. */
export const ganSchemas = Object.fromEntries(
  Object.entries(presets).map(([name, { defaults }]) => [name, ganOptions(defaults)]),
) as Record<PresetName, GanOptions>;
