/** A sampler's updates inside a training program: x moved along the teacher's path, every image at levels of its own. */
import * as tf from "@tensorflow/tfjs-core";
import type { Denoiser } from "../denoiser.ts";
import type { UpdateInputs } from "../evaluation.ts";
import { estimateOf } from "../evaluation.ts";

const FACTORS = ["t", "clean_x", "clean_output", "x", "denoised", "kept", "keep_x", "keep_denoised"] as const;
type Factor = (typeof FACTORS)[number];
type Column = `update${number}_${Factor}`;

/** Names of the columns that `count` updates take. */
export function updateColumns(count: number): Column[] {
  return Array.from({ length: count }, (_, i) =>
    FACTORS.map((factor): Column => `update${i}_${factor}`),
  ).flat();
}

/** One image's numbers for updates that add no noise. */
export function updateRow(updates: readonly UpdateInputs[]): Record<Column, number> {
  const entries = updates.flatMap(({ t, cleanX, cleanOutput, x, denoised, kept = 0, keep }, i) => {
    const row: Record<Factor, number> = {
      t,
      clean_x: cleanX,
      clean_output: cleanOutput,
      x,
      denoised,
      kept,
      keep_x: keep?.x ?? 0,
      keep_denoised: keep?.denoised ?? 0,
    };
    return FACTORS.map((factor) => [`update${i}_${factor}`, row[factor]] as const);
  });
  return Object.fromEntries(entries);
}

interface Following {
  readonly denoiser: Denoiser;
  readonly weights: tf.Tensor1D;
  readonly labels: tf.Tensor1D | undefined;
  /** From `updateColumns`, unpacked. */
  readonly columns: Readonly<Record<string, tf.Tensor4D>>;
  readonly count: number;
}

/** x [batch, size, size, channels] after `count` updates, the estimate clipped as in sampling. */
export function follow(
  start: tf.Tensor4D,
  { denoiser, weights, labels, columns, count }: Following,
): tf.Tensor4D {
  let x = start;
  let kept: tf.Tensor | undefined;
  for (let i = 0; i < count; i++) {
    const at = (factor: Factor) => columns[`update${i}_${factor}`]!;
    const output = denoiser.predict(weights, x, tf.reshape(at("t"), [-1]) as tf.Tensor1D, labels);
    const estimate = estimateOf(denoiser, x, output, at("clean_x"), at("clean_output"));
    const denoised = tf.clipByValue(estimate, -denoiser.inputScale, denoiser.inputScale);
    let next = tf.add(tf.mul(x, at("x")), tf.mul(denoised, at("denoised")));
    if (kept) next = tf.add(next, tf.mul(kept, at("kept")));
    kept = tf.add(tf.mul(x, at("keep_x")), tf.mul(denoised, at("keep_denoised")));
    x = next as tf.Tensor4D;
  }
  return x;
}
