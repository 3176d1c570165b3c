import type * as z from "zod";

/**
 * How fast the signal gives way to noise: x_t = sqrt(alphaBar_t) x_0 + sqrt(1 - alphaBar_t) epsilon. Defined by the
 * variances of its steps, or by a continuous gamma(t) whose values at t/T the steps take.
 */
export interface Schedule<Options extends z.ZodObject = z.ZodObject> {
  readonly title: string;
  readonly paper: string;
  /** Strict, with `name` as a literal and every option documented and defaulted. */
  readonly options: Options;
  /** alphaBar of steps 1..timesteps (index 0 is the least noisy), decreasing within (0, 1), float64. */
  alphaBar(timesteps: number, options: z.infer<Options>): Float64Array;
  /**
   * The continuous form where the schedule is defined by one: alphaBar at time t, 0 (clean) to 1 (noise), within
   * [SMALLEST_GAMMA, 1]. Absent where only the steps are defined; `gammaFor` then interpolates.
   */
  gamma?(t: number, options: z.infer<Options>): number;
}

/** Bound of a continuous schedule, as in Chen 2023 (arXiv:2301.10972): no signal at all has no logSNR. */
export const SMALLEST_GAMMA = 1e-9;

/** Bound of one step's variance (Nichol & Dhariwal 2021, arXiv:2102.09672, section 3.2). */
export const LARGEST_BETA = 0.999;

/** alphaBar_t = prod_{s <= t} (1 - beta_s). */
export function alphaBarOf(betas: ArrayLike<number>): Float64Array {
  const alphaBar = new Float64Array(betas.length);
  let product = 1;
  for (let i = 0; i < betas.length; i++) alphaBar[i] = product *= 1 - betas[i]!;
  return alphaBar;
}

/** beta_t = 1 - alphaBar_t / alphaBar_{t-1}, with alphaBar_0 = 1. */
export function betasOf(alphaBar: Float64Array): Float64Array {
  return alphaBar.map((value, i) => 1 - value / (alphaBar[i - 1] ?? 1));
}

/** Steps 1..timesteps of a continuous schedule f(t), f(0) = 1 but for a factor; no step's variance above `maxBeta`. */
export function discretise(
  f: (t: number) => number,
  timesteps: number,
  maxBeta = LARGEST_BETA,
): Float64Array {
  return alphaBarOf(
    Float64Array.from({ length: timesteps }, (_, i) =>
      Math.min(1 - f((i + 1) / timesteps) / f(i / timesteps), maxBeta),
    ),
  );
}

export function boundGamma(gamma: number): number {
  return Math.min(1, Math.max(SMALLEST_GAMMA, gamma));
}

/** 1 / (1 + exp(-x)). */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
