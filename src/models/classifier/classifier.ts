/**
 * The small classifier that gives the metrics their features and modes: three convolutions, group normalisation (so an
 * image's features do not depend on its batch), SiLU, and a penultimate layer of 64. Trained by softmax cross-entropy.
 * A perceptron of the same interface gives a second opinion.
 */
import * as tf from "@tensorflow/tfjs-core";
import * as z from "zod";
import { assert } from "../../core/errors.ts";
import { checkImages, type FloatImages } from "../../core/images.ts";
import type { Signature } from "../../engine/contract.ts";
import { silu, type Tree } from "../../engine/ops/index.ts";
import { edge, labels, options, parseConfig, positive, whole } from "../config.ts";
import type { State } from "../contract.ts";
import {
  applyEvaluation,
  channelsFirst,
  convolution,
  define,
  dense,
  groupNormalisation,
  type Layer,
  type Map4,
  oneHot,
  softmaxCrossEntropy,
  totalFlops,
  trained,
  zeros,
} from "../nn/index.ts";

export const classifierConfigSchema = options({
  size: edge.min(4).describe("edge of the images in pixels"),
  channels: z.literal([1, 3]).describe("1 for grey, 3 for colour"),
  classes: labels.min(2).describe("classes to tell apart"),
  width: whole
    .multipleOf(8)
    .default(16)
    .describe("channels of the first convolution; the next have 2 and 4 times"),
  architecture: z
    .enum(["convolutional", "perceptron"])
    .default("convolutional")
    .describe("three convolutions, or two hidden layers that know nothing of neighbouring pixels"),
  learningRate: positive.default(2e-3).describe("Adam's step size"),
});

export type ClassifierConfig = z.infer<typeof classifierConfigSchema>;

export const FEATURE_WIDTH = 64;

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
export function createClassifier(given: z.input<typeof classifierConfigSchema>) {
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
    initialState: weights.initialState,

    trainStep(inputs: Tree) {
      const images = channelsFirst(inputs.images as tf.Tensor4D);
      const targets = inputs.targets as tf.Tensor2D;
      const { state, loss, gradientNorm } = weights.step(inputs, (values) =>
        softmaxCrossEntropy(applyEvaluation(network, values, images).logits, targets),
      );
      return { ...state, loss, gradient_norm: gradientNorm };
    },

    feedSignature: (batch: number): Signature => ({
      images: imageShape(batch),
      targets: { shape: [batch, classes] },
      ...weights.feedSignature,
    }),

    /** Images float32 [-1, 1] and their labels, 0..classes-1; step counts from 1. */
    feed(images: FloatImages, labels: ArrayLike<number>, step: number): State {
      checkImages(images, "the classifier's training images");
      assert(labels.length === images.count, `${labels.length} labels for ${images.count} images`);
      return {
        images: { ...imageShape(images.count), data: images.data },
        targets: oneHot(labels, classes),
        ...weights.feed(step),
      };
    },

    quantities: ["loss", "gradient_norm"],
    parameterAt: (tensor: string, index: number) => weights.parameterAt(tensor, index) ?? tensor,
    /** The part of the state that `evaluation` needs. */
    evaluationWeights: (state: State): State => ({ weights: state.classifier! }),
    /** weights, images [batch, size, size, channels] -> features [batch, featureWidth], logits [batch, classes]. */
    evaluation: {
      program: (inputs: Tree) =>
        applyEvaluation(
          network,
          weights.unflatten(inputs.weights!),
          channelsFirst(inputs.images as tf.Tensor4D),
        ),
      signature: (batch: number): Signature => ({
        weights: { shape: [weights.count] },
        images: imageShape(batch),
      }),
    },
  };
}

/** A classifier in training: as a model is trained, with an evaluation in place of sampling. */
export type Classifier = ReturnType<typeof createClassifier>;
