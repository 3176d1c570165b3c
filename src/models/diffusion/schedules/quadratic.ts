import * as z from "zod";
import { options } from "../../config.ts";
import { alphaBarOf, type Schedule } from "./contract.ts";
import { atEqualDistances, betas, rising } from "./linear.ts";

const schema = options({ name: z.literal("quadratic"), ...betas }).refine(...rising);

/** Square roots of betas at equal distances. Song et al. 2021 (arXiv:2010.02502), as in their published code. */
export const quadratic: Schedule<typeof schema> = {
  title: "quadratic beta",
  paper: "arXiv:2010.02502",
  options: schema,
  alphaBar: (timesteps, { betaStart, betaEnd }) =>
    alphaBarOf(
      atEqualDistances(timesteps, Math.sqrt(betaStart), Math.sqrt(betaEnd)).map((root) => root ** 2),
    ),
};
