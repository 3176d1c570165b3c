/**
 * What a trainable generative model is to the harness: a definition plus functions over named state. The training loop
 * and the timing loops exist once, in the harness, and know no family.
 */
import type { FloatImages } from "../core/images.ts";
import type { Rng } from "../core/rng.ts";
import type { Engine, HostTensor, Program, Signature, TensorSpec } from "../engine/contract.ts";

export type State = Readonly<Record<string, HostTensor>>;

/** How a model is asked to sample. A one-pass generator has `{ sampler: "none", steps: 1 }` only. */
export interface SamplerSetting {
  readonly sampler: string;
  readonly steps: number;
}

/** A trained model compiled for one batch size and one setting. */
export interface Generator {
  readonly batch: number;
  /** Passes through the network per batch. */
  readonly networkEvaluations: number;
  /** What tracing and compiling its program took when it was compiled, in milliseconds. */
  readonly compileMs: number;
  /**
   * Images firstIndex .. firstIndex + batch - 1 of a stream: image i is drawn from `stream.fold(i)` alone, so it does
   * not depend on the batch size. Values in [-1, 1] up to the network's overshoot, [batch, height, width, channels].
   */
  generate(stream: Rng, firstIndex: number): Promise<FloatImages>;
  dispose(): void;
}

export interface Model {
  readonly family: "diffusion" | "gan";
  /** Short, as charts and sentences name it: `DDPM`. */
  readonly title: string;
  /** What it is made of, in a phrase. */
  readonly description: string;
  /** Edge in pixels and channels of the images. */
  readonly size: number;
  readonly channels: number;
  /** Trainable values of all networks, and of the one that samples. */
  readonly parameters: number;
  readonly samplingParameters: number;
  /** Floating-point operations, 2 per multiply-add: one evaluation of the sampling network for one image. */
  readonly flopsPerEvaluation: number;
  /** One training image through all networks, forward and backward. */
  readonly flopsPerTrainingImage: number;

  /** State carried from step to step: parameters, moments, averages, running statistics. */
  readonly state: Readonly<Record<string, TensorSpec>>;
  initialState(stream: Rng): State;
  /** Inputs: the state and `feed`'s tensors. Outputs: the new state under the same names, and the `quantities`. */
  readonly trainStep: Program;
  /** Shapes of what `feed` gives for a batch of this size. */
  feedSignature(batch: number): Signature;
  /** Everything that changes per step. Images float32 [-1, 1]; step counts from 1; randomness from `stream` alone. */
  feed(images: FloatImages, stream: Rng, step: number): Readonly<Record<string, HostTensor>>;
  /** Scalar outputs of a step worth recording, e.g. loss, gradient_norm. */
  readonly quantities: readonly string[];

  /** What of the state is needed to sample (the averaged weights where the model keeps them). */
  samplingWeights(state: State): State;
  /** Refuses settings that the model does not have: unknown sampler, steps out of range (BAD_CONFIG). */
  generator(engine: Engine, weights: State, setting: SamplerSetting, batch: number): Promise<Generator>;
  /** The sampling network alone, one evaluation, for export and timing; weights are among its inputs. */
  readonly network: { readonly program: Program; signature(batch: number): Signature };
}
