/**
 * Spectral normalisation (Miyato et al. 2018, arXiv:1802.05957, algorithm 1): every weight matrix divided by its largest
 * singular value, which one power iteration a step follows. The iteration's vectors are carried in the model's state and
 * are constants to the gradient.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Rng } from "../../../core/rng.ts";
import type { HostTensor } from "../../../engine/contract.ts";
import { flatten, type Tree, unflatten } from "../../../engine/ops/index.ts";
import { initialise, normal, type ParameterSpecs, shapesOf } from "../../nn/index.ts";

/** Left and right singular vectors of each weight, by its name. */
export interface Directions {
  readonly left: Tree;
  readonly right: Tree;
}

const EPSILON = 1e-12;

const unit = (x: tf.Tensor): tf.Tensor => tf.div(x, tf.add(tf.sqrt(tf.sum(tf.square(x))), EPSILON));
/** [rows, everything else]. */
const matrix = (weight: tf.Tensor): tf.Tensor2D => tf.reshape(weight, [weight.shape[0]!, -1]) as tf.Tensor2D;

/** Of all parameters of two dimensions and more; biases and gains stay as they are. */
export function spectralNorm(specs: ParameterSpecs) {
  const weights = Object.keys(specs).filter((name) => specs[name]!.shape.length >= 2);
  const vectors: ParameterSpecs = Object.fromEntries(
    weights.map((name) => [name, { shape: [specs[name]!.shape[0]!], initialise: normal(0, 1) }]),
  );
  const shapes = shapesOf(vectors);
  const state = { shape: [weights.reduce((sum, name) => sum + specs[name]!.shape[0]!, 0)] };
  return {
    /** Left vectors of all weights, end to end. */
    state,
    initialState: (stream: Rng): HostTensor => ({ ...state, data: initialise(vectors, stream) }),
    /** One power iteration from the left vectors. Not inside a gradient. */
    iterate(parameters: Tree, flat: tf.Tensor) {
      const before = unflatten(flat, shapes);
      const left: Record<string, tf.Tensor> = {};
      const right: Record<string, tf.Tensor> = {};
      for (const name of weights) {
        const w = matrix(parameters[name]!);
        const row = tf.reshape(before[name]!, [1, -1]) as tf.Tensor2D;
        right[name] = unit(tf.matMul(row, w)); // [1, columns]
        left[name] = unit(tf.matMul(right[name] as tf.Tensor2D, w, false, true)); // [1, rows]
      }
      return { left: flatten(left, shapes), directions: { left, right } };
    },
    /** The parameters, weights divided by left^T W right. */
    normalise(parameters: Tree, { left, right }: Directions): Tree {
      const divided = weights.map((name) => {
        const w = parameters[name]!;
        const along = tf.matMul(left[name] as tf.Tensor2D, matrix(w)); // [1, columns]
        return [name, tf.div(w, tf.sum(tf.mul(along, right[name]!)))] as const;
      });
      return { ...parameters, ...Object.fromEntries(divided) };
    },
  };
}
