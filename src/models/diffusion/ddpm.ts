/** Denoising diffusion probabilistic model (Ho et al. 2020, arXiv:2006.11239): a U-Net that predicts the noise. */
import * as tf from "@tensorflow/tfjs-core";
import * as z from "zod";
import { checkImages, imageSize } from "../../core/images.ts";
import type { HostTensor, Signature } from "../../engine/contract.ts";
import type { Tree } from "../../engine/ops/index.ts";
import { options, parseConfig } from "../config.ts";
import { channelsFirst, channelsLast, evaluate, meanSquaredError, totalFlops, trained } from "../nn/index.ts";
import type { DiffusionModel } from "./backbone.ts";
import type { Denoiser } from "./denoiser.ts";
import { forwardProcess } from "./posterior.ts";
import { samplingOf } from "./sampling.ts";
import { alphaBarFor, scheduleSchema } from "./schedules/index.ts";
import { targets } from "./targets/index.ts";
import { unet } from "./unet.ts";

const positive = z.number().int().positive();

export const ddpmConfigSchema = options({
  size: positive.describe("edge of the images in pixels; halves evenly once per level after the first"),
  channels: z.literal([1, 3]).describe("1 for grey, 3 for colour"),
  base: positive.default(32).describe("width of the U-Net's first level, a multiple of 8"),
  multipliers: z.array(positive).min(1).default([1, 2, 2]).describe("width of each level, times base"),
  blocks: positive.default(2).describe("residual blocks per level on the way down; one more on the way up"),
  attention: z
    .array(positive)
    .default([])
    .describe("resolutions in pixels with attention, besides the middle, which always has it"),
  schedule: scheduleSchema.prefault({ name: "linear" }).describe("noise schedule, by name with its options"),
  timesteps: positive.min(2).default(1000).describe("steps of the forward process"),
  learningRate: z.number().positive().default(2e-4).describe("Adam's step size after the warm-up"),
  warmup: z.number().int().min(0).default(500).describe("training steps over which the rate grows linearly"),
  ema: z
    .number()
    .min(0)
    .lt(1)
    .default(0.9999)
    .describe("decay of the averaged weights; 0 samples from the last"),
  clip: z.number().min(0).default(1).describe("largest norm of the whole gradient; 0 for no limit"),
  variance: z
    .enum(["fixed-small", "fixed-large"])
    .default("fixed-small")
    .describe("variance of a step of the ddpm sampler: beta-tilde or beta; the large one fails at few steps"),
});

export type DdpmConfig = z.infer<typeof ddpmConfigSchema>;

/**
 * The model of this configuration; BAD_CONFIG if its parts do not fit together. Training minimises
 * E |epsilon - epsilon-hat|^2 at steps drawn uniformly (eq. 14), with Adam, linear warm-up, gradient clipping and averaged weights.
 */
export function createDdpm(given: z.input<typeof ddpmConfigSchema>): DiffusionModel {
  const config = parseConfig("ddpm", ddpmConfigSchema, given);
  const { size, channels, timesteps } = config;
  const network = unet(config);
  const weights = trained("denoiser", network.parameters, config);
  const flops = totalFlops(network.flops);
  const alphaBar = alphaBarFor(timesteps, config.schedule);

  const imageShape = (batch: number) => ({ shape: [batch, size, size, channels] });
  const predict = (values: Tree, x: tf.Tensor4D, t: tf.Tensor1D) =>
    channelsLast(evaluate(network, values, channelsFirst(x), t));
  const denoiser: Denoiser = {
    size,
    channels,
    classes: 0,
    alphaBar,
    inputScale: 1,
    target: targets.epsilon,
    variance: config.variance,
    weightCount: weights.count,
    predict: (flat, x, t) => predict(weights.unflatten(flat), x, t),
  };

  return {
    family: "diffusion",
    title: "DDPM",
    description: `U-Net of base ${config.base}, multipliers ${config.multipliers.join(", ")}; ${config.schedule.name} schedule of ${timesteps} steps`,
    size,
    channels,
    classes: 0,
    parameters: weights.count,
    samplingParameters: weights.count,
    flopsPerEvaluation: flops,
    flopsPerTrainingImage: 3 * flops, // forward, and the gradients in activations and weights

    state: weights.state,
    initialState: (stream) => weights.initialState(stream),

    trainStep(inputs) {
      const images = inputs.images as tf.Tensor4D;
      const noise = inputs.noise as tf.Tensor4D;
      const noised = tf.add(tf.mul(images, inputs.signal!), tf.mul(noise, inputs.spread!)) as tf.Tensor4D;
      const { state, loss, gradientNorm } = weights.step(inputs, (values) =>
        meanSquaredError(predict(values, noised, inputs.t as tf.Tensor1D), noise),
      );
      return { ...state, loss, gradient_norm: gradientNorm };
    },

    feedSignature: (batch): Signature => ({
      images: imageShape(batch),
      noise: imageShape(batch),
      t: { shape: [batch] },
      signal: { shape: [batch, 1, 1, 1] },
      spread: { shape: [batch, 1, 1, 1] },
      ...weights.feedSignature,
    }),

    feed({ images }, stream, step) {
      checkImages(images, "ddpm's training images");
      const batch = images.count;
      const own = stream.fold(step);
      const steps = own.fold("t");
      const t = Float32Array.from({ length: batch }, () => steps.integer(timesteps));
      const levels = Array.from(t, (at) => forwardProcess(alphaBar[at]!));
      const perImage = (values: number[]): HostTensor => ({
        shape: [batch, 1, 1, 1],
        data: Float32Array.from(values),
      });
      const noise = own.fold("noise").fillNormal(new Float32Array(batch * imageSize(images)));
      return {
        images: { ...imageShape(batch), data: images.data },
        noise: { ...imageShape(batch), data: noise },
        t: { shape: [batch], data: t },
        signal: perImage(levels.map(({ signal }) => signal)),
        spread: perImage(levels.map(({ spread }) => spread)),
        ...weights.feed(step),
      };
    },

    quantities: ["loss", "gradient_norm"],

    samplingWeights: (state) => ({ weights: weights.forSampling(state) }),

    parameterAt: (tensor, index) => weights.parameterAt(tensor, index) ?? tensor,

    ...samplingOf(denoiser),
    backbone: { denoiser, parameters: network.parameters, predict },

    network: {
      program: (inputs) => ({
        epsilon: denoiser.predict(
          inputs.weights as tf.Tensor1D,
          inputs.images as tf.Tensor4D,
          inputs.t as tf.Tensor1D,
        ),
      }),
      signature: (batch) => ({
        weights: { shape: [weights.count] },
        images: imageShape(batch),
        t: { shape: [batch] },
      }),
    },
  };
}
