/** Closed forms of the forward process in alphaBar, float64 on the host. */

/** x_t = signal x_0 + spread epsilon (Ho et al. 2020, eq. 4). */
export function forwardProcess(alphaBar: number): { signal: number; spread: number } {
  return { signal: Math.sqrt(alphaBar), spread: Math.sqrt(1 - alphaBar) };
}

/**
 * q(x_to | x_from, x_0) = N(denoised x_0 + x x_from, variance) (Ho et al. 2020, eq. 6 and 7), for two levels of alphaBar
 * that need not be neighbours, from < to <= 1. `beta` is the variance that the forward process adds between the two.
 */
export function posterior(
  from: number,
  to: number,
): { denoised: number; x: number; variance: number; beta: number } {
  const alpha = from / to;
  const beta = 1 - alpha;
  return {
    denoised: (Math.sqrt(to) * beta) / (1 - from),
    x: (Math.sqrt(alpha) * (1 - to)) / (1 - from),
    variance: (beta * (1 - to)) / (1 - from),
    beta,
  };
}

/** The posterior of step `t`, counted from 0, given the one before it in `alphaBar`. */
export function posteriorAt(alphaBar: Float64Array, t: number): ReturnType<typeof posterior> {
  return posterior(alphaBar[t]!, t === 0 ? 1 : alphaBar[t - 1]!);
}

/**
 * The two variances between which the reverse step `t`, counted from 0, lies: beta-tilde, whose first is 0 and replaced
 * by the second's, and beta (Nichol & Dhariwal 2021, section 3.1). The first `fixedLarge` is beta-tilde's too (Ho et al.
 * 2020's code): a decoder of variance beta_1 would be far wider than a pixel's grey level.
 */
export function reverseVariances(
  alphaBar: Float64Array,
  t: number,
): { small: number; large: number; fixedLarge: number } {
  const small = posteriorAt(alphaBar, Math.max(t, 1)).variance;
  const large = posteriorAt(alphaBar, t).beta;
  return { small, large, fixedLarge: t === 0 ? small : large };
}
