import type { Sampler, SamplerOptions } from "./contract.ts";

/**
 * Song et al. 2021 (arXiv:2010.02502), eq. 12 and 16, epsilon derived from the clipped x0-hat. eta 0 is deterministic;
 * eta 1 is DDPM with fixed-small variance.
 */
export function ddim({ eta }: SamplerOptions): Sampler {
  return {
    title: eta === 0 ? "DDIM" : `DDIM (eta ${eta})`,
    paper: "arXiv:2010.02502",
    order: 1,
    stochastic: eta > 0,
    stages(from, to) {
      const sigma = eta * Math.sqrt((1 - to) / (1 - from)) * Math.sqrt(1 - from / to);
      const x = Math.sqrt(Math.max(0, 1 - to - sigma ** 2) / (1 - from)); // 1 - to - sigma^2 may round below 0
      return [{ x, denoised: Math.sqrt(to) - x * Math.sqrt(from), noise: sigma }];
    },
  };
}
