import * as tf from "@tensorflow/tfjs-core";
import type { GanLoss } from "./contract.ts";

/** Scores beyond the margin of 1 are left alone. Lim & Ye 2017 (arXiv:1705.02894); Miyato et al. 2018, eq. 16 and 17. */
export const hinge: GanLoss = {
  title: "hinge",
  paper: "arXiv:1705.02894",
  labelled: false,
  discriminator: (real, fake) => tf.add(tf.mean(tf.relu(tf.sub(1, real))), tf.mean(tf.relu(tf.add(1, fake)))),
  generator: (fake) => tf.neg(tf.mean(fake)),
  shown: (scores) => scores,
  threshold: () => 0,
};
