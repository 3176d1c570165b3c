import * as tf from "@tensorflow/tfjs-core";
import * as z from "zod";
import { options, positive } from "../../config.ts";
import { snr } from "../schedules/index.ts";
import { type Objective, refusesLearnedVariance } from "./contract.ts";

const schema = options({
  name: z.literal("min-snr"),
  gamma: positive.default(5).describe("bound of a step's weight on the error of the clean image"),
});

/**
 * The squared error of the clean image, weighted by min(SNR, gamma), whatever the output estimates. Hang et al. 2023
 * (arXiv:2303.09556), section 3.4: min(SNR, gamma) / SNR of a noise estimate's error.
 */
export const minSnr: Objective<typeof schema> = {
  title: "min-SNR",
  paper: "arXiv:2303.09556",
  options: schema,
  refuses: refusesLearnedVariance,
  loss: ({ alphaBar, inputScale, target }, { gamma }) => ({
    scalars(t) {
      const level = alphaBar[t]!;
      const ofClean = target.clean(level).output / inputScale;
      return { weight: Math.min(snr(level, inputScale), gamma) * ofClean ** 2 };
    },
    of: ({ error }, { weight }) => tf.mul(tf.square(error), weight!),
  }),
};
