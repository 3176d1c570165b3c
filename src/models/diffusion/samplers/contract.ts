/** One evaluation of the network: x <- x stage.x + denoised stage.denoised + z stage.noise, z standard normal. */
export interface Stage {
  readonly x: number;
  /** Factor of x0-hat, the network's estimate of the clean image. */
  readonly denoised: number;
  readonly noise: number;
}

export interface Sampler {
  readonly title: string;
  readonly paper: string;
  /** Order of convergence of its mean in the number of steps. */
  readonly order: number;
  /** Whether it draws noise on the way, besides the start. */
  readonly stochastic: boolean;
  /** The stages of one move between two levels of alphaBar, from < to <= 1, in order. */
  stages(from: number, to: number): readonly Stage[];
}

/** What a model's configuration says about sampling. */
export interface SamplerOptions {
  /** ddpm: variance of a step, beta-tilde (`fixed-small`) or beta (`fixed-large`). */
  readonly variance: "fixed-small" | "fixed-large";
  /** ddim: share of ddpm's noise, 0 for none. */
  readonly eta: number;
}
