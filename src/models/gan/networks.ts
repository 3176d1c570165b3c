/**
 * DCGAN's two networks (Radford et al. 2015, arXiv:1511.06434, section 3 and figure 1): no pooling, batch normalisation
 * except at the images' ends, ReLU up, LeakyReLU 0.2 down, weights from N(0, 0.02), gains from N(1, 0.02). The paper is
 * for 64 pixels, four doublings from 4 x 4; smaller images take two, from size/4.
 */
import * as tf from "@tensorflow/tfjs-core";
import { badConfig } from "../../core/errors.ts";
import {
  batchNormalisation,
  convolution,
  define,
  dense,
  type Layer,
  layerNormalisation,
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

/** Latent [batch, latent] and one-hot labels where conditional -> images [batch, channels, size, size] in [-1, 1]. */
export type GeneratorNetwork = Layer<[latent: tf.Tensor2D, labels: tf.Tensor2D | undefined], tf.Tensor4D>;
/** Images [batch, channels, size, size] and one-hot labels where conditional -> scores [batch], higher for more real. */
export type DiscriminatorNetwork = Layer<[images: tf.Tensor4D, labels: tf.Tensor2D | undefined], tf.Tensor1D>;

export const normNames = ["batch", "layer", "none"] as const;
export type NormName = (typeof normNames)[number];

const DEVIATION = 0.02;
const weights = normal(0, DEVIATION);
const gains = normal(1, 0.02);
const window = { kernel: 4, stride: 2, padding: 1 };

/** Depth where the configuration leaves it open: the paper's four from 64 pixels up, else two. */
export function defaultDepth(size: number): number {
  return size >= 64 ? 4 : 2;
}

function startOf({ size, depth }: GanShape): number {
  const start = size / 2 ** depth;
  if (!Number.isInteger(start))
    throw badConfig(
      `dcgan: a size of ${size} does not halve evenly ${depth} times; choose another size or depth`,
    );
  return start;
}

const normalisation = (name: Exclude<NormName, "none">, channels: number): Map4 =>
  name === "batch" ? batchNormalisation(channels, gains) : layerNormalisation(channels);

/**
 * Dense to size/2^depth at width 2^(depth-1), then `depth` transposed convolutions, each half as wide, to the image. A
 * label's embedding is added to what dense makes of the latent, and starts as large as that.
 */
export function generatorNetwork(
  shape: GanShape,
  latent: number,
  width: number,
  classes = 0,
): GeneratorNetwork {
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
  const features = widthAt(0) * start ** 2;
  const embeddings = normal(0, DEVIATION * Math.sqrt(latent));
  return define(
    {
      dense: dense(latent, features, { bias: false, weights }),
      embedding: classes > 0 ? [dense(classes, features, { bias: false, weights: embeddings })] : [],
      stages,
    },
    ({ dense, embedding, stages }, z: tf.Tensor2D, labels: tf.Tensor2D | undefined): tf.Tensor4D => {
      const flat = embedding.reduce((sum, embed) => tf.add(sum, embed(labels!)), dense(z));
      const map = tf.reshape(flat, [-1, widthAt(0), start, start]) as tf.Tensor4D;
      return tf.tanh(stages.reduce((x, stage) => stage(x), map));
    },
  );
}

/**
 * `depth` convolutions, each twice as wide, from the image to size/2^depth, then dense to one score. A label's embedding
 * projected on the same features is added to it (Miyato & Koyama 2018, arXiv:1802.05637, eq. 3).
 */
export function discriminatorNetwork(
  shape: GanShape,
  width: number,
  norm: NormName = "batch",
  classes = 0,
): DiscriminatorNetwork {
  const end = startOf(shape);
  const stages = Array.from({ length: shape.depth }, (_, stage): Map4 => {
    const first = stage === 0;
    const out = width * 2 ** stage;
    const normalised = !first && norm !== "none";
    const down = convolution({
      ...window,
      in: first ? shape.channels : out / 2,
      out,
      size: shape.size / 2 ** stage,
      bias: !normalised,
      weights,
    });
    const activate = (x: tf.Tensor4D) => tf.leakyRelu(x, 0.2);
    return normalised
      ? define({ down, norm: normalisation(norm, out) }, ({ down, norm }, x: tf.Tensor4D) =>
          activate(norm(down(x))),
        )
      : define({ down }, ({ down }, x: tf.Tensor4D) => activate(down(x)));
  });
  const features = width * 2 ** (shape.depth - 1) * end ** 2;
  return define(
    {
      stages,
      dense: dense(features, 1, { weights }),
      embedding: classes > 0 ? [dense(classes, features, { bias: false, weights })] : [],
    },
    ({ stages, dense, embedding }, images: tf.Tensor4D, labels: tf.Tensor2D | undefined): tf.Tensor1D => {
      const map = tf.reshape(
        stages.reduce((x, stage) => stage(x), images),
        [-1, features],
      ) as tf.Tensor2D;
      const score = tf.reshape(dense(map), [-1]) as tf.Tensor1D;
      return embedding.reduce((sum, embed) => tf.add(sum, tf.sum(tf.mul(embed(labels!), map), 1)), score);
    },
  );
}
