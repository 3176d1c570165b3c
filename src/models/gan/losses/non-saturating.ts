import * as tf from "@tensorflow/tfjs-core";
import { crossEntropyAgainstOne, crossEntropyAgainstZero } from "../../nn/index.ts";
import type { GanLoss } from "./contract.ts";

/** The generator maximises log D(G(z)). Goodfellow et al. 2014 (arXiv:1406.2661), section 3. */
export const nonSaturating: GanLoss = {
  title: "non-saturating",
  paper: "arXiv:1406.2661",
  labelled: true,
  discriminator(real, fake, target = 1) {
    const loss = tf.add(crossEntropyAgainstOne(real), crossEntropyAgainstZero(fake)) as tf.Scalar;
    // t ln s(x) + (1 - t) ln s(-x) is ln s(x) - (1 - t) x
    return target === 1 ? loss : tf.add(loss, tf.mul(tf.mean(real), 1 - target));
  },
  generator: crossEntropyAgainstOne,
  shown: (scores) => tf.sigmoid(scores),
  threshold: () => 0,
};
