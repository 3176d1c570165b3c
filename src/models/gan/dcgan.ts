/** Deep convolutional GAN (Radford et al. 2015, arXiv:1511.06434). */
import * as tf from "@tensorflow/tfjs-core";
import * as z from "zod";
import { BenchError } from "../../core/errors.ts";
import { checkImages } from "../../core/images.ts";
import type { Program } from "../../engine/contract.ts";
import { flatten, type Tree, unflatten } from "../../engine/ops/index.ts";
import { options, parseConfig } from "../config.ts";
import type { Model } from "../contract.ts";
import {
  channelsFirst,
  channelsLast,
  countOf,
  evaluate,
  initialise,
  movingAverage,
  shapesOf,
  totalFlops,
  train,
  trained,
  trainWithStatistics,
} from "../nn/index.ts";
import { compileLatentSearch } from "./inpainting.ts";
import { losses, lossNames } from "./losses/index.ts";
import { defaultDepth, discriminatorNetwork, generatorNetwork } from "./networks.ts";
import { compileGenerator, type GeneratorProgram } from "./sampling.ts";
import { illustrateWalks } from "./walk.ts";

const positive = z.number().int().positive();

export const dcganConfigSchema = options({
  size: positive.describe("edge of the images in pixels; halves evenly `depth` times"),
  channels: z.literal([1, 3]).describe("1 for grey, 3 for colour"),
  depth: positive
    .max(6)
    .optional()
    .describe("doublings of the generator; by default 4 from 64 pixels up, else 2"),
  latent: positive.default(100).describe("length of the generator's input, standard normal"),
  generatorWidth: positive.default(64).describe("channels of the generator's map at half the image's size"),
  discriminatorWidth: positive.default(64).describe("channels of the discriminator's map at half that size"),
  loss: z.enum(lossNames).default("non-saturating").describe("what the two networks minimise"),
  learningRate: z.number().positive().default(2e-4).describe("Adam's step size, both networks"),
  beta1: z.number().min(0).lt(1).default(0.5).describe("Adam's decay of the first moment, both networks"),
  ema: z.number().min(0).lt(1).default(0).describe("decay of the generator's averaged weights; 0 for none"),
});

export type DcganConfig = z.infer<typeof dcganConfigSchema>;

/** Share of a batch in the running statistics (the usual momentum of 0.1). */
const STATISTICS_SHARE = 0.1;

/**
 * The model of this configuration; BAD_CONFIG if its parts do not fit together. A step moves the discriminator once (real and fake
 * batches normalised apart), then the generator once on the same fakes, against the discriminator just moved.
 */
