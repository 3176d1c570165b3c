/** What the U-Net is made of. Activations are channels-first, [batch, channels, size, size]. */
import * as tf from "@tensorflow/tfjs-core";
import { silu, upsampleNearest } from "../../engine/ops/index.ts";
import {
  convolution,
  define,
  dense,
  groupNormalisation,
  type Initialiser,
  type Layer,
  type Map4,
  noFlops,
  pure,
  zeros,
} from "../nn/index.ts";
import { type Dropout, dropout } from "./dropout.ts";

/** Groups of a normalisation where the configuration leaves them open. */
export const GROUPS = 8;

/** Inputs of a block besides its map: the step's embedding, [batch or 1, width], and its dropout in training. */
export interface Context {
  readonly time: tf.Tensor2D;
  readonly dropout?: Dropout;
}

export type Block = Layer<[x: tf.Tensor4D, context: Context], tf.Tensor4D>;

export const norm = (channels: number, groups = GROUPS) => groupNormalisation(channels, groups);
export const identity: Map4 = pure((x) => x);

/** Start of the last convolution of a block: zeros, so that the block begins as its skip, or as any other. */
const lastWeights = (zeroInitialised: boolean): { weights?: Initialiser } =>
  zeroInitialised ? { weights: zeros } : {};

export interface BlockShape {
  readonly in: number;
  readonly out: number;
  readonly timeWidth: number;
  readonly size: number;
  /** Of its normalisations; default 8. */
  readonly groups?: number;
  readonly zeroInitialised?: boolean;
}

/** Residual block of Ho et al. 2020, appendix B; dropout before the last convolution. */
export function residualBlock(shape: BlockShape): Block {
  const { in: inputs, out, timeWidth, size, groups, zeroInitialised = true } = shape;
  return define(
    {
      norm1: norm(inputs, groups),
      conv1: convolution({ in: inputs, out, kernel: 3, size }),
      time: dense(timeWidth, out),
      norm2: norm(out, groups),
      conv2: convolution({ in: out, out, kernel: 3, size, ...lastWeights(zeroInitialised) }),
      skip: inputs === out ? identity : convolution({ in: inputs, out, kernel: 1, size }),
    },
    ({ norm1, conv1, time, norm2, conv2, skip }, x: tf.Tensor4D, context: Context): tf.Tensor4D => {
      const shift = tf.reshape(time(context.time), [-1, out, 1, 1]);
      const h = tf.add(conv1(silu(norm1(x))), shift) as tf.Tensor4D;
      const active = silu(norm2(h));
      const kept = context.dropout ? dropout(active, context.dropout) : active;
      return tf.add(conv2(kept), skip(x));
    },
  );
}

/** Scaled dot-product attention (Vaswani et al. 2017, eq. 1) over positions: q, k, v [batch, channels, positions]. */
export function attend(q: tf.Tensor3D, k: tf.Tensor3D, v: tf.Tensor3D): tf.Tensor3D {
  const scaled = tf.mul(q, 1 / Math.sqrt(q.shape[1]));
  const weights = tf.softmax(tf.matMul(scaled, k, true, false)); // [batch, from, to]
  return tf.matMul(v, weights, false, true);
}

export interface AttentionShape {
  readonly channels: number;
  readonly size: number;
  /** Divides `channels`; each head sees its own share of them. Default 1. */
  readonly heads?: number;
  /** Of its normalisation; default 8. */
  readonly groups?: number;
  readonly zeroInitialised?: boolean;
}

/** Attention over all positions, added to its input. */
export function attentionBlock(shape: AttentionShape): Map4 {
  const { channels, size, heads = 1, groups, zeroInitialised = true } = shape;
  const positions = size ** 2;
  return define(
    {
      norm: norm(channels, groups),
      qkv: convolution({ in: channels, out: 3 * channels, kernel: 1, size }),
      out: convolution({
        in: channels,
        out: channels,
        kernel: 1,
        size,
        ...lastWeights(zeroInitialised),
      }),
    },
    ({ norm, qkv, out }, x: tf.Tensor4D): tf.Tensor4D => {
      const parts = tf.split(tf.reshape(qkv(norm(x)), [-1, 3 * channels, positions]), 3, 1);
      const [q, k, v] = parts.map((part) => tf.reshape(part, [-1, channels / heads, positions]));
      const attended = attend(q as tf.Tensor3D, k as tf.Tensor3D, v as tf.Tensor3D);
      return tf.add(x, out(tf.reshape(attended, [-1, channels, size, size])));
    },
    { ...noFlops, attention: 2 * (2 * channels * positions ** 2) }, // q k and its product with v
  );
}

export const resamplings = ["convolution", "same-convolution", "pooling"] as const;
export type Resampling = (typeof resamplings)[number];

/**
 * Half the size, by a convolution of stride 2 or by the mean of each square of four. The convolution has a row of zeros on
 * every side or, as TensorFlow's padding SAME puts them in the code of Ho et al. 2020, below and to the right alone.
 */
export function downsampling(channels: number, size: number, by: Resampling): Map4 {
  if (by === "pooling") return pure(averagePool);
  const halving = { in: channels, out: channels, kernel: 3, stride: 2 };
  if (by === "convolution") return convolution({ ...halving, size });
  const conv = convolution({ ...halving, size: size + 1, padding: 0 });
  const after: [number, number] = [0, 1];
  return { ...conv, apply: (scope, x) => conv.apply(scope, tf.pad(x, [[0, 0], [0, 0], after, after])) };
}

/** x [batch, channels, h, w], both even -> [batch, channels, h/2, w/2]. */
function averagePool(x: tf.Tensor4D): tf.Tensor4D {
  const [batch, channels, height, width] = x.shape;
  const rows = tf.sum(tf.reshape(x, [(batch * channels * height) / 2, 2, width]), 1);
  const squares = tf.sum(tf.reshape(rows, [-1, 2]), 1);
  return tf.reshape(tf.mul(squares, 0.25), [batch, channels, height / 2, width / 2]);
}

/** Twice the size by nearest neighbours, then a convolution or nothing; `size` is the input's. */
export function upsampling(channels: number, size: number, by: Resampling = "convolution"): Map4 {
  return by === "pooling"
    ? pure(upsampleNearest)
    : define(
        { conv: convolution({ in: channels, out: channels, kernel: 3, size: 2 * size }) },
        ({ conv }, x: tf.Tensor4D) => conv(upsampleNearest(x)),
      );
}
