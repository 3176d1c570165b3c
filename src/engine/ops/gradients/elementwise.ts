import * as tf from "@tensorflow/tfjs-core";
import {
  byIndex,
  copiesSummed,
  flatIn,
  type Gradients,
  linearIn,
  ofInput,
  ofPair,
  summedTo,
} from "./define.ts";

/** dy where the condition holds, else 0. */
const where = (condition: tf.Tensor, dy: tf.Tensor) => tf.mul(dy, tf.cast(condition, "float32"));

const twiceDifference = (dy: tf.Tensor, x: tf.Tensor, from: tf.Tensor) =>
  tf.mul(dy, tf.mul(2, tf.sub(x, from)));

const binary: Gradients = {
  Add: ofPair(
    (dy) => dy,
    (dy) => dy,
  ),
  Sub: ofPair(
    (dy) => dy,
    (dy, _, b) => tf.reshape(tf.neg(copiesSummed(dy, b.shape)), b.shape),
  ),
  Multiply: ofPair(
    (dy, _, b) => tf.mul(dy, b),
    (dy, a) => tf.mul(dy, a),
  ),
  RealDiv: ofPair(
    (dy, _, b) => tf.div(dy, b),
    (dy, a, b) => tf.neg(tf.div(summedTo(tf.mul(dy, a), b.shape), tf.square(b))),
  ),
  /** Where both are equal, the first is taken to be the larger, and the smaller. */
  Maximum: ofPair(
    (dy, a, b) => where(tf.greaterEqual(a, b), dy),
    (dy, a, b) => where(tf.less(a, b), dy),
  ),
  Minimum: ofPair(
    (dy, a, b) => where(tf.lessEqual(a, b), dy),
    (dy, a, b) => where(tf.greater(a, b), dy),
  ),
  /** In the exponent, 0 where the base is not positive and the logarithm is none. */
  Pow: ofPair(
    (dy, a, b) => tf.mul(dy, tf.mul(b, tf.pow(a, tf.sub(b, 1)))),
    (dy, a, b) => tf.mul(dy, tf.mul(tf.pow(a, b), tf.where(tf.greater(a, 0), tf.log(a), tf.zerosLike(a)))),
  ),
  SquaredDifference: ofPair(
    (dy, a, b) => twiceDifference(dy, a, b),
    (dy, a, b) => twiceDifference(dy, b, a),
  ),
  AddN: { saveAllInputs: true, gradFunc: (dy, terms) => byIndex(terms.map(() => tf.clone(dy as tf.Tensor))) },
  Select: {
    inputsToSave: ["condition"],
    gradFunc: (dy, [condition]) => ({
      condition: () => tf.zeros(condition!.shape),
      t: () => where(condition!, dy as tf.Tensor),
      e: () => where(tf.logicalNot(condition!), dy as tf.Tensor),
    }),
  },
};

const unary: Gradients = {
  Neg: linearIn("x", (dy) => tf.neg(dy)),
  Identity: linearIn("x", (dy) => tf.clone(dy)),
  Cast: linearIn("x", (dy) => tf.clone(dy)),
  Abs: ofInput("x", (dy, x) => tf.mul(dy, tf.step(x, -1))),
  Square: ofInput("x", (dy, x) => tf.mul(dy, tf.mul(x, 2))),
  Sqrt: ofInput("x", (dy, x) => tf.div(dy, tf.mul(tf.sqrt(x), 2))),
  Rsqrt: ofInput("x", (dy, x) => tf.neg(tf.div(dy, tf.mul(tf.pow(x, 1.5), 2)))),
  Reciprocal: ofInput("x", (dy, x) => tf.div(dy, tf.neg(tf.square(x)))),
  Exp: ofInput("x", (dy, x) => tf.mul(dy, tf.exp(x))),
  Log: ofInput("x", (dy, x) => tf.div(dy, x)),
  Log1p: ofInput("x", (dy, x) => tf.div(dy, tf.add(x, 1))),
  Sigmoid: ofInput("x", (dy, x) => {
    const y = tf.sigmoid(x);
    return tf.mul(dy, tf.mul(y, tf.sub(1, y)));
  }),
  Tanh: ofInput("x", (dy, x) => tf.mul(dy, tf.sub(1, tf.square(tf.tanh(x))))),
  Softplus: ofInput("x", (dy, x) => tf.mul(dy, tf.sigmoid(x))),
  Erf: ofInput("x", (dy, x) => tf.mul(dy, tf.mul(tf.exp(tf.neg(tf.square(x))), 2 / Math.sqrt(Math.PI)))),
  Sin: ofInput("x", (dy, x) => tf.mul(tf.cos(x), dy)),
  Cos: ofInput("x", (dy, x) => tf.mul(tf.neg(tf.sin(x)), dy)),
  /** By a step and not a comparison, which has no gradient: the step's is zero, as a second-order gradient needs it. */
  Relu: ofInput("x", (dy, x) => tf.mul(dy, tf.step(x))),
  LeakyRelu: ofInput("x", (dy, x, { alpha }) => tf.mul(dy, tf.step(x, alpha))),
  ClipByValue: ofInput("x", (dy, x, { clipValueMin, clipValueMax }) => {
    const within = tf.logicalAnd(tf.greaterEqual(x, clipValueMin), tf.lessEqual(x, clipValueMax));
    return tf.where(within, dy, tf.zerosLike(dy));
  }),
};

const zero = (dy: tf.Tensor) => tf.zerosLike(dy);

const flat: Gradients = {
  Floor: flatIn("x"),
  Ceil: flatIn("x"),
  Round: flatIn("x"),
  Sign: flatIn("x"),
  Step: flatIn("x"),
  ZerosLike: flatIn("x"),
  OnesLike: flatIn("x"),
  /** Alone of the comparisons, as in TF.js: a second-order gradient of a maximum in its first input needs it. */
  GreaterEqual: ofPair(zero, zero),
};

export const elementwise: Gradients = { ...binary, ...unary, ...flat };
