import * as tf from "@tensorflow/tfjs-core";
import * as z from "zod";
import { options } from "../../config.ts";
import { type Objective, refusesLearnedVariance } from "./contract.ts";

const schema = options({ name: z.literal("simple") });

/** The squared error of the output, every step alike. Ho et al. 2020 (arXiv:2006.11239), eq. 14. */
export const simple: Objective<typeof schema> = {
  title: "simple",
  paper: "arXiv:2006.11239",
  options: schema,
  refuses: refusesLearnedVariance,
  loss: () => ({ scalars: () => ({}), of: ({ error }) => tf.square(error) }),
};
