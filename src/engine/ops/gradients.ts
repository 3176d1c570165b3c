/**
 * Process-wide gradients: those of our own kernels, and lean ones for Sum and Mean, whose TF.js gradients multiply by a
 * tensor of ones made in JavaScript (a constant as large as the input once compiled).
 */
import * as tf from "@tensorflow/tfjs-core";
import { convolutionGradients } from "./convolution.ts";

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

let registered = false;

/** Idempotent; every engine calls it before it runs or traces a program. */
export function registerGradients(): void {
  if (registered) return;
  registered = true;
  for (const kernel of ["Sum", "Mean"] as const) {
    tf.unregisterGradient(kernel);
    tf.registerGradient(reduction(kernel));
  }
  for (const gradient of convolutionGradients) tf.registerGradient(gradient);
}
