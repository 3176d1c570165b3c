/**
 * Generative adversarial networks (Goodfellow et al. 2014, arXiv:1406.2661) on DCGAN's networks. A training step moves the
 * discriminator `discriminatorSteps` times, each on its share of the batch (real and fake judged apart), then the generator
 * once on the last share's latents, against the discriminator just moved.
 */
import * as tf from "@tensorflow/tfjs-core";
import { badConfig } from "../../core/errors.ts";
import { checkImages } from "../../core/images.ts";
import type { Program, Signature } from "../../engine/contract.ts";
import type { Tree } from "../../engine/ops/index.ts";
import { parseConfig } from "../config.ts";
import type { Model, SamplerSetting, State } from "../contract.ts";
import {
  applyEvaluation,
  applyTraining,
  applyTrainingWithStatistics,
  channelsFirst,
  channelsLast,
  oneHot,
  type TrainedNetwork,
  totalFlops,
  trained,
} from "../nn/index.ts";
import { describeGan } from "./describe.ts";
import { discriminatorOf, type TrainedDiscriminator } from "./discriminator.ts";
import { compileLatentSearch } from "./inpainting.ts";
import { defaultDepth, type GeneratorNetwork, generatorNetwork } from "./networks.ts";
import { type GanConfig, ganSchemas, type PresetName, presets } from "./presets.ts";
import { compileGenerator, type GeneratorProgram } from "./sampling.ts";
import { standingStatistics } from "./standing.ts";
import { type RunningStatistics, runningStatistics } from "./statistics.ts";
import { illustrateWalks } from "./walk.ts";

