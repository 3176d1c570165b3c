/**
 * Process-wide gradients: those of our own kernels, and replacements for TF.js's where they compile badly or are wrong.
 *
 * - Sum and Mean multiply by a tensor of ones made in JavaScript: a constant as large as the input once compiled.
 * - Exp, Sigmoid, Tanh and Softmax save their output for the gradient. TF.js 4.22 records that copy on its
 *   tape before the operation itself, so the part of a second-order gradient that flows through it is lost without a
 *   word: grad(grad(x * tanh(x))) is wrong, grad(grad(tanh)) throws. These save the input and compute the output again.
 * - LeakyRelu compares, and a comparison has no gradient, so a second-order gradient throws. A step has one: zero.
 */
// tfjs-core's Node build leaves its gradients out; the umbrella package registers them, in the same global registry
import "@tensorflow/tfjs";
import * as tf from "@tensorflow/tfjs-core";
import { convolutionGradients } from "./convolution.ts";
import { resamplingGradients } from "./resampling.ts";

function spread(dy: tf.Tensor, axes: readonly number[], shape: readonly number[]): tf.Tensor {
  const kept = shape.map((size, i) => (axes.includes(i) ? 1 : size));
  return tf.broadcastTo(tf.reshape(dy, kept), [...shape]);
}

function reduction(kernelName: "Sum" | "Mean"): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: ["x"],
    gradFunc: (dy, saved, attributes) => {
      const x = saved[0]!;
      const axes = tf.util.parseAxisParam((attributes as { axis?: number[] }).axis ?? null!, x.shape);
      const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
      const d = dy as tf.Tensor;
      return { x: () => spread(kernelName === "Mean" ? tf.div(d, count) : d, axes, x.shape) };
    },
  };
}

/** dy times the derivative, a function of the input x. */
function ofInput(
  kernelName: string,
  input: string,
  gradient: (dy: tf.Tensor, x: tf.Tensor, attributes: Record<string, number>) => tf.Tensor,
): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: [input],
    gradFunc: (dy, saved, attributes) => ({
      [input]: () => gradient(dy as tf.Tensor, saved[0]!, attributes as unknown as Record<string, number>),
    }),
  };
}

const replacements: tf.GradConfig[] = [
  reduction("Sum"),
  reduction("Mean"),
  ofInput("Exp", "x", (dy, x) => tf.mul(dy, tf.exp(x))),
  ofInput("Sigmoid", "x", (dy, x) => {
    const y = tf.sigmoid(x);
    return tf.mul(dy, tf.mul(y, tf.sub(1, y)));
  }),
  ofInput("Tanh", "x", (dy, x) => tf.mul(dy, tf.sub(1, tf.square(tf.tanh(x))))),
  ofInput("LeakyRelu", "x", (dy, x, { alpha }) => tf.mul(dy, tf.step(x, alpha))),
  ofInput("Softmax", "logits", (dy, logits, { dim }) => {
    const y = tf.softmax(logits, dim);
    const weighted = tf.mul(dy, y);
    return tf.sub(weighted, tf.mul(tf.sum(weighted, dim, true), y));
  }),
];

let registered = false;

/** Idempotent; every engine calls it before it runs or traces a program. */
export function registerGradients(): void {
  if (registered) return;
  registered = true;
  tf.enableProdMode(); // no advertisement on stderr, no checks of our own shapes twice
  for (const gradient of replacements) {
    tf.unregisterGradient(gradient.kernelName);
    tf.registerGradient(gradient);
  }
  for (const gradient of [...convolutionGradients, ...resamplingGradients]) tf.registerGradient(gradient);
}
