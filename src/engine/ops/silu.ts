import * as tf from "@tensorflow/tfjs-core";
import { withGradient } from "./custom-gradient.ts";
import { type Kernel, runKernel } from "./kernel.ts";

export const siluKernel: Kernel<object> = {
  name: "Silu",
  compose: ({ x }) => tf.mul(x!, tf.sigmoid(x!)),
};

/** SiLU, x sigmoid(x) (Hendrycks & Gimpel 2016, arXiv:1606.08415). Any shape. */
export function silu<T extends tf.Tensor>(x: T): T {
  return withGradient(
    "silu",
    [x],
    (x) => runKernel(siluKernel, { x }, {}),
    (dy, x) => {
      // the result is there already, and keeping it saves keeping the sigmoid: y' = s + y (1 - s) = y + s (1 - y)
      const y = silu(x);
      return [tf.mul(dy, tf.add(y, tf.mul(tf.sigmoid(x), tf.sub(1, y))))];
    },
  ) as T;
}
