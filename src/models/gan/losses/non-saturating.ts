import * as tf from "@tensorflow/tfjs-core";
import { crossEntropyAgainstOne, crossEntropyAgainstZero } from "../../nn/index.ts";
import type { GanLoss } from "./contract.ts";

/** The generator maximises log D(G(z)). Goodfellow et al. 2014 (arXiv:1406.2661), section 3. */
export const nonSaturating: GanLoss = {
  title: "non-saturating",
  paper: "arXiv:1406.2661",
  discriminator: (real, fake) => tf.add(crossEntropyAgainstOne(real), crossEntropyAgainstZero(fake)),
  generator: crossEntropyAgainstOne,
};
