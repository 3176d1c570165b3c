import type * as z from "zod";

/**
 * One evaluation of the network, at `x`: x <- x update.x + D update.denoised + kept update.kept + z update.noise, where D is
 * the estimate of the clean image, `kept` what the update before left, and z standard normal. All factors float64.
 */
export interface Update {
  /** alphaBar of the level that x stands at; the network sees the trained step nearest to it. */
  readonly level: number;
  readonly x: number;
  readonly denoised: number;
  /** Default 0. */
  readonly kept?: number;
  readonly noise: number;
  /** What is left for the next update, of x and D before the update; default nothing. */
  readonly keep?: { readonly x: number; readonly denoised: number };
  /** Where the network chooses its noise: variances to interpolate between by its output; `noise` then multiplies. */
  readonly variances?: { readonly small: number; readonly large: number };
}

/** From one level of alphaBar to the next, from < to <= 1, 1 at the end. */
export interface Move {
  readonly from: number;
  readonly to: number;
  /** The level before `from`; absent in the first move, which starts from pure noise. */
  readonly before?: number;
}

/** A method with its options fixed. */
export interface Sampler {
  readonly title: string;
  /** Whether it draws noise on the way, besides the start. */
  readonly stochastic: boolean;
  /** The updates of one move, in order. */
  updates(move: Move): readonly Update[];
}

/** What a method is made for, besides its options. */
export interface SamplerSetup {
  /** Variance that the model was configured or trained with. */
  readonly variance: Variance;
  /** Moves of a pass. */
  readonly steps: number;
}

export type Variance = "fixed-small" | "fixed-large" | "learned-range";

export interface SamplerKind<Options extends z.ZodObject = z.ZodObject> {
  readonly title: string;
  readonly paper: string;
  /** Order of convergence in the number of steps; of the mean where it draws noise. */
  readonly order: number;
  /** Strict, every option documented and defaulted. */
  readonly options: Options;
  make(options: z.infer<Options>, setup: SamplerSetup): Sampler;
}
