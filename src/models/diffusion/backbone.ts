/** What distillation needs of a diffusion model: its denoiser, and the network behind it as something to train anew. */
import type * as tf from "@tensorflow/tfjs-core";
import type { Tree } from "../../engine/ops/index.ts";
import type { Model } from "../contract.ts";
import type { ParameterSpecs } from "../nn/index.ts";
import type { Denoiser } from "./denoiser.ts";

export interface Backbone {
  readonly denoiser: Denoiser;
  /** In the order of the flat vector that `denoiser.predict` takes. */
  readonly parameters: ParameterSpecs;
  /** `denoiser.predict` on a tree of parameters, so that it can be differentiated. */
  predict(values: Tree, x: tf.Tensor4D, t: tf.Tensor1D, labels?: tf.Tensor1D): tf.Tensor4D;
}

export type DiffusionModel = Model & { readonly backbone: Backbone };

export function isDiffusion(model: Model): model is DiffusionModel {
  return "backbone" in model;
}
