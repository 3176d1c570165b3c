/**
 * The denoiser of DDPM (Ho et al. 2020, arXiv:2006.11239, appendix B): residual blocks with group normalisation, the
 * step's embedding added in each, attention at chosen resolutions and in the middle, skip connections between the
 * levels. A label enters as the step does: a row of a table, added to the step's embedding.
 */
import * as tf from "@tensorflow/tfjs-core";
import { badConfig } from "../../core/errors.ts";
import { silu } from "../../engine/ops/index.ts";
import {
  convolution,
  define,
  dense,
  embedding,
  type Layer,
  pure,
  type TimeEmbeddingOptions,
  timeEmbedding,
  zeros,
} from "../nn/index.ts";
import {
  attentionBlock,
  type Block,
  type BlockShape,
  type Context,
  downsampling,
  GROUPS,
  identity,
  norm,
  residualBlock,
  upsampling,
} from "./blocks.ts";
import type { DdpmConfig } from "./config.ts";
import { dropoutFactors, dropoutFrom } from "./dropout.ts";

/**
 * The options of the network, as `ddpmConfigSchema` documents them; t is a whole number from 0 to timesteps - 1. Without
 * `heads` 1, without `groups` 8, without `classes` unconditional, else one row more for no label, without `dropout` none, without
 * `zeroInitialised` true, without `resampling` by convolution.
 */
export interface UnetConfig
  extends Pick<DdpmConfig, "size" | "timesteps" | "base" | "blocks">,
    Partial<Pick<DdpmConfig, "heads" | "groups" | "classes" | "dropout" | "zeroInitialised" | "resampling">> {
  readonly channels: number;
  readonly multipliers: readonly number[];
  readonly attention: readonly number[];
  /** Channels of the output; default `channels`. */
  readonly outputs?: number;
  readonly encoding?: Omit<TimeEmbeddingOptions, "width">;
}

/** Inputs of the network besides the image. */
export interface Conditions {
  /** [batch] or [1], in steps from 0. */
  readonly t: tf.Tensor1D;
  /** [batch], 0..classes; `classes` stands for no label. Where the network is conditional, and only there. */
  readonly labels?: tf.Tensor1D;
  /** [batch, dropoutFactors] in training with dropout; without them nothing is dropped. */
  readonly dropout?: tf.Tensor2D;
}

/** x [batch, channels, size, size] -> what it was trained to estimate, [batch, outputs, size, size]. */
export type Unet = Layer<[x: tf.Tensor4D, conditions: Conditions], tf.Tensor4D> & {
  /** Values of an image's dropout input; 0 without dropout. */
  readonly dropoutFactors: number;
};

/** BAD_CONFIG where sizes do not halve evenly, widths do not divide into groups or heads, or attention is at no level. */
function checkConfig({ size, base, multipliers, attention, heads = 1, groups = GROUPS }: UnetConfig): void {
  const levels = multipliers.length;
  if (size % 2 ** (levels - 1) !== 0)
    throw badConfig(
      `a size of ${size} does not halve evenly ${levels - 1} times; choose another size or ${levels - 1} multipliers`,
    );
  if (base % groups !== 0) throw badConfig(`base is a multiple of ${groups} (its groups), not ${base}`);
  const resolutions = multipliers.map((_, level) => size / 2 ** level);
  const missing = attention.filter((resolution) => !resolutions.includes(resolution));
  if (missing.length > 0)
    throw badConfig(`attention at ${missing.join(", ")} pixels: the levels are at ${resolutions.join(", ")}`);
  const attending = multipliers
    .map((multiplier, level) => ({ width: base * multiplier, at: resolutions[level]! }))
    .filter(({ at }, level) => level === levels - 1 || attention.includes(at));
  const undivided = attending.find(({ width }) => width % heads !== 0);
  if (undivided)
    throw badConfig(
      `heads: ${undivided.width} channels at ${undivided.at} pixels do not divide into ${heads} heads`,
    );
}

/** The network of `config`; BAD_CONFIG if its parts do not fit together. */
export function unet(config: UnetConfig): Unet {
  checkConfig(config);
  const { size, channels, timesteps, base, multipliers, blocks, attention, heads = 1, classes = 0 } = config;
  const { outputs = channels, zeroInitialised = true, resampling = "convolution", dropout = 0 } = config;
  const { groups } = config;
  const timeWidth = 4 * base;
  const levels = multipliers.map((multiplier, level) => ({
    width: base * multiplier,
    size: size / 2 ** level,
    last: level === multipliers.length - 1,
  }));

  let factors = 0;
  const block = (shape: BlockShape, attends: boolean): Block => {
    factors += dropout > 0 ? dropoutFactors(shape.out, shape.size) : 0;
    const attending = { channels: shape.out, size: shape.size, heads, groups, zeroInitialised };
    return define(
      {
        residual: residualBlock({ ...shape, groups, zeroInitialised }),
        attention: attends ? attentionBlock(attending) : identity,
      },
      ({ residual, attention }, x: tf.Tensor4D, context: Context) => attention(residual(x, context)),
    );
  };

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
    down.push(downsampling(width, level.size, resampling));
    skips.push(width);
  }

  const middle = { in: width, out: width, timeWidth, size: levels.at(-1)!.size };
  const [middle1, middle2] = [block(middle, true), block(middle, false)];

  const up: { layer: Block; joins: boolean }[] = [];
  for (const level of levels.toReversed()) {
    for (let i = 0; i <= blocks; i++) {
      const shape = { in: width + skips.pop()!, out: level.width, timeWidth, size: level.size };
      up.push({ layer: block(shape, attention.includes(level.size)), joins: true });
      width = level.width;
    }
    if (level.size < size) up.push({ layer: upsampling(width, level.size, resampling), joins: false });
  }

  const network = define(
    {
      time1: dense(base, timeWidth),
      time2: dense(timeWidth, timeWidth),
      label: classes > 0 ? embedding(classes + 1, timeWidth) : pure((_: tf.Tensor1D) => undefined),
      stem: convolution({ in: channels, out: base, kernel: 3, size }),
      down,
      middle1,
      middle2,
      up: up.map(({ layer }) => layer),
      norm: norm(width, groups),
      out: convolution({
        in: width,
        out: outputs,
        kernel: 3,
        size,
        weights: zeroInitialised ? zeros : undefined,
      }),
    },
    (layers, x: tf.Tensor4D, { t, labels, dropout: given }: Conditions): tf.Tensor4D => {
      const encoded = timeEmbedding(t, timesteps, { ...config.encoding, width: base });
      const step = layers.time2(silu(layers.time1(encoded)));
      const label = labels && layers.label(labels);
      const context: Context = {
        time: silu(label ? tf.add(step, label) : step),
        dropout: given && dropoutFrom(given, dropout),
      };
      let h = layers.stem(x);
      const kept = [h];
      for (const layer of layers.down) {
        h = layer(h, context);
        kept.push(h);
      }
      h = layers.middle2(layers.middle1(h, context), context);
      for (const [i, layer] of layers.up.entries())
        h = layer(up[i]!.joins ? tf.concat([h, kept.pop()!], 1) : h, context);
      return layers.out(silu(layers.norm(h)));
    },
  );
  return { ...network, dropoutFactors: factors };
}
