import type * as z from "zod";

/**
 * How fast the signal gives way to noise: x_t = sqrt(alphaBar_t) x_0 + sqrt(1 - alphaBar_t) epsilon. A continuous
 * gamma(t) fits by giving its values at t/T.
 */
export interface Schedule<Options extends z.ZodObject = z.ZodObject> {
  readonly title: string;
  readonly paper: string;
  /** Strict, with `name` as a literal and every option documented and defaulted. */
  readonly options: Options;
  /** alphaBar of steps 1..timesteps (index 0 is the least noisy), decreasing within (0, 1), float64. */
  alphaBar(timesteps: number, options: z.infer<Options>): Float64Array;
}

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
