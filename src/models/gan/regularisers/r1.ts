import * as tf from "@tensorflow/tfjs-core";
import type { Penalty } from "./contract.ts";
import { squaredGradientNorms } from "./input-gradient.ts";

/** E |grad D(x)|^2 / 2 at real images. Mescheder et al. 2018 (arXiv:1801.04406), eq. 9. */
export const r1: Penalty = {
  title: "R1",
  paper: "arXiv:1801.04406",
  passes: 5, // as the gradient penalty's, with the forward pass that the loss takes anyway
  penalty: (score, { real }) => tf.div(tf.mean(squaredGradientNorms(score, real)), 2),
};
