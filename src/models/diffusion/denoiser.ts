/**
 * What sampling, inpainting and distillation need of a trained diffusion model: the network, what its output means, and
 * the levels it was trained at. With an input scale b the process runs on b x_0 (Chen 2023, arXiv:2301.10972): "clean"
 * then means b x_0, within [-b, b], and samples are divided by b at the end.
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Tree } from "../../engine/ops/index.ts";
import type { Target } from "./targets/index.ts";

export interface Denoiser {
  readonly size: number;
  readonly channels: number;
  /** Labels 0..classes-1; `classes` itself stands for no label. 0 for an unconditional network. */
  readonly classes: number;
  /** False where no label was ever withheld in training: what it says without one is then noise. Default true. */
  readonly knowsNoLabel?: boolean;
  /** alphaBar of steps 1..T at index 0..T-1, float64, decreasing; t counts in these indices. */
  readonly alphaBar: Float64Array;
  /** b; 1 for none. */
  readonly inputScale: number;
  readonly target: Target;
  /**
   * Variance of an ancestral step between two levels: beta-tilde, beta, or between them as the network says, whose
   * output then has twice the channels, the second half being v of log variance = f log beta + (1 - f) log beta-tilde,
   * f = (v + 1) / 2 (Nichol & Dhariwal 2021, eq. 15).
   */
  readonly variance: "fixed-small" | "fixed-large" | "learned-range";
  /** Values of the flat vector that `predict` takes. */
  readonly weightCount: number;
  /**
   * One evaluation, without dropout: x [batch, size, size, channels] as the process has it (any normalisation of the input is inside),
   * t [batch] or [1] whole steps, labels int32 [batch] where it is conditional -> [batch, size, size, channels or twice].
   * The step's embedding is a row of a table; with t [1] its layers run once for the whole batch.
   */
  predict(weights: tf.Tensor1D, x: tf.Tensor4D, t: tf.Tensor1D, labels?: tf.Tensor1D): tf.Tensor4D;
}

/** `predict` of x by a program's inputs `weights`, `t` and, where the network is conditional, `labels`. */
export function predictFrom(denoiser: Denoiser, inputs: Tree, x: tf.Tensor): tf.Tensor4D {
  return denoiser.predict(
    inputs.weights as tf.Tensor1D,
    x as tf.Tensor4D,
    inputs.t as tf.Tensor1D,
    inputs.labels as tf.Tensor1D | undefined,
  );
}
