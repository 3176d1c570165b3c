import * as tf from "@tensorflow/tfjs-core";
import type { GanLoss } from "./contract.ts";

/**
 * Difference of mean scores: minus the distance between the distributions where the discriminator is 1-Lipschitz, which a
 * regulariser must see to. Arjovsky et al. 2017 (arXiv:1701.07875), eq. 2 and 3. Scores have no zero of their own, so
 * the threshold is the middle between the two means.
 */
export const wasserstein: GanLoss = {
  title: "Wasserstein",
  paper: "arXiv:1701.07875",
  labelled: false,
  discriminator: (real, fake) => tf.sub(tf.mean(fake), tf.mean(real)),
  generator: (fake) => tf.neg(tf.mean(fake)),
  shown: (scores) => scores,
  threshold: (real, fake) => tf.div(tf.add(tf.mean(real), tf.mean(fake)), 2) as tf.Scalar,
};
