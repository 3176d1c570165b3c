/**
 * The probability-flow ODE in the variance-exploding form, y = x / sqrt(alphaBar) = x_0 + sigma epsilon, where it reads
 * dy / dsigma = (y - D) / sigma: Karras et al. 2022 (arXiv:2206.00364), eq. 1 and 3. Updates are in x: what the network sees.
 */
import type * as z from "zod";
import { nonNegative, positive } from "../../config.ts";
import { sigmaOf } from "../respacing.ts";
import type { SamplerSetup, Update } from "./contract.ts";

/** An Euler step between two levels of alphaBar, which is also a step of DDIM without noise. */
export function eulerStep(from: number, to: number): { x: number; denoised: number } {
  const ratio = sigmaOf(to) / sigmaOf(from);
  return { x: Math.sqrt(to / from) * ratio, denoised: Math.sqrt(to) * (1 - ratio) };
}

/** Options of the stochastic sampler, algorithm 2 of the paper. */
export const churnOptions = {
  churn: nonNegative
    .default(0)
    .describe("noise put in over the whole pass (S_churn); 0 for none: the ODE itself"),
  churnMin: nonNegative.default(0).describe("smallest noise level that is churned (S_tmin)"),
  churnMax: positive.optional().describe("largest noise level that is churned (S_tmax); none where left out"),
  churnNoise: positive.default(1).describe("standard deviation of the noise put in (S_noise)"),
};

type ChurnOptions = z.infer<z.ZodObject<typeof churnOptions>>;

/**
 * Noise put in before a step, raising the level. The loop adds noise after an evaluation, so it is the update that lands
 * on a level that raises it. The first step starts from pure noise, which is not raised.
 */
export function churning(
  { churn, churnMin, churnMax = Number.POSITIVE_INFINITY, churnNoise }: ChurnOptions,
  { steps }: SamplerSetup,
) {
  const gamma = Math.min(churn / steps, Math.SQRT2 - 1);
  const raised = (level: number): number => {
    const sigma = sigmaOf(level);
    if (gamma === 0 || level === 1 || sigma < churnMin || sigma > churnMax) return level;
    return 1 / (1 + (sigma * (1 + gamma)) ** 2);
  };
  return {
    raised,
    /** The update that lands on `to`, landing on the raised level instead. */
    landing(update: Update, to: number): Update {
      const level = raised(to);
      if (level === to) return update;
      const scale = Math.sqrt(level / to);
      return {
        ...update,
        x: scale * update.x,
        denoised: scale * update.denoised,
        kept: scale * (update.kept ?? 0),
        noise: churnNoise * Math.sqrt(level * (sigmaOf(level) ** 2 - sigmaOf(to) ** 2)),
      };
    },
  };
}
