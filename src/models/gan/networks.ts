/**
 * DCGAN's two networks (Radford et al. 2015, arXiv:1511.06434, section 3 and figure 1): no pooling, batch normalisation
 * except at the images' ends, ReLU up, LeakyReLU 0.2 down, weights from N(0, 0.02), gains from N(1, 0.02). The paper is
 * for 64 pixels, four doublings from 4 x 4; smaller images take two, from size/4.
 */
import * as tf from "@tensorflow/tfjs-core";
import { BenchError } from "../../core/errors.ts";
import {
  batchNormalisation,
  convolution,
  define,
  dense,
  type Layer,
  type Map4,
  normal,
  transposedConvolution,
} from "../nn/index.ts";

export interface GanShape {
  /** Edge of the images in pixels; halves evenly `depth` times. */
  readonly size: number;
  readonly channels: number;
  /** Doublings from the latent's map to the image, and halvings back. */
  readonly depth: number;
}

/** Latent [batch, latent] -> images [batch, channels, size, size] in [-1, 1]. */
export type GeneratorNetwork = Layer<[latent: tf.Tensor2D], tf.Tensor4D>;
/** Images [batch, channels, size, size] -> logits [batch], higher for more real. */
export type DiscriminatorNetwork = Layer<[images: tf.Tensor4D], tf.Tensor1D>;

const weights = normal(0, 0.02);
const gains = normal(1, 0.02);
const window = { kernel: 4, stride: 2, padding: 1 };

/** Depth where the configuration leaves it open: the paper's four from 64 pixels up, else two. */
export function defaultDepth(size: number): number {
  return size >= 64 ? 4 : 2;
}

function startOf({ size, depth }: GanShape): number {
  const start = size / 2 ** depth;
  if (!Number.isInteger(start))
    throw new BenchError(
      "BAD_CONFIG",
      `dcgan: a size of ${size} does not halve evenly ${depth} times; choose another size or depth`,
    );
  return start;
}

/** Dense to size/2^depth at width 2^(depth-1), then `depth` transposed convolutions, each half as wide, to the image. */
export function generatorNetwork(shape: GanShape, latent: number, width: number): GeneratorNetwork {
  const start = startOf(shape);
  const widthAt = (stage: number) => width * 2 ** (shape.depth - 1 - stage);
  const stages = Array.from({ length: shape.depth }, (_, stage): Map4 => {
    const last = stage === shape.depth - 1;
    return define(
      {
        norm: batchNormalisation(widthAt(stage), gains),
        up: transposedConvolution({
          ...window,
          in: widthAt(stage),
          out: last ? shape.channels : widthAt(stage + 1),
          size: start * 2 ** stage,
          bias: last,
          weights,
        }),
      },
      ({ norm, up }, x: tf.Tensor4D) => up(tf.relu(norm(x))),
    );
  });
  return define(
    { dense: dense(latent, widthAt(0) * start ** 2, { bias: false, weights }), stages },
    ({ dense, stages }, z: tf.Tensor2D): tf.Tensor4D => {
      const map = tf.reshape(dense(z), [-1, widthAt(0), start, start]) as tf.Tensor4D;
      return tf.tanh(stages.reduce((x, stage) => stage(x), map));
    },
  );
}

/** `depth` convolutions, each twice as wide, from the image to size/2^depth, then dense to one logit. */
export function discriminatorNetwork(shape: GanShape, width: number): DiscriminatorNetwork {
  const end = startOf(shape);
  const stages = Array.from({ length: shape.depth }, (_, stage): Map4 => {
    const first = stage === 0;
    const out = width * 2 ** stage;
    const down = convolution({
      ...window,
      in: first ? shape.channels : out / 2,
      out,
      size: shape.size / 2 ** stage,
      bias: first,
      weights,
    });
    const activate = (x: tf.Tensor4D) => tf.leakyRelu(x, 0.2);
    return first
      ? define({ down }, ({ down }, x: tf.Tensor4D) => activate(down(x)))
      : define({ down, norm: batchNormalisation(out, gains) }, ({ down, norm }, x: tf.Tensor4D) =>
          activate(norm(down(x))),
        );
  });
  const features = width * 2 ** (shape.depth - 1) * end ** 2;
  return define(
    { stages, dense: dense(features, 1, { weights }) },
    ({ stages, dense }, images: tf.Tensor4D): tf.Tensor1D => {
      const map = stages.reduce((x, stage) => stage(x), images);
      return tf.reshape(dense(tf.reshape(map, [-1, features])), [-1]);
    },
  );
}
