/** Denoising diffusion probabilistic model (Ho et al. 2020, arXiv:2006.11239): a U-Net that learns to undo noise. */
import * as tf from "@tensorflow/tfjs-core";
import type * as z from "zod";
import { assert } from "../../core/errors.ts";
import { checkImages, imageSize } from "../../core/images.ts";
import type { Rng } from "../../core/rng.ts";
import type { HostTensor, Signature } from "../../engine/contract.ts";
import type { Tree } from "../../engine/ops/index.ts";
import { channelsFirst, channelsLast, evaluate, totalFlops, trained } from "../nn/index.ts";
import type { DiffusionModel } from "./backbone.ts";
import { configLabel, ddpmConfig, type ddpmConfigSchema } from "./config.ts";
import type { Denoiser } from "./denoiser.ts";
import { drawFactors } from "./dropout.ts";
import { inputNormalisations } from "./input-normalisation.ts";
import { lossFor } from "./objectives/index.ts";
import { processOf } from "./process.ts";
import { samplingOf } from "./sampling.ts";
import { alphaBarFor } from "./schedules/index.ts";
import { targetFor } from "./targets/index.ts";
import { timestepSamplings } from "./timestep-sampling.ts";
import { type Conditions, unet } from "./unet.ts";

export { type DdpmConfig, ddpmConfigSchema } from "./config.ts";

/**
 * The model of this configuration; BAD_CONFIG if its parts do not fit together. Training minimises the objective with
 * Adam, linear warm-up, gradient clipping and averaged weights.
 */
