/**
 * The denoiser of DDPM (Ho et al. 2020, arXiv:2006.11239, appendix B): residual blocks with group normalisation, the
 * step's embedding added in each, attention at chosen resolutions and in the middle, skip connections between the
 * levels. The last convolution of every residual block, of attention and of the network starts at zero.
 */
import * as tf from "@tensorflow/tfjs-core";
import { BenchError } from "../../core/errors.ts";
import { silu, upsampleNearest } from "../../engine/ops/index.ts";
import {
  convolution,
  define,
  dense,
  groupNormalisation,
  type Layer,
  type Map4,
  noFlops,
  pure,
  timeEmbedding,
  zeros,
} from "../nn/index.ts";

export interface UnetConfig {
  /** Edge of the images in pixels; halves evenly once per level after the first. */
  readonly size: number;
  readonly channels: number;
  /** Steps that the network tells apart: t is a whole number from 0 to timesteps - 1. */
  readonly timesteps: number;
  /** Width of the first level; a multiple of `groups`. */
  readonly base: number;
  /** Width of each level as a multiple of `base`; each level has half the resolution of the one before. */
  readonly multipliers: readonly number[];
  /** Residual blocks per level on the way down; one more on the way up. */
  readonly blocks: number;
  /** Resolutions, in pixels, whose blocks are followed by attention; the middle always has it. */
  readonly attention: readonly number[];
}

const GROUPS = 8;

/** x [batch, channels, size, size], t [batch] or [1] in steps from 0 -> an estimate of the noise, shaped as x. */
export type Unet = Layer<[x: tf.Tensor4D, t: tf.Tensor1D], tf.Tensor4D>;

/** A block on the way: x and the step's embedding, [batch or 1, width]. */
type Block = Layer<[x: tf.Tensor4D, time: tf.Tensor2D], tf.Tensor4D>;

const norm = (channels: number) => groupNormalisation(channels, GROUPS);
const identity: Map4 = pure((x: tf.Tensor4D) => x);

interface BlockShape {
  readonly in: number;
  readonly out: number;
  readonly timeWidth: number;
  readonly size: number;
}

/** x [batch, in, size, size], time [batch or 1, timeWidth] -> [batch, out, size, size]. */
export function residualBlock({ in: inputs, out, timeWidth, size }: BlockShape): Block {
  return define(
    {
      norm1: norm(inputs),
      conv1: convolution({ in: inputs, out, kernel: 3, size }),
      time: dense(timeWidth, out),
      norm2: norm(out),
      conv2: convolution({ in: out, out, kernel: 3, size, weights: zeros }),
      skip: inputs === out ? identity : convolution({ in: inputs, out, kernel: 1, size }),
    },
    ({ norm1, conv1, time, norm2, conv2, skip }, x: tf.Tensor4D, embedding: tf.Tensor2D): tf.Tensor4D => {
      const shift = tf.reshape(time(embedding), [-1, out, 1, 1]);
      const h = tf.add(conv1(silu(norm1(x))), shift) as tf.Tensor4D;
      return tf.add(conv2(silu(norm2(h))), skip(x));
    },
  );
}

/** Scaled dot-product attention (Vaswani et al. 2017, eq. 1) over positions: q, k, v [batch, channels, positions]. */
export function attend(q: tf.Tensor3D, k: tf.Tensor3D, v: tf.Tensor3D): tf.Tensor3D {
  const scaled = tf.mul(q, 1 / Math.sqrt(q.shape[1]));
  const weights = tf.softmax(tf.matMul(scaled, k, true, false)); // [batch, from, to]
  return tf.matMul(v, weights, false, true);
}

/** One head over all positions, added to its input: x [batch, channels, size, size]. */
export function attentionBlock(channels: number, size: number): Map4 {
  const positions = size ** 2;
  return define(
    {
      norm: norm(channels),
      qkv: convolution({ in: channels, out: 3 * channels, kernel: 1, size }),
      out: convolution({ in: channels, out: channels, kernel: 1, size, weights: zeros }),
    },
    ({ norm, qkv, out }, x: tf.Tensor4D): tf.Tensor4D => {
      const [q, k, v] = tf.split(tf.reshape(qkv(norm(x)), [-1, 3 * channels, positions]), 3, 1);
      const attended = attend(q as tf.Tensor3D, k as tf.Tensor3D, v as tf.Tensor3D);
      return tf.add(x, out(tf.reshape(attended, [-1, channels, size, size])));
    },
    { ...noFlops, attention: 2 * (2 * channels * positions ** 2) }, // q k and its product with v
  );
}

