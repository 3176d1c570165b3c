/** Denoising diffusion probabilistic model (Ho et al. 2020, arXiv:2006.11239): a U-Net that learns to undo noise. */
import * as tf from "@tensorflow/tfjs-core";
import type * as z from "zod";
import { assert } from "../../core/errors.ts";
import type { Rng } from "../../core/rng.ts";
import type { HostTensor, Signature } from "../../engine/contract.ts";
import type { Tree } from "../../engine/ops/index.ts";
import { applyEvaluation, channelsFirst, channelsLast, totalFlops, trained } from "../nn/index.ts";
import type { DiffusionModel } from "./backbone.ts";
import { batchInputs, batchSignature, mixture } from "./batch.ts";
import { configLabel, type DdpmConfig, ddpmConfig, type ddpmConfigSchema } from "./config.ts";
import { type Denoiser, predictFrom } from "./denoiser.ts";
import { drawFactors } from "./dropout.ts";
import { labelSignature } from "./guidance.ts";
import { inputNormalisations } from "./input-normalisation.ts";
import { lossFor } from "./objectives/index.ts";
import { forwardProcess } from "./posterior.ts";
import { processOf } from "./process.ts";
import { denoisingModel } from "./sampling.ts";
import { alphaBarFor } from "./schedules/index.ts";
import { type TargetName, targetFor } from "./targets/index.ts";
import { timestepSamplings } from "./timestep-sampling.ts";
import { type Conditions, unet } from "./unet.ts";

export { type DdpmConfig, ddpmConfigSchema } from "./config.ts";

/** The network of a configuration and what it is trained to do; BAD_CONFIG if the parts do not fit together. */
function partsOf(config: DdpmConfig) {
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
  const alphaBar = alphaBarFor(timesteps, config.schedule);
  const target = targetFor(config.target, alphaBar);
  const normalise = inputNormalisations[config.inputNormalisation]({ alphaBar, inputScale });
  const loss = lossFor(config.objective, { alphaBar, inputScale, target, variance }, config.target);
  const timestepSampling = timestepSamplings[config.timestepSampling](timesteps);

  const predict = (values: Tree, x: tf.Tensor4D, conditions: Conditions) =>
    channelsLast(applyEvaluation(network, values, channelsFirst(normalise(x, conditions.t)), conditions));
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

  /** Factors of an image and its noise at step t, from 0, and of their loss: inputs of the program, [batch, 1, 1, 1]. */
  const factorsAt = (t: number): Record<string, number> => {
    const { signal, spread } = forwardProcess(alphaBar[t]!);
    const { clean, epsilon } = target.wanted(alphaBar[t]!);
    return {
      signal: inputScale * signal,
      spread,
      ...(config.target === "epsilon" ? {} : { wanted_clean: inputScale * clean, wanted_epsilon: epsilon }),
      ...loss.scalars(t),
    };
  };
  return { network, weights, denoiser, predict, loss, timestepSampling, factorsAt };
}

/**
 * The model of this configuration; BAD_CONFIG if its parts do not fit together. Training minimises the objective with
 * Adam, linear warm-up, gradient clipping and averaged weights.
 */
export function createDdpm(given: z.input<typeof ddpmConfigSchema>): DiffusionModel {
  const config = ddpmConfig(given);
  const { network, weights, denoiser, predict, loss, timestepSampling, factorsAt } = partsOf(config);
  const { classes } = denoiser;
  const flops = totalFlops(network.flops);
  const factorNames = Object.keys(factorsAt(0));
  const learned = config.variance === "learned-range";
  const weighted = timestepSampling.memory !== undefined;

  return {
    ...denoisingModel(denoiser, weights, flops),
    title: classes > 0 ? "Conditional DDPM" : "DDPM",
    description:
      `U-Net of base ${config.base}, multipliers ${config.multipliers.join(", ")}; ` +
      `${config.schedule.name} schedule of ${config.timesteps} steps${configLabel(config)}`,
    drawsUnlabelled: classes > 0 && denoiser.knowsNoLabel,
    flopsPerTrainingImage: 3 * flops, // forward, and the gradients in activations and weights

    trainStep(inputs) {
      const images = inputs.images as tf.Tensor4D;
      const noised = mixture(inputs, inputs.signal!, inputs.spread!);
      const wanted =
        config.target === "epsilon"
          ? inputs.noise!
          : mixture(inputs, inputs.wanted_clean!, inputs.wanted_epsilon!);
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

    feedSignature: (batch): Signature => ({
      ...batchSignature(denoiser, batch),
      t: { shape: [batch] },
      ...Object.fromEntries(factorNames.map((name) => [name, { shape: [batch, 1, 1, 1] }])),
      ...(weighted ? { loss_weight: { shape: [batch] } } : {}),
      ...labelSignature(denoiser, batch),
      ...(config.dropout > 0 ? { dropout: { shape: [batch, network.dropoutFactors] } } : {}),
      ...weights.feedSignature,
    }),

    feed({ images, labels }, stream, step, memory) {
      const batch = images.count;
      const own = stream.fold(step);
      const { t, weights: lossWeights } = timestepSampling.draw(own.fold("t"), batch, memory);
      const factors = t.map(factorsAt);
      const dropped = [batch, network.dropoutFactors] as const;
      return {
        ...batchInputs("ddpm", images, own),
        t: { shape: [batch], data: Float32Array.from(t) },
        ...Object.fromEntries(
          factorNames.map((name): [string, HostTensor] => [
            name,
            { shape: [batch, 1, 1, 1], data: Float32Array.from(factors, (row) => row[name]!) },
          ]),
        ),
        ...(weighted ? { loss_weight: { shape: [batch], data: Float32Array.from(lossWeights!) } } : {}),
        ...(classes > 0
          ? { labels: partlyWithheld(labels, classes, config.labelDropout, own.fold("labels")) }
          : {}),
        ...(config.dropout > 0
          ? { dropout: { shape: dropped, data: drawFactors(own.fold("dropout"), dropped[0] * dropped[1]) } }
          : {}),
        ...weights.feed(step),
      };
    },
    memory: timestepSampling.memory,

    backbone: {
      denoiser,
      parameters: network.parameters,
      predict: (values, x, t, labels) => predict(values, x, { t, labels }),
    },
    diffusion: processOf(denoiser, config),
    network: networkOf(denoiser, config.target),
  };
}

/** The labels [batch], or `classes` in place of each that is withheld. */
function partlyWithheld(labels: ArrayLike<number>, classes: number, rate: number, stream: Rng): HostTensor {
  const data = Int32Array.from(labels, (label, i) => {
    assert(label < classes, `label ${label} of image ${i}: there are ${classes}`);
    return stream.uniform() < rate ? classes : label;
  });
  return { shape: [data.length], data };
}

/** One evaluation: the network's estimate under the name of its target and, where it learned one, the variance's share. */
function networkOf(denoiser: Denoiser, target: TargetName): DiffusionModel["network"] {
  const { size, channels, weightCount, variance } = denoiser;
  return {
    program(inputs) {
      const output = predictFrom(denoiser, inputs, inputs.images!);
      if (variance !== "learned-range") return { [target]: output };
      const [estimate, share] = tf.split(output, 2, 3);
      return { [target]: estimate!, variance_share: share! };
    },
    signature: (batch) => ({
      weights: { shape: [weightCount] },
      images: { shape: [batch, size, size, channels] },
      t: { shape: [batch] },
      ...labelSignature(denoiser, batch),
    }),
  };
}
