import type * as tf from "@tensorflow/tfjs-core";
import type * as z from "zod";
import type { TargetName } from "../targets/index.ts";
import type { Process } from "../variational.ts";

/** What an objective is taken of: tensors [batch, size, size, channels]. */
export interface Prediction {
  /** The clean images, in [-1, 1]. */
  readonly images: tf.Tensor4D;
  /** What the output should have been, less what it was. */
  readonly error: tf.Tensor4D;
  /** The network's v, where it chooses the variance. */
  readonly share?: tf.Tensor4D;
}

/** An objective for one process. */
export interface Loss {
  /** What it needs of step `t`, counted from 0: float64, inputs of the program, [batch, 1, 1, 1] there. */
  scalars(t: number): Readonly<Record<string, number>>;
  /** The loss of each value, shaped as the prediction; training minimises its mean. */
  of(prediction: Prediction, scalars: Readonly<Record<string, tf.Tensor>>): tf.Tensor4D;
}

export interface Objective<Options extends z.ZodObject = z.ZodObject> {
  readonly title: string;
  readonly paper: string;
  /** Strict, with `name` as a literal and every option documented and defaulted. */
  readonly options: Options;
  /** Why it cannot be taken of this target and variance; undefined if it can. */
  refuses(
    of: { target: TargetName; variance: Process["variance"] },
    options: z.infer<Options>,
  ): string | undefined;
  loss(process: Process, options: z.infer<Options>): Loss;
}

/** The reason of every objective that leaves the variance alone. */
export function refusesLearnedVariance({ variance }: { variance: Process["variance"] }): string | undefined {
  return variance === "learned-range"
    ? "it does not train the variance; choose a fixed one, or the objective hybrid or bound"
    : undefined;
}
