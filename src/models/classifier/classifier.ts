/**
 * The small classifier that gives the metrics their features and modes: three convolutions, group normalisation (so an
 * image's features do not depend on its batch), SiLU, and a penultimate layer of 64. Trained by softmax cross-entropy.
 * A perceptron of the same interface gives a second opinion.
 */
import * as tf from "@tensorflow/tfjs-core";
import * as z from "zod";
import { assert } from "../../core/errors.ts";
import { checkImages, type FloatImages } from "../../core/images.ts";
import type { Rng } from "../../core/rng.ts";
import type { HostTensor, Program, Signature, TensorSpec } from "../../engine/contract.ts";
import { silu } from "../../engine/ops/index.ts";
import { options, parseConfig } from "../config.ts";
import type { State } from "../contract.ts";
import {
  channelsFirst,
  convolution,
  define,
  dense,
  evaluate,
  groupNormalisation,
  type Layer,
  type Map4,
  softmaxCrossEntropy,
  totalFlops,
  trained,
  zeros,
} from "../nn/index.ts";

const positive = z.number().int().positive();

export const classifierConfigSchema = options({
  size: positive.min(4).describe("edge of the images in pixels"),
  channels: z.literal([1, 3]).describe("1 for grey, 3 for colour"),
  classes: positive.min(2).describe("classes to tell apart"),
  width: positive
    .multipleOf(8)
    .default(16)
    .describe("channels of the first convolution; the next have 2 and 4 times"),
  architecture: z
    .enum(["convolutional", "perceptron"])
    .default("convolutional")
    .describe("three convolutions, or two hidden layers that know nothing of neighbouring pixels"),
  learningRate: z.number().positive().default(2e-3).describe("Adam's step size"),
});

export type ClassifierConfig = z.infer<typeof classifierConfigSchema>;

export const FEATURE_WIDTH = 64;

/** A trainable classifier: like `Model`, with labels in its feed and an evaluation in place of sampling. */
export interface Classifier {
  readonly size: number;
  readonly channels: number;
  readonly classes: number;
  readonly parameters: number;
  readonly featureWidth: number;
  readonly flopsPerEvaluation: number;
  readonly state: Readonly<Record<string, TensorSpec>>;
  initialState(stream: Rng): State;
  /** Inputs: the state and `feed`'s tensors. Outputs: the new state and the `quantities`. */
  readonly trainStep: Program;
  feedSignature(batch: number): Signature;
  /** Images float32 [-1, 1] and their labels, 0..classes-1; step counts from 1. */
  feed(images: FloatImages, labels: ArrayLike<number>, step: number): Readonly<Record<string, HostTensor>>;
  readonly quantities: readonly string[];
  /** What of the state `evaluation` needs. */
  evaluationWeights(state: State): State;
  /** weights, images [batch, size, size, channels] -> features [batch, featureWidth], logits [batch, classes]. */
  readonly evaluation: { readonly program: Program; signature(batch: number): Signature };
}

type ClassifierNetwork = Layer<[images: tf.Tensor4D], { features: tf.Tensor2D; logits: tf.Tensor2D }>;

/** Width of the perceptron's first hidden layer. */
const HIDDEN = 256;

/** A second opinion of another kind: what one architecture is fooled by need not fool the other. */
function perceptron({ size, channels, classes }: ClassifierConfig): ClassifierNetwork {
  const pixels = channels * size ** 2;
  return define(
    {
      hidden: dense(pixels, HIDDEN),
      features: dense(HIDDEN, FEATURE_WIDTH),
      logits: dense(FEATURE_WIDTH, classes, { weights: zeros }),
    },
    ({ hidden, features: second, logits }, images: tf.Tensor4D) => {
      const features = silu(second(silu(hidden(tf.reshape(images, [-1, pixels])))));
      return { features, logits: logits(features) };
    },
  );
}

function convolutional({ size, channels, classes, width }: ClassifierConfig): ClassifierNetwork {
  let edge = size;
  const stage = (inputs: number, out: number, stride: number): Map4 => {
    const conv = convolution({ in: inputs, out, kernel: 3, stride, size: edge });
    edge = Math.ceil(edge / stride);
    return define({ conv, norm: groupNormalisation(out, 8) }, ({ conv, norm }, x: tf.Tensor4D) =>
      silu(norm(conv(x))),
    );
  };
  const stages = [
    stage(channels, width, size > 16 ? 2 : 1),
    stage(width, 2 * width, 2),
    stage(2 * width, 4 * width, 2),
  ];
  const flatWidth = 4 * width * edge ** 2;
  return define(
    {
      stages,
      features: dense(flatWidth, FEATURE_WIDTH),
      logits: dense(FEATURE_WIDTH, classes, { weights: zeros }),
    },
    (layers, images: tf.Tensor4D) => {
      const map = layers.stages.reduce((x, stage) => stage(x), images);
      const features = silu(layers.features(tf.reshape(map, [-1, flatWidth])));
      return { features, logits: layers.logits(features) };
    },
  );
}

/** The classifier of this configuration; BAD_CONFIG if it is wrong. */
export function createClassifier(given: z.input<typeof classifierConfigSchema>): Classifier {
  const config = parseConfig("classifier", classifierConfigSchema, given);
  const { size, channels, classes } = config;
  const network = config.architecture === "perceptron" ? perceptron(config) : convolutional(config);
  const weights = trained("classifier", network.parameters, config);
  const imageShape = (batch: number) => ({ shape: [batch, size, size, channels] });

  return {
    size,
    channels,
    classes,
    parameters: weights.count,
    featureWidth: FEATURE_WIDTH,
    flopsPerEvaluation: totalFlops(network.flops),
    state: weights.state,
    initialState: (stream) => weights.initialState(stream),

    trainStep(inputs) {
      const images = channelsFirst(inputs.images as tf.Tensor4D);
      const targets = inputs.targets as tf.Tensor2D;
      const { state, loss, gradientNorm } = weights.step(inputs, (values) =>
        softmaxCrossEntropy(evaluate(network, values, images).logits, targets),
      );
      return { ...state, loss, gradient_norm: gradientNorm };
    },

    feedSignature: (batch) => ({
      images: imageShape(batch),
      targets: { shape: [batch, classes] },
      ...weights.feedSignature,
    }),

    feed(images, labels, step) {
      checkImages(images, "the classifier's training images");
      assert(labels.length === images.count, `${labels.length} labels for ${images.count} images`);
      const targets = new Float32Array(images.count * classes);
      for (let i = 0; i < images.count; i++) {
        assert(labels[i]! < classes, `label ${labels[i]} of image ${i}: there are ${classes} classes`);
        targets[i * classes + labels[i]!] = 1;
      }
      return {
        images: { ...imageShape(images.count), data: images.data },
        targets: { shape: [images.count, classes], data: targets },
        ...weights.feed(step),
      };
    },

    quantities: ["loss", "gradient_norm"],
    evaluationWeights: (state) => ({ weights: state.classifier! }),
    evaluation: {
      program: (inputs) =>
        evaluate(network, weights.unflatten(inputs.weights!), channelsFirst(inputs.images as tf.Tensor4D)),
      signature: (batch) => ({ weights: { shape: [weights.count] }, images: imageShape(batch) }),
    },
  };
}
