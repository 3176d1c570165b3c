import * as z from "zod";
import { options } from "../../config.ts";
import { alphaBarOf, type Schedule } from "./contract.ts";

const schema = options({
  name: z.literal("quadratic"),
  betaStart: z.number().gt(0).lt(1).default(1e-4).describe("variance added by the first step"),
  betaEnd: z.number().gt(0).lt(1).default(0.02).describe("variance added by the last step"),
}).refine(({ betaStart, betaEnd }) => betaStart <= betaEnd, {
  error: "betaStart is above betaEnd: noise is added ever faster",
});

/** Square roots of betas at equal distances. Song et al. 2021 (arXiv:2010.02502), as in their published code. */
export const quadratic: Schedule<typeof schema> = {
  title: "quadratic beta",
  paper: "arXiv:2010.02502",
  options: schema,
  alphaBar(timesteps, { betaStart, betaEnd }) {
    const [first, last] = [Math.sqrt(betaStart), Math.sqrt(betaEnd)];
    const step = timesteps === 1 ? 0 : (last - first) / (timesteps - 1);
    return alphaBarOf(Float64Array.from({ length: timesteps }, (_, i) => (first + i * step) ** 2));
  },
};