/** A preset with these options; BAD_CONFIG if its parts do not fit together. */
export function createGan(preset: PresetName, given: unknown): Model {
  const config: GanConfig = parseConfig(preset, ganSchemas[preset], given);
  const { size, channels, latent, discriminatorSteps: turns } = config;
  const classes = config.conditional ? (config.classes ?? 0) : 0;
  if (config.conditional && classes < 2)
    throw badConfig(`${preset}.classes: a conditional model needs at least 2 labels`);
  const shape = { size, channels, depth: config.depth ?? defaultDepth(size) };
  const generator = generatorNetwork(shape, latent, config.generatorWidth, classes);
  const weights = trained("generator", generator.parameters, config);
  const statistics = runningStatistics(generator.statistics, config.ema > 0);
  const discriminator = discriminatorOf(preset, config, shape, classes);
  const flops = totalFlops(generator.flops);
  const labelSpec = (batch: number): Signature =>
    classes > 0 ? { labels: { shape: [batch, classes] } } : {};

  const program: Program<string, "images"> = (inputs) => {
    const values = { ...weights.unflatten(inputs.weights!), ...statistics.unflatten(inputs.statistics!) };
    const labels = inputs.labels as tf.Tensor2D | undefined;
    return { images: channelsLast(applyEvaluation(generator, values, inputs.latent as tf.Tensor2D, labels)) };
  };
  const signature = (batch: number): Signature => ({
    weights: { shape: [weights.count] },
    statistics: statistics.spec,
    latent: { shape: [batch, latent] },
    ...labelSpec(batch),
  });
  const generating: GeneratorProgram = { size, channels, latent, classes, program, signature };

  return {
    side: "gan",
    onePass: true,
    title: classes > 0 ? `Conditional ${presets[preset].title}` : presets[preset].title,
    description: describeGan(config, discriminator.loss),
    size,
    channels,
    classes,
    parameters: weights.count + discriminator.count,
    samplingParameters: weights.count,
    flopsPerEvaluation: flops,
    // generator: forward for every discriminator step, forward and backward for its own, which shares a forward pass
    flopsPerTrainingImage: flops * (1 + 2 / turns) + discriminator.flopsPerImage,

    state: { ...weights.state, ...discriminator.state, ...statistics.state },
    initialState: (stream) => ({
      ...weights.initialState(stream.fold("generator")),
      ...discriminator.initialState(stream.fold("discriminator")),
      ...statistics.initialState(stream),
    }),
    trainStep: (inputs) => trainStep(inputs, { generator, weights, statistics, discriminator, turns }),

    feedSignature(batch) {
      if (batch % turns !== 0)
        throw badConfig(
          `the batch of ${batch} does not divide into ${turns} discriminator steps; choose a multiple of ${turns}`,
        );
      return {
        images: { shape: [batch, size, size, channels] },
        latent: { shape: [batch, latent] },
        ...labelSpec(batch),
        ...weights.feedSignature,
        ...discriminator.feedSignature(batch),
      };
    },

    feed({ images, labels }, stream, step) {
      checkImages(images, "a GAN's training images");
      const { count, data } = images;
      const own = stream.fold(step);
      const noise = own.fold("latent").fillNormal(new Float32Array(count * latent));
      return {
        images: { shape: [count, size, size, channels], data },
        latent: { shape: [count, latent], data: noise },
        ...(classes > 0 ? { labels: oneHot(labels, classes) } : {}),
        ...weights.feed(step),
        ...discriminator.feed(count, own, step),
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
    async settled(engine, state, labels) {
      const kept = belongings.filter(([name]) => name in state);
      const weightsOf = kept.map(([, of]) => state[of]!);
      const parts = { generator, unflatten: weights.unflatten, latent, classes };
      const measured = await standingStatistics(engine, parts, weightsOf, labels);
      return { ...state, ...Object.fromEntries(kept.map(([name], i) => [name, measured[i]!])) };
    },
    averaged: weights.averaged,
    samplingWeights: (state) => ({
      weights: weights.forSampling(state),
      statistics: statistics.forSampling(state),
    }),
    ...(weights.averaged && {
      rawWeights: (state: State) => ({ weights: weights.raw(state), statistics: state.statistics! }),
    }),
    parameterAt: (tensor, index) =>
      weights.parameterAt(tensor, index) ?? discriminator.parameterAt(tensor, index) ?? tensor,

    checkSetting: (setting) => checkOnePass(preset, setting),
    async generator(engine, state, setting, batch) {
      checkOnePass(preset, setting);
      return compileGenerator(engine, generating, state, batch);
    },
    inpainter: (engine, state, given, batch) => compileLatentSearch(engine, generating, state, given, batch),
    async illustrate(engine, state, setting, stream, grid) {
      checkOnePass(preset, setting);
      return illustrateWalks(engine, generating, state, stream, grid);
    },
    network: { program, signature },
  };
}

/** Statistics by their names in the state, and the weights that they belong to. */
const belongings = [
  ["statistics", "generator"],
  ["statistics_ema", "generator_ema"],
] as const;

interface Players {
  readonly generator: GeneratorNetwork;
  readonly weights: TrainedNetwork;
  readonly statistics: RunningStatistics;
  readonly discriminator: TrainedDiscriminator;
  /** Steps of the discriminator for one of the generator. */
  readonly turns: number;
}

function trainStep(
  inputs: Tree,
  { generator, weights, statistics, discriminator, turns }: Players,
): Record<string, tf.Tensor> {
  const real = channelsFirst(inputs.images as tf.Tensor4D);
  const share = real.shape[0] / turns;
  const part = <T extends tf.Tensor>(x: T, turn: number): T =>
    turns === 1 ? x : tf.slice(x, turn * share, share);
  const labelled = (turn: number) => inputs.labels && part(inputs.labels as tf.Tensor2D, turn);
  const noise = (turn: number) => part(inputs.latent as tf.Tensor2D, turn);
  const values = weights.unflatten(inputs.generator!);

  let at: Tree = inputs;
  let batchStatistics: Tree = {};
  const observed: Tree[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const made = applyTrainingWithStatistics(generator, values, noise(turn), labelled(turn));
    batchStatistics = made.statistics;
    const batch = { real: part(real, turn), fake: made.output, labels: labelled(turn) };
    const moved = discriminator.step(at, batch, turn);
    at = { ...inputs, ...moved.state };
    observed.push(moved.quantities);
  }

  const last = turns - 1;
  const opponent = discriminator.opponent(at);
  const onGenerator = weights.step(inputs, (values) => {
    const fake = applyTraining(generator, values, noise(last), labelled(last));
    return discriminator.loss.generator(opponent.score(fake, labelled(last), inputs));
  });
  return {
    ...onGenerator.state,
    ...Object.fromEntries(Object.keys(discriminator.state).map((name) => [name, at[name]!])),
    ...opponent.state,
    ...statistics.step(inputs, batchStatistics, inputs.generator_ema_share),
    ...meanOf(observed),
    generator_loss: onGenerator.loss,
    generator_gradient_norm: onGenerator.gradientNorm,
  };
}

function checkOnePass(preset: PresetName, { sampler, steps, options = {} }: SamplerSetting): void {
  const unknown = Object.keys(options);
  if (unknown.length > 0)
    throw badConfig(`${preset} samples in one pass, which takes no options; leave out ${unknown.join(", ")}`);
  if (sampler !== "none" || steps !== 1)
    throw badConfig(
      `${preset} samples in one pass, sampler "none" and 1 step, not "${sampler}" and ${steps}`,
    );
}

/** The mean of each quantity over the discriminator's steps. */
function meanOf(observed: readonly Tree[]): Tree {
  if (observed.length === 1) return observed[0]!;
  const names = Object.keys(observed[0]!);
  return Object.fromEntries(
    names.map((name) => [name, tf.div(tf.addN(observed.map((each) => each[name]!)), observed.length)]),
  );
}