export function createDdpm(given: z.input<typeof ddpmConfigSchema>): DiffusionModel {
  const config = ddpmConfig(given);
  const { size, channels, timesteps, inputScale, variance, labelDropout } = config;
  const classes = config.conditional ? config.classes : 0;
  const learned = variance === "learned-range";
  const network = unet({
    ...config,
    classes,
    outputs: learned ? 2 * channels : channels,
    encoding: { encoding: config.timeEncoding, period: config.timePeriod },
  });
  const weights = trained("denoiser", network.parameters, config);
  const flops = totalFlops(network.flops);
  const alphaBar = alphaBarFor(timesteps, config.schedule);
  const target = targetFor(config.target, alphaBar);
  const normalise = inputNormalisations[config.inputNormalisation]({ alphaBar, inputScale });
  const loss = lossFor(config.objective, { alphaBar, inputScale, target, variance }, config.target);
  const timestepSampling = timestepSamplings[config.timestepSampling](timesteps);
  const weighted = timestepSampling.memory !== undefined;

  const predict = (values: Tree, x: tf.Tensor4D, conditions: Conditions) =>
    channelsLast(evaluate(network, values, channelsFirst(normalise(x, conditions.t)), conditions));
  const denoiser: Denoiser = {
    size,
    channels,
    classes,
    knowsNoLabel: labelDropout > 0,
    alphaBar,
    inputScale,
    target,
    variance,
    weightCount: weights.count,
    predict: (flat, x, t, labels) => predict(weights.unflatten(flat), x, { t, labels }),
  };
  /** The labels, or `classes` where one is withheld. */
  const toldLabels = (labels: ArrayLike<number>, stream: Rng): HostTensor => {
    const data = Int32Array.from(labels, (label, i) => {
      assert(label < classes, `label ${label} of image ${i}: there are ${classes}`);
      return stream.uniform() < labelDropout ? classes : label;
    });
    return { shape: [data.length], data };
  };
  const imageShape = (batch: number) => ({ shape: [batch, size, size, channels] });
  const scalarNames = Object.keys(loss.scalars(0));

  return {
    family: "diffusion",
    title: classes > 0 ? "Conditional DDPM" : "DDPM",
    description:
      `U-Net of base ${config.base}, multipliers ${config.multipliers.join(", ")}; ` +
      `${config.schedule.name} schedule of ${timesteps} steps${configLabel(config)}`,
    size,
    channels,
    classes,
    parameters: weights.count,
    samplingParameters: weights.count,
    flopsPerEvaluation: flops,
    flopsPerTrainingImage: 3 * flops, // forward, and the gradients in activations and weights

    state: weights.state,
    initialState: (stream) => weights.initialState(stream),

    trainStep(inputs) {
      const tensor = (name: string) => inputs[name] as tf.Tensor4D;
      const [images, noise] = [tensor("images"), tensor("noise")];
      const mixed = (clean: string, epsilon: string) =>
        tf.add(tf.mul(images, tensor(clean)), tf.mul(noise, tensor(epsilon))) as tf.Tensor4D;
      const noised = mixed("signal", "spread");
      const wanted = config.target === "epsilon" ? noise : mixed("wanted_clean", "wanted_epsilon");
      const conditions: Conditions = {
        t: inputs.t as tf.Tensor1D,
        labels: inputs.labels as tf.Tensor1D | undefined,
        dropout: inputs.dropout as tf.Tensor2D | undefined,
      };
      let sampleLoss: tf.Tensor | undefined;
      const step = weights.step(inputs, (values) => {
        const output = predict(values, noised, conditions);
        const [estimate, share] = learned ? (tf.split(output, 2, 3) as tf.Tensor4D[]) : [output];
        const error = tf.sub(wanted, estimate!) as tf.Tensor4D;
        const losses = loss.of({ images, error, share }, inputs);
        if (!weighted) return tf.mean(losses);
        sampleLoss = tf.keep(tf.mean(tf.reshape(losses, [images.shape[0], -1]), 1)); // outlives the gradient's tidy
        return tf.mean(tf.mul(sampleLoss, inputs.loss_weight!));
      });
      return {
        ...step.state,
        loss: step.loss,
        gradient_norm: step.gradientNorm,
        ...(sampleLoss ? { sample_loss: sampleLoss } : {}),
      };
    },

    feedSignature(batch): Signature {
      const perImage = { shape: [batch, 1, 1, 1] };
      return {
        images: imageShape(batch),
        noise: imageShape(batch),
        t: { shape: [batch] },
        signal: perImage,
        spread: perImage,
        ...(config.target === "epsilon" ? {} : { wanted_clean: perImage, wanted_epsilon: perImage }),
        ...Object.fromEntries(scalarNames.map((name) => [name, perImage])),
        ...(weighted ? { loss_weight: { shape: [batch] } } : {}),
        ...(classes > 0 ? { labels: { shape: [batch], dtype: "int32" as const } } : {}),
        ...(config.dropout > 0 ? { dropout: { shape: [batch, network.dropoutFactors] } } : {}),
        ...weights.feedSignature,
      };
    },

    feed({ images, labels }, stream, step, memory) {
      checkImages(images, "ddpm's training images");
      const batch = images.count;
      const own = stream.fold(step);
      const { t, weights: lossWeights } = timestepSampling.draw(own.fold("t"), batch, memory);
      const perImage = (of: (t: number) => number): HostTensor => ({
        shape: [batch, 1, 1, 1],
        data: Float32Array.from(t, of),
      });
      const level = (at: number) => alphaBar[at]!;
      const noise = own.fold("noise").fillNormal(new Float32Array(batch * imageSize(images)));
      const wanted = (at: number) => target.wanted(level(at));
      return {
        images: { ...imageShape(batch), data: images.data },
        noise: { ...imageShape(batch), data: noise },
        t: { shape: [batch], data: Float32Array.from(t) },
        signal: perImage((at) => inputScale * Math.sqrt(level(at))),
        spread: perImage((at) => Math.sqrt(1 - level(at))),
        ...(config.target === "epsilon"
          ? {}
          : {
              wanted_clean: perImage((at) => inputScale * wanted(at).clean),
              wanted_epsilon: perImage((at) => wanted(at).epsilon),
            }),
        ...Object.fromEntries(scalarNames.map((name) => [name, perImage((at) => loss.scalars(at)[name]!)])),
        ...(weighted ? { loss_weight: { shape: [batch], data: Float32Array.from(lossWeights!) } } : {}),
        ...(classes > 0 ? { labels: toldLabels(labels, own.fold("labels")) } : {}),
        ...(config.dropout > 0
          ? {
              dropout: {
                shape: [batch, network.dropoutFactors],
                data: drawFactors(own.fold("dropout"), batch * network.dropoutFactors),
              },
            }
          : {}),
        ...weights.feed(step),
      };
    },
    ...(timestepSampling.memory ? { memory: timestepSampling.memory } : {}),

    quantities: ["loss", "gradient_norm"],

    samplingWeights: (state) => ({ weights: weights.forSampling(state) }),

    parameterAt: (tensor, index) => weights.parameterAt(tensor, index) ?? tensor,

    ...samplingOf(denoiser),
    backbone: {
      denoiser,
      parameters: network.parameters,
      predict: (values, x, t, labels) => predict(values, x, { t, labels }),
    },

    diffusion: processOf(denoiser, config),

    network: {
      program(inputs) {
        const output = denoiser.predict(
          inputs.weights as tf.Tensor1D,
          inputs.images as tf.Tensor4D,
          inputs.t as tf.Tensor1D,
          inputs.labels as tf.Tensor1D | undefined,
        );
        if (!learned) return { [config.target]: output };
        const [estimate, share] = tf.split(output, 2, 3);
        return { [config.target]: estimate!, variance_share: share! };
      },
      signature: (batch) => ({
        weights: { shape: [weights.count] },
        images: imageShape(batch),
        t: { shape: [batch] },
        ...(classes > 0 ? { labels: { shape: [batch], dtype: "int32" as const } } : {}),
      }),
    },
  };
}
