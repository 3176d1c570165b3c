import * as tf from "@tensorflow/tfjs-core";
import type { GanLoss } from "./contract.ts";

/** Halved squares of the distance to targets 1 and 0. Mao et al. 2017 (arXiv:1611.04076), eq. 2 with eq. 9's a, b, c. */
export const leastSquares: GanLoss = {
  title: "least-squares",
  paper: "arXiv:1611.04076",
  labelled: true,
  discriminator: (real, fake, target = 1) =>
    tf.div(tf.add(tf.mean(tf.square(tf.sub(real, target))), tf.mean(tf.square(fake))), 2),
  generator: (fake) => tf.div(tf.mean(tf.square(tf.sub(fake, 1))), 2),
  shown: (scores) => scores,
  threshold: () => 0.5,
};
