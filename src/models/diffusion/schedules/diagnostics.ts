/**
 * What a person needs to choose a schedule: does x_T still carry signal, how many steps teach nothing. With an input
 * scale b the process noises b x_0, so its signal-to-noise ratio is b^2 times that of the schedule, and logSNR shifts by
 * 2 ln b (Chen 2023, arXiv:2301.10972, section 2.2).
 */

/** Signal-to-noise ratio b^2 alphaBar / (1 - alphaBar), for images of unit variance. */
export function snr(alphaBar: number, inputScale = 1): number {
  return (inputScale ** 2 * alphaBar) / (1 - alphaBar);
}

/** Natural logarithm of `snr`. */
export function logSnr(alphaBar: number, inputScale = 1): number {
  return Math.log(alphaBar) - Math.log1p(-alphaBar) + 2 * Math.log(inputScale);
}

/** Share of the steps whose signal-to-noise ratio is below `below`: they look alike, and teach little. */
export function goneShare(alphaBar: Float64Array, below: number, inputScale = 1): number {
  return alphaBar.filter((value) => snr(value, inputScale) < below).length / alphaBar.length;
}
