import * as tf from "@tensorflow/tfjs-core";
import * as z from "zod";
import { detached } from "../../../engine/ops/index.ts";
import { options, positive } from "../../config.ts";
import { inMeans } from "./bound.ts";
import type { Objective } from "./contract.ts";

const schema = options({
  name: z.literal("hybrid"),
  weight: positive.default(0.001).describe("lambda: weight of the bound, which trains the variance"),
});

/**
 * The simple loss, and a little of the bound, which reaches the variance alone: in it the mean is held still. Nichol &
 * Dhariwal 2021 (arXiv:2102.09672), eq. 16.
 */
export const hybrid: Objective<typeof schema> = {
  title: "hybrid",
  paper: "arXiv:2102.09672",
  options: schema,
  refuses: ({ variance }) =>
    variance === "learned-range"
      ? undefined
      : `its bound trains a learned variance; set variance to learned-range, or choose the objective simple (variance is ${variance})`,
  loss(process, { weight }) {
    const bound = inMeans(process);
    return {
      scalars: bound.scalars,
      of({ images, error, share }, scalars) {
        const held = bound.of({ images, error: detached(error), share }, scalars);
        return tf.add(tf.square(error), tf.mul(held, weight));
      },
    };
  },
};
