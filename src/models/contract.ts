/**
 * What a generative model is to the harness: a definition plus functions over named state. `Sampled` is what the stages
 * need that draw images, `Trainable` what the training loop needs; both loops exist once, in the harness.
 */
import { badCheckpoint } from "../core/errors.ts";
import type { FloatImages } from "../core/images.ts";
import type { Rng } from "../core/rng.ts";
import type { Engine, HostTensor, Program, Signature, TensorSpec } from "../engine/contract.ts";

export type State = Readonly<Record<string, HostTensor>>;

/** How a model is asked to sample. A one-pass generator has `{ sampler: "none", steps: 1 }` only. */
export interface SamplerSetting {
  readonly sampler: string;
  readonly steps: number;
  /** Options of the sampler beyond their defaults, validated by the model. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** What a training step sees. */
export interface TrainingBatch {
  readonly images: FloatImages;
  /** Label of each image, 0..classes-1; a conditional model learns from them. */
  readonly labels: ArrayLike<number>;
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
   * `labels` [batch], 0..classes-1, where the model is conditional, and only there.
   */
  generate(stream: Rng, firstIndex: number, labels?: ArrayLike<number>): Promise<FloatImages>;
  dispose(): void;
}

/**
 * What a conditional model is asked for: a label of each image [batch], 0..classes-1, or no label at all, which a model
 * can do that `drawsUnlabelled`.
 */
export type Asked = ArrayLike<number> | "no label";

/** A trained model compiled to fill holes in images. */
export interface Inpainter {
  readonly batch: number;
  /** Passes through the sampling network per batch, backward passes counted as two. */
  readonly networkEvaluations: number;
  /**
   * `images` [batch, ...] in [-1, 1] with the pixels where `mask` [height * width] is 0 replaced, those where it is 1
   * kept exactly. The hole's own content is never read. Image i is drawn from `stream.fold(firstIndex + i)` alone.
   * `asked` where the model is conditional, and only there.
   */
  fill(
    images: FloatImages,
    mask: Float32Array,
    stream: Rng,
    firstIndex: number,
    asked?: Asked,
  ): Promise<FloatImages>;
  dispose(): void;
}

/** Pictures of how a model makes images, a row each. */
export interface Illustration {
  /** Row-major, rows * columns of them. */
  readonly images: FloatImages;
  readonly rows: number;
  readonly columns: number;
  /** What a row shows, e.g. `from noise to image, DDIM, 50 steps`. */
  readonly caption: string;
}

/** What a model keeps on the host from step to step, e.g. the losses that choose the next timesteps; saved with the state. */
export interface HostMemory {
  readonly initial: State;
  /** The memory after a step: from the one before, what was fed, and the step's outputs that are not state. */
  next(memory: State, fed: State, outputs: State): State;
}

/** What a diffusion model has besides samples. Steps count from 1, the least noisy, to `timesteps`. */
export interface Diffusion {
  /** The schedule with its options, as a person names it. */
  readonly schedule: string;
  readonly timesteps: number;
  /** Images are multiplied by it before they are noised. */
  readonly inputScale: number;
  /** Of steps 1..timesteps, float64. */
  readonly alphaBar: Float64Array;
  /** ln of the signal-to-noise ratio of each step. */
  readonly logSnr: Float64Array;
  readonly terminalSnr: number;
  /** Share of the steps whose signal-to-noise ratio is below this. */
  goneShare(below: number): number;
  /** The images after `step` steps of the forward process, 0 for the clean ones; image i from `stream.fold(i)` alone. */
  noised(images: FloatImages, step: number, stream: Rng): FloatImages;
  /** How a step is encoded for the network: `width` components in [-1, 1]. */
  readonly encoding: { readonly title: string; readonly width: number; of(step: number): Float64Array };
  /**
   * The variational bound of images in [-1, 1], in bits per dimension: per image the KL at the last step, and the terms
   * of all steps, the decoder's first. Image i's noise comes from `stream.fold(i)` alone.
   */
  bound(
    engine: Engine,
    weights: State,
    request: {
      readonly images: FloatImages;
      /** Where the model is conditional. */
      readonly labels?: ArrayLike<number>;
      readonly stream: Rng;
      readonly batch: number;
      onStep?(done: number, total: number): void;
    },
  ): Promise<{ readonly prior: Float64Array; readonly terms: readonly Float64Array[] }>;
}

/**
 * A sampling pass in numbers, for who runs the network elsewhere. x starts as standard normals; for each update, with D the
 * estimate cleanX x + cleanOutput output(x, t), clipped: x becomes update.x x + update.denoised D + update.noise z +
 * update.kept k, with z fresh normals and k what the update before kept: its keep.x x + keep.denoised D. At the end x is
 * divided by inputScale.
 */
export interface SamplingRecipe {
  /** Of t = 0, the least noisy, to T - 1: the share of the image's variance that is left in x. */
  readonly alphaBar: readonly number[];
  readonly inputScale: number;
  /** What the network's output estimates: epsilon, x0, v or mean. */
  readonly target: string;
  /** Values of D are kept within [-limit, limit]; `none` and `dynamic` are told by name. */
  readonly clipping: { readonly kind: string; readonly limit?: number; readonly percentile?: number };
  /** w of classifier-free guidance: output = (1 + w) output with the label - w output with no label; 0 for none. */
  readonly guidance: number;
  readonly updates: readonly {
    readonly t: number;
    readonly cleanX: number;
    readonly cleanOutput: number;
    readonly x: number;
    readonly denoised: number;
    readonly noise: number;
    readonly kept?: number;
    readonly keep?: { readonly x: number; readonly denoised: number };
    readonly variances?: { readonly small: number; readonly large: number };
  }[];
}

/** A model that images can be drawn from, wherever its weights come from. */
export interface Sampled {
  /** Which side of the comparison it stands on. */
  readonly side: "gan" | "diffusion";
  /** Whether an image is one evaluation of the network, without a sampler: the setting is `none` in 1 step. */
  readonly onePass: boolean;
  /** Short, as charts and sentences name it: `DDPM`. */
  readonly title: string;
  /** Its parts in a phrase. */
  readonly description: string;
  /** Edge in pixels and channels of the images. */
  readonly size: number;
  readonly channels: number;
  /** Labels that it tells apart; 0 for an unconditional model. */
  readonly classes: number;
  /** Whether a conditional model can draw without a label as well, as labels were withheld in its training; guidance needs it. */
  readonly drawsUnlabelled?: boolean;
  /** Values of the network that samples. */
  readonly samplingParameters: number;
  /** Floating-point operations, 2 per multiply-add: one evaluation of the sampling network for one image. */
  readonly flopsPerEvaluation: number;
  /** BAD_CONFIG for a setting that the model does not have: unknown sampler or option, steps out of range. */
  checkSetting(setting: SamplerSetting): void;
  /** What `generator` does at this setting; absent of a one-pass model, whose network makes the image. */
  recipe?(setting: SamplerSetting): SamplingRecipe;
  /** Compiled to draw `batch` images at a time; `weights` are the sampling weights. */
  generator(engine: Engine, weights: State, setting: SamplerSetting, batch: number): Promise<Generator>;
  /** Compiled to inpaint, with the model's own method and options (BAD_CONFIG for wrong ones). */
  inpainter?(
    engine: Engine,
    weights: State,
    options: Readonly<Record<string, unknown>>,
    batch: number,
  ): Promise<Inpainter>;
  /**
   * How the model makes an image, from `stream` alone: a diffusion model's estimate on the way from noise, a GAN's walk
   * between latents. Row i is drawn from `stream.fold(i)`.
   */
  illustrate?(
    engine: Engine,
    weights: State,
    setting: SamplerSetting,
    stream: Rng,
    shape: { readonly rows: number; readonly columns: number },
  ): Promise<Illustration>;
  /** The sampling network alone, one evaluation, for export and timing; weights are among its inputs. */
  readonly network?: { readonly program: Program; signature(batch: number): Signature };
  /** Only of a diffusion model that learns from data. */
  readonly diffusion?: Diffusion;
}

/** A model's training: state, and the step that moves it. */
export interface Trainable {
  /** Trainable values of all networks. */
  readonly parameters: number;
  /** Floating-point operations of one training image through all networks, forward and backward. */
  readonly flopsPerTrainingImage: number;
  /** State carried from step to step: parameters, moments, averages, running statistics. */
  readonly state: Readonly<Record<string, TensorSpec>>;
  /** `teacher`: the sampling weights that a distilled model starts from. */
  initialState(stream: Rng, teacher?: State): State;
  /** Inputs: the state and `feed`'s tensors. Outputs: the new state under the same names, and the `quantities`. */
  readonly trainStep: Program;
  /** Shapes of what `feed` gives for a batch of this size. */
  feedSignature(batch: number): Signature;
  /** Everything that changes per step. Images float32 [-1, 1]; step counts from 1; randomness from `stream` alone. */
  feed(batch: TrainingBatch, stream: Rng, step: number, memory?: State): State;
  /** Absent where all that is carried over is in the state. */
  readonly memory?: HostMemory;
  /** Scalar outputs of a step worth recording, e.g. loss, gradient_norm. */
  readonly quantities: readonly string[];
  /** Name of the parameter that value `index` of a state tensor belongs to, e.g. `denoiser.down.0.conv1.filter`. */
  parameterAt(tensor: string, index: number): string;
  /**
   * The state as it is kept and sampled from: with what training does not give, measured for the weights as they are now
   * (standing statistics). Batch normalisation alone needs it. `labels`: of the training images, 0..classes-1.
   */
  settled?(engine: Engine, state: State, labels: ArrayLike<number>): Promise<State>;
  /** Whether the weights that are sampled are an average over steps; else they are the last step's own, the raw ones. */
  readonly averaged: boolean;
  /** The part of a settled state that sampling needs. */
  samplingWeights(state: State): State;
  /** The same with the raw weights, where the sampling weights are an average of them. */
  rawWeights?(state: State): State;
}

/** A model that is trained here: it can also inpaint, illustrate itself and export its network. */
export type Model = Sampled & Trainable & Required<Pick<Sampled, "inpainter" | "illustrate" | "network">>;

/** Sampling weights out of a model's saved state; BAD_CHECKPOINT, naming the file `from`, where a shape is not the model's. */
export function checkWeights(
  model: Pick<Trainable, "state" | "samplingWeights">,
  saved: State,
  from: string,
): State {
  for (const [name, { shape }] of Object.entries(model.state))
    if (String(saved[name]?.shape) !== String(shape))
      throw badCheckpoint(
        `${from}: ${name} is [${saved[name]?.shape ?? "missing"}], the model needs [${shape}]`,
      );
  return model.samplingWeights(saved);
}
