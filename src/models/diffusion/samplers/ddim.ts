/** Denoising diffusion implicit models: Song et al. 2021 (arXiv:2010.02502), eq. 12 and 16, epsilon from the clipped estimate. */
import * as z from "zod";
import type { SamplerKind } from "./contract.ts";
import { samplerOptions } from "./options.ts";

const schema = samplerOptions("uniform", {
  eta: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe("noise, from 0 for none to 1 for that of ddpm with the small variance"),
});

export const ddim: SamplerKind<typeof schema> = {
  title: "DDIM",
  paper: "arXiv:2010.02502",
  order: 1,
  options: schema,
  make: ({ eta }) => ({
    title: eta === 0 ? "DDIM" : `DDIM (eta ${eta})`,
    stochastic: eta > 0,
    updates({ from, to }) {
      const noise = eta * Math.sqrt((1 - to) / (1 - from)) * Math.sqrt(1 - from / to);
      const x = Math.sqrt(Math.max(0, 1 - to - noise ** 2) / (1 - from)); // the difference may round below 0
      return [{ level: from, x, denoised: Math.sqrt(to) - x * Math.sqrt(from), noise }];
    },
  }),
};
