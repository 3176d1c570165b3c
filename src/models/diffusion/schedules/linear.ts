import * as z from "zod";
import { options } from "../../config.ts";
import { alphaBarOf, type Schedule } from "./contract.ts";

const schema = options({
  name: z.literal("linear"),
  betaStart: z.number().gt(0).lt(1).default(1e-4).describe("variance added by the first step"),
  betaEnd: z.number().gt(0).lt(1).default(0.02).describe("variance added by the last step"),
  scaled: z
    .boolean()
    .default(false)
    .describe("multiply both by 1000 / timesteps, so that fewer steps end as noisy as 1000 do"),
}).refine(({ betaStart, betaEnd }) => betaStart <= betaEnd, {
  error: "betaStart is above betaEnd: noise is added ever faster",
});

/** Betas at equal distances. Ho et al. 2020 (arXiv:2006.11239), section 4; `scaled` as in Nichol & Dhariwal's code. */
export const linear: Schedule<typeof schema> = {
  title: "linear beta",
  paper: "arXiv:2006.11239",
  options: schema,
  alphaBar(timesteps, { betaStart, betaEnd, scaled }) {
    const scale = scaled ? 1000 / timesteps : 1;
    const step = timesteps === 1 ? 0 : (betaEnd - betaStart) / (timesteps - 1);
    return alphaBarOf(Float64Array.from({ length: timesteps }, (_, i) => scale * (betaStart + i * step)));
  },
};
