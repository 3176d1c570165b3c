/**
 * One evaluation of the network inside the sampling loop, as a program: the estimate of the clean image from the output,
 * and the update's update. Everything that differs from update to update is an input. The network alone may compute in fewer
 * bits: 1 / sqrt(alphaBar) goes up to ten thousands, and x is kept over all updates.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { HostTensor, Program, Signature } from "../../engine/contract.ts";
import { reducible } from "../../engine/ops/index.ts";
import { scalar } from "../nn/index.ts";
import { type Denoiser, predictFrom } from "./denoiser.ts";
import { guide, labelSignature } from "./guidance.ts";
import type { Update } from "./samplers/index.ts";
import { type Clipping, clipEstimate } from "./thresholding.ts";

/** What a pass needs of its program: the same for all of its updates. */
export interface Form {
  readonly clipping: Clipping;
  /** Whether some update adds noise, keeps something for the next, or lets the network choose its variance. */
  readonly noisy: boolean;
  readonly remembers: boolean;
  readonly learned: boolean;
  readonly guided: boolean;
}

/** A update with the step that the network sees and what its output means there. */
export interface UpdateInputs extends Update {
  readonly t: number;
  /** x0-hat = x cleanX + output cleanOutput. */
  readonly cleanX: number;
  readonly cleanOutput: number;
}

type Inputs = Readonly<Record<string, tf.Tensor>>;

/** The clean image that an output [..., channels or twice] means, x_0-hat = x cleanX + output cleanOutput. */
export function estimateOf(
  { channels, variance }: Pick<Denoiser, "channels" | "variance">,
  x: tf.Tensor4D,
  output: tf.Tensor4D,
  cleanX: tf.Tensor,
  cleanOutput: tf.Tensor,
): tf.Tensor4D {
  const predicted =
    variance === "learned-range" ? tf.slice(output, [0, 0, 0, 0], [-1, -1, -1, channels]) : output;
  return tf.add(tf.mul(x, cleanX), tf.mul(predicted, cleanOutput));
}

/** The variance that the network chooses (Nichol & Dhariwal 2021, eq. 15), as a standard deviation. */
function learnedDeviation(output: tf.Tensor4D, { log_small, log_large }: Inputs): tf.Tensor {
  const share = tf.split(output, 2, 3)[1]!;
  const f = tf.mul(tf.add(share, 1), 0.5);
  return tf.exp(tf.mul(tf.add(tf.mul(f, tf.sub(log_large!, log_small!)), log_small!), 0.5));
}

function write(denoiser: Denoiser, form: Form): Program<string, "x" | "kept"> {
  return (inputs) => {
    const x = inputs.x as tf.Tensor4D;
    const output = form.guided ? guide(denoiser, inputs) : reducible(() => predictFrom(denoiser, inputs, x));
    const estimate = estimateOf(denoiser, x, output, inputs.clean_x!, inputs.clean_output!);
    const denoised = clipEstimate(estimate, form.clipping, denoiser.inputScale);
    let next = tf.add(tf.mul(x, inputs.x_factor!), tf.mul(denoised, inputs.denoised_factor!));
    if (form.remembers) next = tf.add(next, tf.mul(inputs.kept!, inputs.kept_factor!));
    if (form.noisy) {
      const noise = tf.mul(inputs.noise!, inputs.noise_factor!);
      next = tf.add(next, form.learned ? tf.mul(noise, learnedDeviation(output, inputs)) : noise);
    }
    if (!form.remembers) return { x: next } as { x: tf.Tensor; kept: tf.Tensor };
    const kept = tf.add(tf.mul(x, inputs.keep_x!), tf.mul(denoised, inputs.keep_denoised!));
    return { x: next, kept };
  };
}

const programs = new WeakMap<Denoiser, Map<string, Program<string, "x" | "kept">>>();

/** One program per denoiser and form, so that an engine compiles it once for all samplers and step counts. */
export function evaluationProgram(denoiser: Denoiser, form: Form): Program<string, "x" | "kept"> {
  const known = programs.get(denoiser) ?? new Map<string, Program<string, "x" | "kept">>();
  programs.set(denoiser, known);
  const key = JSON.stringify(form);
  const program = known.get(key) ?? write(denoiser, form);
  known.set(key, program);
  return program;
}

export function evaluationSignature(denoiser: Denoiser, form: Form, batch: number): Signature {
  const { size, channels, weightCount } = denoiser;
  const images = { shape: [batch, size, size, channels] };
  const number = { shape: [] };
  return {
    weights: { shape: [weightCount] },
    x: images,
    t: { shape: [1] },
    ...labelSignature(denoiser, form.guided ? 2 * batch : batch),
    clean_x: number,
    clean_output: number,
    x_factor: number,
    denoised_factor: number,
    ...(form.guided ? { guidance: number } : {}),
    ...(form.remembers ? { kept: images, kept_factor: number, keep_x: number, keep_denoised: number } : {}),
    ...(form.noisy ? { noise: images, noise_factor: number } : {}),
    ...(form.learned ? { log_small: number, log_large: number } : {}),
  };
}

/** The scalar inputs of a update. */
export function evaluationScalars(update: UpdateInputs, form: Form): Record<string, HostTensor> {
  const { kept = 0, keep = { x: 0, denoised: 0 }, variances = { small: 1, large: 1 } } = update;
  return {
    t: { shape: [1], data: Float32Array.of(update.t) },
    clean_x: scalar(update.cleanX),
    clean_output: scalar(update.cleanOutput),
    x_factor: scalar(update.x),
    denoised_factor: scalar(update.denoised),
    ...(form.remembers
      ? { kept_factor: scalar(kept), keep_x: scalar(keep.x), keep_denoised: scalar(keep.denoised) }
      : {}),
    ...(form.noisy ? { noise_factor: scalar(update.noise) } : {}),
    ...(form.learned
      ? { log_small: scalar(Math.log(variances.small)), log_large: scalar(Math.log(variances.large)) }
      : {}),
  };
}
