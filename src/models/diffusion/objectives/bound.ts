import * as tf from "@tensorflow/tfjs-core";
import * as z from "zod";
import { options } from "../../config.ts";
import { reverseVariances } from "../posterior.ts";
import { boundTerm, meanFactor, type Process, type TermScalars, termScalars } from "../variational.ts";
import type { Loss, Objective } from "./contract.ts";

const schema = options({
  name: z.literal("bound"),
  form: z
    .enum(["means", "epsilon"])
    .default("means")
    .describe(
      "means: every term as it stands, the decoder's at the first step; epsilon: the squared error of the noise under the bound's weights",
    ),
});

/**
 * The variational bound, a step at a time and times their number: an estimate of bits per dimension. Ho et al. 2020
 * (arXiv:2006.11239), eq. 8 (means) and 12 (epsilon). The second drops the terms' constants, and treats the first step
 * as any other.
 */
export const bound: Objective<typeof schema> = {
  title: "variational bound",
  paper: "arXiv:2006.11239",
  options: schema,
  refuses({ target, variance }, { form }) {
    if (form === "means") return undefined;
    if (target !== "epsilon") return `form epsilon weights the error of a noise estimate, not of ${target}`;
    return variance === "learned-range" ? "form epsilon needs a fixed variance; use means" : undefined;
  },
  loss: (process, { form }) => (form === "means" ? inMeans(process) : inEpsilon(process)),
};

/** Each term of the bound times the number of steps. */
export function inMeans(process: Process): Loss {
  const steps = process.alphaBar.length;
  return {
    scalars: (t) => ({ ...termScalars(process, t), mean_factor: meanFactor(process, t) }),
    of({ images, error, share }, scalars) {
      const difference = tf.mul(error, scalars.mean_factor!);
      const term = boundTerm(images, difference, scalars as Record<keyof TermScalars, tf.Tensor>, {
        inputScale: process.inputScale,
        share,
      });
      return tf.mul(term, steps);
    },
  };
}

/** beta^2 / (2 sigma^2 alpha (1 - alphaBar)) in bits, times the number of steps. */
function inEpsilon(process: Process): Loss {
  const { alphaBar, variance } = process;
  return {
    scalars(t) {
      const { small, fixedLarge } = reverseVariances(alphaBar, t);
      const sigma2 = variance === "fixed-large" ? fixedLarge : small;
      return { weight: (alphaBar.length * meanFactor(process, t) ** 2) / (2 * sigma2 * Math.LN2) };
    },
    of: ({ error }, { weight }) => tf.mul(tf.square(error), weight!),
  };
}
