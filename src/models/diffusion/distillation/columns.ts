/** Numbers that differ from image to image of a batch, as one input of a program: [batch, columns]. */
import * as tf from "@tensorflow/tfjs-core";
import type { HostTensor } from "../../../engine/contract.ts";

/** Rows of numbers, one an image, in the order of `names`. */
export function packColumns<Name extends string>(
  names: readonly Name[],
  rows: readonly Readonly<Record<Name, number>>[],
): HostTensor {
  const data = Float32Array.from(rows.flatMap((row) => names.map((name) => row[name])));
  return { shape: [rows.length, names.length], data };
}

/** Each column as [batch, 1, 1, 1], to multiply images by. */
export function unpackColumns<Name extends string>(
  names: readonly Name[],
  columns: tf.Tensor,
): Record<Name, tf.Tensor4D> {
  const parts = tf.split(columns, names.length, 1);
  return Object.fromEntries(names.map((name, i) => [name, tf.reshape(parts[i]!, [-1, 1, 1, 1])])) as Record<
    Name,
    tf.Tensor4D
  >;
}
