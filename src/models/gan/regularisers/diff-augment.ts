/**
 * Differentiable augmentation (Zhao et al. 2020, arXiv:2006.10738): whatever the discriminator sees, real or generated, is
 * changed at random first, and the generator's gradient passes through the change. Parts and strengths are those of the
 * paper's code: colour, translation by up to 1/8 of the edge, cutout of half the edge; what is moved or cut away is 0.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Rng } from "../../../core/rng.ts";
import type { HostTensor, Signature } from "../../../engine/contract.ts";
import type { Tree } from "../../../engine/ops/index.ts";

interface Augmentation {
  /** Its random tensors for so many images. */
  inputs(count: number, size: number): Signature;
  draw(count: number, size: number, stream: Rng): Readonly<Record<string, HostTensor>>;
  /** images [count, channels, size, size] with the inputs of as many. */
  apply(images: tf.Tensor4D, drawn: Tree): tf.Tensor4D;
}

const uniforms = (count: number, width: number, stream: Rng, at: (u: number, column: number) => number) => ({
  shape: [count, width],
  data: Float32Array.from({ length: count * width }, (_, i) => at(stream.uniform(), i % width)),
});

/** Brightness plus -0.5..0.5, then distance from the pixel's mean times 0..2, then from the image's mean times 0.5..1.5. */
const colour: Augmentation = {
  inputs: (count) => ({ augment_colour: { shape: [count, 3] } }),
  draw: (count, _size, stream) => ({
    augment_colour: uniforms(count, 3, stream, (u, column) => [u - 0.5, 2 * u, u + 0.5][column]!),
  }),
  apply(images, { augment_colour }) {
    const [count, channels] = images.shape;
    const columns = tf.split(augment_colour as tf.Tensor2D, 3, 1);
    const [brightness, saturation, contrast] = columns.map((column) => tf.reshape(column, [count, 1, 1, 1]));
    const about = (x: tf.Tensor, centre: tf.Tensor, factor: tf.Tensor) =>
      tf.add(centre, tf.mul(tf.sub(x, centre), factor));
    const bright = tf.add(images, brightness!);
    const saturated = channels === 1 ? bright : about(bright, tf.mean(bright, 1, true), saturation!);
    const mean = tf.reshape(tf.mean(tf.reshape(saturated, [count, -1]), 1), [count, 1, 1, 1]);
    return about(saturated, mean, contrast!) as tf.Tensor4D;
  },
};

/** Whole pixels down and to the right, each way alike. */
const translation: Augmentation = {
  inputs: (count) => ({ augment_shift: { shape: [count, 2] } }),
  draw(count, size, stream) {
    const reach = Math.floor(size / 8 + 0.5);
    return {
      augment_shift: {
        shape: [count, 2],
        data: Float32Array.from({ length: count * 2 }, () => stream.integer(2 * reach + 1) - reach),
      },
    };
  },
  apply(images, { augment_shift }) {
    const [count, channels, size] = images.shape;
    const pixels = tf.tensor1d(Array.from({ length: size }, (_, i) => i));
    const from = tf.reshape(pixels, [1, 1, size]);
    const [down, right] = tf.split(augment_shift as tf.Tensor2D, 2, 1).map((by) => {
      // row i of the moved image is row i - by: 1 there and 0 elsewhere, [count * channels, size, size]
      const source = tf.sub(tf.reshape(pixels, [1, size, 1]), tf.reshape(by, [count, 1, 1]));
      const chosen = tf.relu(tf.sub(1, tf.abs(tf.sub(source, from))));
      const each = tf.tile(tf.reshape(chosen, [count, 1, size, size]), [1, channels, 1, 1]);
      return tf.reshape(each, [count * channels, size, size]);
    });
    const maps = tf.reshape(images, [count * channels, size, size]);
    const moved = tf.matMul(tf.matMul(down!, maps), right!, false, true);
    return tf.reshape(moved, images.shape);
  },
};

/** A square anywhere, also beyond the rim, as 0 and 1 for its rows and columns. */
const cutout: Augmentation = {
  inputs: (count, size) => ({
    augment_cut_rows: { shape: [count, size] },
    augment_cut_columns: { shape: [count, size] },
  }),
  draw(count, size, stream) {
    const edge = Math.floor(size / 2 + 0.5);
    const span = (): HostTensor => {
      const data = new Float32Array(count * size);
      for (let i = 0; i < count; i++) {
        const start = stream.integer(size + 1 - (edge % 2)) - Math.floor(edge / 2);
        data.fill(1, i * size + Math.max(0, start), i * size + Math.min(size, start + edge));
      }
      return { shape: [count, size], data };
    };
    return { augment_cut_rows: span(), augment_cut_columns: span() };
  },
  apply(images, { augment_cut_rows, augment_cut_columns }) {
    const [count, , size] = images.shape;
    const rows = tf.reshape(augment_cut_rows!, [count, 1, size, 1]);
    const columns = tf.reshape(augment_cut_columns!, [count, 1, 1, size]);
    return tf.mul(images, tf.sub(1, tf.mul(rows, columns)));
  },
};

export const augmentations = { colour, translation, cutout } satisfies Record<string, Augmentation>;
export type AugmentationName = keyof typeof augmentations;
export const augmentationNames = Object.keys(augmentations) as [AugmentationName, ...AugmentationName[]];

/** The named parts in the paper's order, whatever order they are named in. */
export function diffAugment(names: readonly AugmentationName[], size: number) {
  const parts = augmentationNames
    .filter((name) => names.includes(name))
    .map((name) => [name, augmentations[name]] as const);
  return {
    /** Random tensors for `count` images. */
    inputs: (count: number): Signature =>
      Object.assign({}, ...parts.map(([, part]) => part.inputs(count, size))),
    draw: (count: number, stream: Rng): Readonly<Record<string, HostTensor>> =>
      Object.assign({}, ...parts.map(([name, part]) => part.draw(count, size, stream.fold(name)))),
    /** images [n, channels, size, size], changed by rows from .. from + n - 1 of the random tensors. */
    apply: (images: tf.Tensor4D, inputs: Tree, from: number) =>
      parts.reduce((x, [, part]) => {
        const rows = Object.keys(part.inputs(1, size)).map((name) => {
          const all = inputs[name]!;
          return [name, tf.slice(all, [from, 0], [x.shape[0], all.shape[1]!])] as const;
        });
        return part.apply(x, Object.fromEntries(rows));
      }, images),
  };
}
