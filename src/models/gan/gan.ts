/**
 * Generative adversarial networks (Goodfellow et al. 2014, arXiv:1406.2661) on DCGAN's networks. A training step moves the
 * discriminator `discriminatorSteps` times, each on its share of the batch (real and fake judged apart), then the generator
 * once on the last share's latents, against the discriminator just moved.
 */
import * as tf from "@tensorflow/tfjs-core";
import { BenchError } from "../../core/errors.ts";
import { checkImages } from "../../core/images.ts";
import type { Program, Signature } from "../../engine/contract.ts";
import { flatten, type Tree, unflatten } from "../../engine/ops/index.ts";
import { parseConfig } from "../config.ts";
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
import { describeGan } from "./describe.ts";
import { discriminatorOf } from "./discriminator.ts";
import { compileLatentSearch } from "./inpainting.ts";
import { defaultDepth, generatorNetwork } from "./networks.ts";
import { type GanConfig, ganSchemas, type PresetName, presets } from "./presets.ts";
import { compileGenerator, type GeneratorProgram, oneHot } from "./sampling.ts";
import { illustrateWalks } from "./walk.ts";

/** Share of a batch in the running statistics (the usual momentum of 0.1). */
const STATISTICS_SHARE = 0.1;

/** A preset with these options; BAD_CONFIG if its parts do not fit together. */
export function createGan(preset: PresetName, given: unknown): Model {
  const config: GanConfig = parseConfig(preset, ganSchemas[preset], given);
  const { size, channels, latent, ema, discriminatorSteps: turns } = config;
  const classes = config.conditional ? (config.classes ?? 0) : 0;
  if (config.conditional && classes < 2)
    throw new BenchError("BAD_CONFIG", `${preset}.classes: a conditional model needs at least 2 labels`);
  const shape = { size, channels, depth: config.depth ?? defaultDepth(size) };
  const generator = generatorNetwork(shape, latent, config.generatorWidth, classes);
  const weights = trained("generator", generator.parameters, config);
  const discriminator = discriminatorOf(preset, config, shape, classes);
  const { loss } = discriminator;
  const flops = totalFlops(generator.flops);
  const statisticsShapes = shapesOf(generator.statistics);
  const statisticsSpec = { shape: [countOf(generator.statistics)] };
  const statisticsEma: Signature = ema > 0 ? { statistics_ema: statisticsSpec } : {};
  const labelSpec = (batch: number): Signature =>
    classes > 0 ? { labels: { shape: [batch, classes] } } : {};
  const imageShape = (batch: number) => ({ shape: [batch, size, size, channels] });

  const program: Program<string, "images"> = (inputs) => {
    const values = {
      ...weights.unflatten(inputs.weights!),
      ...unflatten(inputs.statistics!, statisticsShapes),
    };
    const labels = inputs.labels as tf.Tensor2D | undefined;
    return { images: channelsLast(evaluate(generator, values, inputs.latent as tf.Tensor2D, labels)) };
  };
  const signature = (batch: number): Signature => ({
    weights: { shape: [weights.count] },
    statistics: statisticsSpec,
    latent: { shape: [batch, latent] },
    ...labelSpec(batch),
  });
  const generating: GeneratorProgram = { size, channels, latent, classes, program, signature };

  return {
    family: "gan",
    title: classes > 0 ? `Conditional ${presets[preset].title}` : presets[preset].title,
    description: describeGan(config, loss),
    size,
    channels,
    classes,
    parameters: weights.count + discriminator.count,
    samplingParameters: weights.count,
    flopsPerEvaluation: flops,
    // generator: forward for every discriminator step, forward and backward for its own, which shares a forward pass
    flopsPerTrainingImage: flops * (1 + 2 / turns) + discriminator.flopsPerImage,

    state: { ...weights.state, ...discriminator.state, statistics: statisticsSpec, ...statisticsEma },

    initialState(stream) {
      const statistics = { ...statisticsSpec, data: initialise(generator.statistics, stream) };
      return {
        ...weights.initialState(stream.fold("generator")),
        ...discriminator.initialState(stream.fold("discriminator")),
        statistics,
        ...(ema > 0 ? { statistics_ema: { ...statistics, data: statistics.data.slice() } } : {}),
      };
    },

    trainStep(inputs) {
      const real = channelsFirst(inputs.images as tf.Tensor4D);
      const share = real.shape[0] / turns;
      const part = <T extends tf.Tensor>(x: T, turn: number): T =>
        turns === 1 ? x : tf.slice(x, turn * share, share);
      const labelled = (turn: number) => (classes > 0 ? part(inputs.labels as tf.Tensor2D, turn) : undefined);
      const noise = (turn: number) => part(inputs.latent as tf.Tensor2D, turn);
      const values = weights.unflatten(inputs.generator!);

      let at: Tree = inputs;
      let statistics: Tree = {};
      const observed: Tree[] = [];
      for (let turn = 0; turn < turns; turn++) {
        const made = trainWithStatistics(generator, values, noise(turn), labelled(turn));
        statistics = made.statistics;
        const batch = { real: part(real, turn), fake: made.output, labels: labelled(turn) };
        const moved = discriminator.step(at, batch, turn);
        at = { ...inputs, ...moved.state };
        observed.push(moved.quantities);
      }

      const last = turns - 1;
      const opponent = discriminator.opponent(at);
      const onGenerator = weights.step(inputs, (values) =>
        loss.generator(
          opponent.score(train(generator, values, noise(last), labelled(last)), labelled(last), inputs),
        ),
      );
      const batchStatistics = flatten(statistics, statisticsShapes);
      const average = (name: string, by: tf.Tensor | number) =>
        movingAverage(inputs[name] as tf.Tensor1D, batchStatistics, by);
      return {
        ...onGenerator.state,
        ...Object.fromEntries(Object.keys(discriminator.state).map((name) => [name, at[name]!])),
        ...opponent.state,
        statistics: average("statistics", STATISTICS_SHARE),
        ...(ema > 0 ? { statistics_ema: average("statistics_ema", inputs.generator_ema_share!) } : {}),
        ...meanOf(observed),
        generator_loss: onGenerator.loss,
        generator_gradient_norm: onGenerator.gradientNorm,
      };
    },

    feedSignature: (batch) => {
      if (batch % turns !== 0)
        throw new BenchError(
          "BAD_CONFIG",
          `the batch of ${batch} does not divide into ${turns} discriminator steps; choose a multiple of ${turns}`,
        );
      return {
        images: imageShape(batch),
        latent: { shape: [batch, latent] },
        ...labelSpec(batch),
        ...weights.feedSignature,
        ...discriminator.feedSignature(batch),
      };
    },

    feed({ images, labels }, stream, step) {
      checkImages(images, "a GAN's training images");
      const own = stream.fold(step);
      const noise = own.fold("latent").fillNormal(new Float32Array(images.count * latent));
      return {
        images: { ...imageShape(images.count), data: images.data },
        latent: { shape: [images.count, latent], data: noise },
        ...(classes > 0 ? { labels: oneHot(labels, classes) } : {}),
        ...weights.feed(step),
        ...discriminator.feed(images.count, own, step),
      };
    },

    quantities: [
      "discriminator_loss",
      "generator_loss",
      "discriminator_gradient_norm",
      "generator_gradient_norm",
      "discriminator_real",
      "discriminator_fake",
      "discriminator_accuracy",
      ...(discriminator.penalised ? ["discriminator_penalty"] : []),
    ],

    samplingWeights: (state) => ({
      weights: weights.forSampling(state),
      statistics: state.statistics_ema ?? state.statistics!,
    }),

    parameterAt: (tensor, index) =>
      weights.parameterAt(tensor, index) ?? discriminator.parameterAt(tensor, index) ?? tensor,

    checkSetting(setting) {
      const unknown = Object.keys(setting.options ?? {});
      if (unknown.length > 0)
        throw new BenchError(
          "BAD_CONFIG",
          `${preset} samples without options; leave out ${unknown.join(", ")}`,
        );
      if (setting.sampler !== "none" || setting.steps !== 1)
        throw new BenchError(
          "BAD_CONFIG",
          `${preset} samples in one pass, sampler "none" and 1 step, not "${setting.sampler}" and ${setting.steps}`,
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

    network: { program, signature },
  };
}

/** The mean of each quantity over the discriminator's steps. */
function meanOf(observed: readonly Tree[]): Tree {
  if (observed.length === 1) return observed[0]!;
  const names = Object.keys(observed[0]!);
  return Object.fromEntries(
    names.map((name) => [name, tf.div(tf.addN(observed.map((each) => each[name]!)), observed.length)]),
  );
}
