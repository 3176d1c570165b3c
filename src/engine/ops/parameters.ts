/** Parameters as one flat vector: one tensor to carry, clip, average and update instead of hundreds. */
import * as tf from "@tensorflow/tfjs-core";
import { assert } from "../../core/errors.ts";
import { sizeOf } from "../contract.ts";

export type Shapes = Readonly<Record<string, readonly number[]>>;
export type Tree = Readonly<Record<string, tf.Tensor>>;

/** Values of all shapes together. */
export function totalSize(shapes: Shapes): number {
  return Object.values(shapes).reduce((sum, shape) => sum + sizeOf(shape), 0);
}

/** [total] -> one tensor per name, in the order of `shapes`. Not meant to be differentiated through: see valueAndGradients. */
export function unflatten(flat: tf.Tensor, shapes: Shapes): Tree {
  const names = Object.keys(shapes);
  const sizes = names.map((name) => sizeOf(shapes[name]!));
  assert(flat.size === totalSize(shapes), `unflatten: ${flat.size} values for ${totalSize(shapes)}`);
  const parts = names.length === 1 ? [flat] : tf.split(flat as tf.Tensor1D, sizes);
  return Object.fromEntries(names.map((name, i) => [name, tf.reshape(parts[i]!, [...shapes[name]!])]));
}

export function flatten(tree: Tree, shapes: Shapes): tf.Tensor1D {
  const parts = Object.keys(shapes).map((name) => tf.reshape(tree[name]!, [-1]) as tf.Tensor1D);
  return parts.length === 1 ? parts[0]! : tf.concat1d(parts);
}

/**
 * Value of a scalar loss over a tree of parameters and its gradient as one flat vector, in the order of `shapes`.
 * A parameter that the loss does not depend on is a mistake of the model's and throws.
 */
export function valueAndGradients(loss: (parameters: Tree) => tf.Scalar, flat: tf.Tensor, shapes: Shapes) {
  const names = Object.keys(shapes);
  const tree = unflatten(flat, shapes);
  const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) =>
    loss(Object.fromEntries(names.map((name, i) => [name, values[i]!]))),
  )(names.map((name) => tree[name]!));
  return {
    value: value as tf.Scalar,
    gradient: flatten(Object.fromEntries(names.map((name, i) => [name, grads[i]!])), shapes),
  };
}
