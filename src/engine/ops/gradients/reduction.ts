import * as tf from "@tensorflow/tfjs-core";
import { flatIn, type Gradient, type Gradients, ofInput } from "./define.ts";

const axesOf = (attributes: { axis?: number[]; reductionIndices?: number[] }, x: tf.Tensor) =>
  tf.util.parseAxisParam(attributes.axis ?? attributes.reductionIndices ?? null!, x.shape);

/** x's shape with the reduced axes at size 1. */
const keptShape = (x: tf.Tensor, axes: readonly number[]) =>
  x.shape.map((size, i) => (axes.includes(i) ? 1 : size));

/** Each value of dy for all that were reduced to it. TF.js multiplies by ones made in JavaScript, a constant once compiled. */
const total = (share: (dy: tf.Tensor, count: number) => tf.Tensor): Gradient =>
  ofInput("x", (dy, x, attributes) => {
    const axes = axesOf(attributes, x);
    const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
    return tf.broadcastTo(tf.reshape(share(dy, count), keptShape(x, axes)), x.shape);
  });

/** dy where x is the extreme; where several are, to each of them. */
const extreme = (reduce: typeof tf.max): Gradient =>
  ofInput("x", (dy, x, attributes) => {
    const axes = axesOf(attributes, x);
    const kept = keptShape(x, axes);
    const [y, d] = [tf.reshape(reduce(x, axes), kept), tf.reshape(dy, kept)];
    return tf.mul(d, tf.cast(tf.equal(x, y), "float32"));
  });

export const reduction: Gradients = {
  Sum: total((dy) => dy),
  Mean: total((dy, count) => tf.div(dy, count)),
  Max: extreme(tf.max),
  Min: extreme(tf.min),
  ArgMax: flatIn("x"),
  ArgMin: flatIn("x"),
  Softmax: ofInput("logits", (dy, logits, { dim }) => {
    const y = tf.softmax(logits, dim);
    const weighted = tf.mul(dy, y);
    return tf.sub(weighted, tf.mul(tf.sum(weighted, dim, true), y));
  }),
};
