/** Ancestral sampling: Ho et al. 2020 (arXiv:2006.11239), algorithm 2; variances of its section 3.2 and Nichol & Dhariwal 2021, eq. 15. */
import * as z from "zod";
import { flag } from "../../config.ts";
import { posterior } from "../posterior.ts";
import type { SamplerKind } from "./contract.ts";
import { samplerOptions } from "./options.ts";

const schema = samplerOptions("uniform", {
  variance: z
    .enum(["fixed-small", "fixed-large", "learned-range"])
    .optional()
    .describe("of a step: beta-tilde, beta, or as the network learned; the model's own where left out"),
  noise: flag.default(true).describe("false leaves out the noise sigma_t z of every step: an ablation"),
});

export const ddpm: SamplerKind<typeof schema> = {
  title: "DDPM, ancestral",
  paper: "arXiv:2006.11239",
  order: 1,
  options: schema,
  make: ({ variance, noise }, setup) => {
    const kind = variance ?? setup.variance;
    return {
      title: noise ? `DDPM (${kind})` : "DDPM without its noise",
      stochastic: noise,
      updates({ from, to }) {
        const { x, denoised, variance: small, beta: large } = posterior(from, to);
        const mean = { level: from, x, denoised };
        if (!noise || to === 1) return [{ ...mean, noise: 0 }]; // the end is the mean itself
        if (kind === "learned-range") return [{ ...mean, noise: 1, variances: { small, large } }];
        return [{ ...mean, noise: Math.sqrt(kind === "fixed-large" ? large : small) }];
      },
    };
  },
};