function block(shape: BlockShape, attends: boolean): Block {
  return define(
    { residual: residualBlock(shape), attention: attends ? attentionBlock(shape.out, shape.size) : identity },
    ({ residual, attention }, x: tf.Tensor4D, time: tf.Tensor2D) => attention(residual(x, time)),
  );
}

/** Nearest-neighbour doubling and a convolution; `size` is the input's. */
export function upsampling(channels: number, size: number): Map4 {
  return define(
    { conv: convolution({ in: channels, out: channels, kernel: 3, size: 2 * size }) },
    ({ conv }, x: tf.Tensor4D) => conv(upsampleNearest(x)),
  );
}

/** BAD_CONFIG where sizes do not halve evenly, widths do not divide into groups, or attention is at no level. */
function checkConfig({ size, base, multipliers, attention }: UnetConfig): void {
  const levels = multipliers.length;
  if (size % 2 ** (levels - 1) !== 0)
    throw new BenchError(
      "BAD_CONFIG",
      `a size of ${size} does not halve evenly ${levels - 1} times; choose another size or ${levels - 1} multipliers`,
    );
  if (base % GROUPS !== 0)
    throw new BenchError("BAD_CONFIG", `base is a multiple of ${GROUPS} (its groups), not ${base}`);
  const resolutions = multipliers.map((_, level) => size / 2 ** level);
  const missing = attention.filter((resolution) => !resolutions.includes(resolution));
  if (missing.length > 0)
    throw new BenchError(
      "BAD_CONFIG",
      `attention at ${missing.join(", ")} pixels: the levels are at ${resolutions.join(", ")}`,
    );
}

/** The network of `config`; BAD_CONFIG if its parts do not fit together. */
export function unet(config: UnetConfig): Unet {
  checkConfig(config);
  const { size, channels, timesteps, base, multipliers, blocks, attention } = config;
  const timeWidth = 4 * base;
  const levels = multipliers.map((multiplier, level) => ({
    width: base * multiplier,
    size: size / 2 ** level,
    last: level === multipliers.length - 1,
  }));

  let width = base; // of what reaches the next block
  const skips = [base];
  const down: Block[] = [];
  for (const level of levels) {
    for (let i = 0; i < blocks; i++) {
      const shape = { in: width, out: level.width, timeWidth, size: level.size };
      down.push(block(shape, attention.includes(level.size)));
      width = level.width;
      skips.push(width);
    }
    if (level.last) continue;
    down.push(convolution({ in: width, out: width, kernel: 3, stride: 2, size: level.size }));
    skips.push(width);
  }

  const middle = { in: width, out: width, timeWidth, size: levels.at(-1)!.size };

  const up: { layer: Block; joins: boolean }[] = [];
  for (const level of levels.toReversed()) {
    for (let i = 0; i <= blocks; i++) {
      const shape = { in: width + skips.pop()!, out: level.width, timeWidth, size: level.size };
      up.push({ layer: block(shape, attention.includes(level.size)), joins: true });
      width = level.width;
    }
    if (level.size < size) up.push({ layer: upsampling(width, level.size), joins: false });
  }

  return define(
    {
      time1: dense(base, timeWidth),
      time2: dense(timeWidth, timeWidth),
      stem: convolution({ in: channels, out: base, kernel: 3, size }),
      down,
      middle1: block(middle, true),
      middle2: block(middle, false),
      up: up.map(({ layer }) => layer),
      norm: norm(width),
      out: convolution({ in: width, out: channels, kernel: 3, size, weights: zeros }),
    },
    (layers, x: tf.Tensor4D, t: tf.Tensor1D): tf.Tensor4D => {
      const time = silu(layers.time2(silu(layers.time1(timeEmbedding(t, timesteps, base)))));
      let h = layers.stem(x);
      const kept = [h];
      for (const layer of layers.down) {
        h = layer(h, time);
        kept.push(h);
      }
      h = layers.middle2(layers.middle1(h, time), time);
      for (const [i, layer] of layers.up.entries())
        h = layer(up[i]!.joins ? tf.concat([h, kept.pop()!], 1) : h, time);
      return layers.out(silu(layers.norm(h)));
    },
  );
}