export function createDcgan(given: z.input<typeof dcganConfigSchema>): Model {
  const config = parseConfig("dcgan", dcganConfigSchema, given);
  const { size, channels, latent, learningRate, beta1, ema } = config;
  const shape = { size, channels, depth: config.depth ?? defaultDepth(size) };
  const loss = losses[config.loss];
  const generator = generatorNetwork(shape, latent, config.generatorWidth);
  const discriminator = discriminatorNetwork(shape, config.discriminatorWidth);
  const weights = {
    generator: trained("generator", generator.parameters, { learningRate, beta1, ema }),
    discriminator: trained("discriminator", discriminator.parameters, { learningRate, beta1 }),
  };
  const flops = { generator: totalFlops(generator.flops), discriminator: totalFlops(discriminator.flops) };
  const statisticsShapes = shapesOf(generator.statistics);
  const statisticsSpec = { shape: [countOf(generator.statistics)] };
  const imageShape = (batch: number) => ({ shape: [batch, size, size, channels] });

  const generate: Program<"weights" | "statistics" | "latent", "images"> = (inputs) => {
    const values = {
      ...weights.generator.unflatten(inputs.weights),
      ...unflatten(inputs.statistics, statisticsShapes),
    };
    return { images: channelsLast(evaluate(generator, values, inputs.latent as tf.Tensor2D)) };
  };
  const generateSignature = (batch: number) => ({
    weights: { shape: [weights.generator.count] },
    statistics: statisticsSpec,
    latent: { shape: [batch, latent] },
  });
  const generating: GeneratorProgram = {
    size,
    channels,
    latent,
    classes: 0,
    program: generate,
    signature: generateSignature,
  };

  return {
    family: "gan",
    title: "DCGAN",
    description: `generator of width ${config.generatorWidth}, discriminator of width ${config.discriminatorWidth}; ${loss.title} loss`,
    size,
    channels,
    classes: 0,
    parameters: weights.generator.count + weights.discriminator.count,
    samplingParameters: weights.generator.count,
    flopsPerEvaluation: flops.generator,
    // generator: forward and backward; discriminator: the same on real and on fake, and once more forward and back
    // through its activations alone for the generator's step
    flopsPerTrainingImage: 3 * flops.generator + (3 + 3 + 2) * flops.discriminator,

    state: { ...weights.generator.state, ...weights.discriminator.state, statistics: statisticsSpec },

    initialState: (stream) => ({
      ...weights.generator.initialState(stream.fold("generator")),
      ...weights.discriminator.initialState(stream.fold("discriminator")),
      statistics: { ...statisticsSpec, data: initialise(generator.statistics, stream) },
    }),

    trainStep(inputs) {
      const real = channelsFirst(inputs.images as tf.Tensor4D);
      const noise = inputs.latent as tf.Tensor2D;
      const { output: fake, statistics } = trainWithStatistics(
        generator,
        weights.generator.unflatten(inputs.generator!),
        noise,
      );
      const judge = (values: Tree) => ({
        real: train(discriminator, values, real),
        fake: train(discriminator, values, fake),
      });

      const judged = judge(weights.discriminator.unflatten(inputs.discriminator!));
      const onDiscriminator = weights.discriminator.step(inputs, (values) => {
        const logits = judge(values);
        return loss.discriminator(logits.real, logits.fake);
      });

      const opponent = weights.discriminator.unflatten(onDiscriminator.state.discriminator!);
      const onGenerator = weights.generator.step(inputs, (values) =>
        loss.generator(train(discriminator, opponent, train(generator, values, noise))),
      );

      return {
        ...onGenerator.state,
        ...onDiscriminator.state,
        statistics: movingAverage(
          inputs.statistics as tf.Tensor1D,
          flatten(statistics, statisticsShapes),
          STATISTICS_SHARE,
        ),
        discriminator_loss: onDiscriminator.loss,
        generator_loss: onGenerator.loss,
        discriminator_gradient_norm: onDiscriminator.gradientNorm,
        generator_gradient_norm: onGenerator.gradientNorm,
        discriminator_real: tf.mean(tf.sigmoid(judged.real)),
        discriminator_fake: tf.mean(tf.sigmoid(judged.fake)),
      };
    },

    feedSignature: (batch) => ({
      images: imageShape(batch),
      latent: { shape: [batch, latent] },
      ...weights.generator.feedSignature,
      ...weights.discriminator.feedSignature,
    }),

    feed({ images }, stream, step) {
      checkImages(images, "dcgan's training images");
      const noise = stream
        .fold(step)
        .fold("latent")
        .fillNormal(new Float32Array(images.count * latent));
      return {
        images: { ...imageShape(images.count), data: images.data },
        latent: { shape: [images.count, latent], data: noise },
        ...weights.generator.feed(step),
        ...weights.discriminator.feed(step),
      };
    },

    quantities: [
      "discriminator_loss",
      "generator_loss",
      "discriminator_gradient_norm",
      "generator_gradient_norm",
      "discriminator_real",
      "discriminator_fake",
    ],

    samplingWeights: (state) => ({
      weights: weights.generator.forSampling(state),
      statistics: state.statistics!,
    }),

    parameterAt: (tensor, index) =>
      weights.generator.parameterAt(tensor, index) ??
      weights.discriminator.parameterAt(tensor, index) ??
      tensor,

    checkSetting(setting) {
      if (setting.sampler !== "none" || setting.steps !== 1)
        throw new BenchError(
          "BAD_CONFIG",
          `dcgan samples in one pass, sampler "none" and 1 step, not "${setting.sampler}" and ${setting.steps}`,
        );
    },

    async generator(engine, state, setting, batch) {
      this.checkSetting(setting);
      return compileGenerator(engine, generating, state, batch);
    },

    inpainter: (engine, state, given, batch) => compileLatentSearch(engine, generating, state, given, batch),

    async illustrate(engine, state, setting, stream, grid) {
      this.checkSetting(setting);
      return illustrateWalks(engine, generating, state, stream, grid);
    },

    network: { program: generate, signature: generateSignature },
  };
}
