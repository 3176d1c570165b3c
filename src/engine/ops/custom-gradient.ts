import * as tf from "@tensorflow/tfjs-core";
import { within } from "./scope.ts";

/**
 * A function with a gradient of its own. The gradient is a function of the inputs again and recomputes what it needs
 * from them: compiled, common subexpressions make that free, and gradients of gradients stay right. Profiles know the two
 * by `name` and `name gradient`.
 */
export function withGradient<const Inputs extends readonly tf.Tensor[]>(
  name: string,
  inputs: Inputs,
  forward: (...inputs: Inputs) => tf.Tensor,
  backward: (dy: tf.Tensor, ...inputs: Inputs) => tf.Tensor[],
): tf.Tensor {
  const custom = tf.customGrad((...given) => {
    const save = given.pop() as tf.GradSaveFunc;
    const values = given as unknown as Inputs;
    save([...values]);
    return {
      value: within(name, () => forward(...values)),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        within(`${name} gradient`, () => backward(dy, ...(saved as unknown as Inputs))),
    };
  });
  return custom(...inputs);
}

/** x, through which no gradient flows. Any shape. */
export function detached<T extends tf.Tensor>(x: T): T {
  return withGradient(
    "detached",
    [x],
    (x) => tf.clone(x),
    (_dy, x) => [tf.zerosLike(x)],
  ) as T;
}
