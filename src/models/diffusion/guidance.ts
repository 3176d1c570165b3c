/**
 * Classifier-free guidance: Ho & Salimans 2022 (arXiv:2207.12598), eq. 6, epsilon = (1 + w) conditional - w
 * unconditional. Every target is linear in x_t and epsilon with the same x_t in both, so it holds for any output.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assert } from "../../core/errors.ts";
import type { HostTensor, Signature } from "../../engine/contract.ts";
import { reducible } from "../../engine/ops/index.ts";
import type { Asked } from "../contract.ts";
import { type Denoiser, predictFrom } from "./denoiser.ts";

/**
 * Both evaluations as one of twice the batch: inputs x [batch, ...], labels [2 batch] as `labelInput` gives them,
 * guidance w. A learned variance is the conditional one.
 */
export function guide(denoiser: Denoiser, inputs: Readonly<Record<string, tf.Tensor>>): tf.Tensor4D {
  const x = inputs.x as tf.Tensor4D;
  const both = reducible(() => predictFrom(denoiser, inputs, tf.concat([x, x], 0)));
  const [conditional, unconditional] = tf.split(both, 2, 0) as [tf.Tensor4D, tf.Tensor4D];
  const away = tf.mul(tf.sub(conditional, unconditional), inputs.guidance!) as tf.Tensor4D;
  if (denoiser.variance !== "learned-range") return tf.add(conditional, away);
  const { channels } = denoiser;
  const [predicted, variance] = tf.split(conditional, 2, 3);
  const guided = tf.add(predicted!, tf.slice(away, [0, 0, 0, 0], [-1, -1, -1, channels]));
  return tf.concat([guided as tf.Tensor4D, variance as tf.Tensor4D], 3);
}

/** The input `labels`, one per image of a batch, of a conditional model; nothing for another. */
export const labelSignature = ({ classes }: Pick<Denoiser, "classes">, batch: number): Signature =>
  classes === 0 ? {} : { labels: { shape: [batch], dtype: "int32" } };

/** The labels as the program takes them: with guidance the same number of `no label` behind them. */
export function labelInput(
  { classes, knowsNoLabel }: Pick<Denoiser, "classes" | "knowsNoLabel">,
  asked: Asked | undefined,
  batch: number,
  guided: boolean,
): HostTensor | undefined {
  assert((asked !== undefined) === classes > 0, "labels are given to a conditional model, and only to one");
  if (asked === undefined) return undefined;
  const data = new Int32Array(guided ? 2 * batch : batch).fill(classes);
  const labels = asked === "no label" ? undefined : asked;
  if (!labels) {
    assert(knowsNoLabel !== false, "asked for no label, which this network has never seen");
    return { shape: [data.length], data };
  }
  assert(labels.length === batch, `${labels.length} labels for a batch of ${batch}`);
  for (let i = 0; i < batch; i++) {
    const label = labels[i]!;
    assert(label >= 0 && label < classes, `label ${label} of ${classes} classes`);
    data[i] = label;
  }
  return { shape: [data.length], data };
}
