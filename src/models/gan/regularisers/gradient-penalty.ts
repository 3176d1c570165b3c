import * as tf from "@tensorflow/tfjs-core";
import type { Penalty } from "./contract.ts";
import { squaredGradientNorms } from "./input-gradient.ts";

/** Keeps the root's gradient finite where the discriminator is flat. */
const TINY = 1e-12;

/**
 * E (|grad D(x)| - 1)^2 at points between real and generated images, which keeps D about 1-Lipschitz. Gulrajani et al.
 * 2017 (arXiv:1704.00028), eq. 3.
 */
export const gradientPenalty: Penalty = {
  title: "gradient penalty",
  paper: "arXiv:1704.00028",
  passes: 6, // forward and to the input, and both once more backward at twice the cost
  penalty(score, { real, fake, mix }) {
    const between = tf.add(fake, tf.mul(tf.sub(real, fake), mix)) as tf.Tensor4D;
    const norms = tf.sqrt(tf.add(squaredGradientNorms(score, between), TINY));
    return tf.mean(tf.square(tf.sub(norms, 1)));
  },
};
