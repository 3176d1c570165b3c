/**
 * The shapes that gradients come in. A gradient is made of operations on the kernel's inputs, never of its saved output:
 * TF.js 4.22 records the copy that it saves before the operation itself, so the part of a second-order gradient that flows
 * through it is lost without a word: grad(grad(x * tanh(x))) is wrong, grad(grad(tanh)) throws. Computing the output again
 * costs a compiled program nothing. Nor is a gradient dy itself but a clone: TF.js disposes of the gradients that it adds up.
 */
import * as tf from "@tensorflow/tfjs-core";

/** A kernel's gradient; its name is the key in the table. */
export type Gradient = Omit<tf.GradConfig, "kernelName">;
export type Gradients = Readonly<Record<string, Gradient>>;

/** A kernel's attributes as TF.js hands them over; each gradient names those it reads. */
// biome-ignore lint/suspicious/noExplicitAny: TF.js types attributes per kernel, the tables hold all kernels
type KernelAttributes = any;

/** dy times the derivative in the kernel's one input, `name`, which it may depend on. */
export function ofInput(
  name: string,
  gradient: (dy: tf.Tensor, input: tf.Tensor, attributes: KernelAttributes) => tf.Tensor,
): Gradient {
  return {
    inputsToSave: [name],
    gradFunc: (dy, [input], attributes) => ({ [name]: () => gradient(dy as tf.Tensor, input!, attributes) }),
  };
}

/** The same of a kernel that is linear in `name`: its gradient needs only dy, and nothing is kept for it. */
export function linearIn<Dy extends tf.Tensor | tf.Tensor[] = tf.Tensor>(
  name: string,
  gradient: (dy: Dy, attributes: KernelAttributes) => tf.Tensor,
): Gradient {
  return { gradFunc: (dy, _, attributes) => ({ [name]: () => gradient(dy as Dy, attributes) }) };
}

/** Constant wherever it has a derivative. */
export const flatIn = (name: string): Gradient =>
  ofInput(name, (_, input) => tf.zerosLike(tf.cast(input, "float32")));

type OfPair = (dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor, attributes: KernelAttributes) => tf.Tensor;

/** Of a kernel of two inputs that are spread over each other; what is in the spread shape is summed back at the end. */
export function ofPair(inA: OfPair, inB: OfPair): Gradient {
  return {
    inputsToSave: ["a", "b"],
    gradFunc: (dy, saved, attributes) => {
      const [d, a, b] = [dy, ...saved] as [tf.Tensor, tf.Tensor, tf.Tensor];
      return {
        a: () => summedTo(inA(d, a, b, attributes), a.shape),
        b: () => summedTo(inB(d, a, b, attributes), b.shape),
      };
    },
  };
}

/** x summed over the axes along which `shape` was spread to x's, which are left out. */
export function copiesSummed(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const axes = tf.backend_util.getReductionAxes([...shape], x.shape);
  return axes.length > 0 ? tf.sum(x, axes) : x;
}

/** The gradient of spreading `shape` to x's. */
export const summedTo = (x: tf.Tensor, shape: readonly number[]) =>
  tf.reshape(copiesSummed(x, shape), [...shape]);

/** Inputs that come as a list are named by their index. */
export const byIndex = (gradients: readonly tf.Tensor[]) =>
  Object.fromEntries(gradients.map((gradient, i) => [i, () => gradient]));
