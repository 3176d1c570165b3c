import { posterior } from "../posterior.ts";
import type { Sampler, SamplerOptions } from "./contract.ts";

/** Ancestral sampling. Ho et al. 2020 (arXiv:2006.11239), algorithm 2; the two variances of section 3.2. */
export function ddpm({ variance }: SamplerOptions): Sampler {
  return {
    title: `DDPM (${variance})`,
    paper: "arXiv:2006.11239",
    order: 1,
    stochastic: true,
    stages(from, to) {
      const step = posterior(from, to);
      const last = to === 1; // the mean itself: no noise at the end
      const noise = last ? 0 : Math.sqrt(variance === "fixed-large" ? step.beta : step.variance);
      return [{ x: step.x, denoised: step.denoised, noise }];
    },
  };
}
