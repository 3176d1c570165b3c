/**
 * The consistency function and how it is sampled: Song et al. 2023 (arXiv:2303.01469), section 3 and algorithm 1. All
 * points of one path of the probability-flow ODE have one value, the path's end: f(y, sigma_min) = y.
 */
import { InternalError } from "../../../core/errors.ts";
import type { Denoiser } from "../denoiser.ts";
import { apart, nearestStep, sigmaOf, spacings, trailingSpacing } from "../respacing.ts";
import type { Sampler } from "../samplers/index.ts";
import type { Method } from "../setting.ts";
import type { Target } from "../targets/index.ts";
import { studentSetting } from "./teacher.ts";

/** Noise levels that consistency models are trained between, sigma_max as in the paper. */
const SIGMA_MAX = 80;

/**
 * f = c_skip y - c_out v with c_skip = 1 / ((sigma - sigma_min)^2 + 1), c_out = (sigma - sigma_min) / sqrt(sigma^2 + 1):
 * the form of appendix C at sigma_data 1, whose network is minus a v predictor on x = sqrt(alphaBar) y.
 */
export function consistencyTarget(sigmaMin: number): Target {
  return {
    title: "end of the path",
    paper: "arXiv:2303.01469",
    wanted() {
      throw new InternalError("a consistency function is learned from itself, not from data");
    },
    clean(alphaBar) {
      const sigma = sigmaOf(alphaBar);
      const skip = 1 / ((sigma - sigmaMin) ** 2 + 1);
      return { x: skip / Math.sqrt(alphaBar), output: -(sigma - sigmaMin) * Math.sqrt(alphaBar) };
    },
  };
}

/** The v predictor's denoiser as a consistency function, up to the noise level that it is trained at. */
export function consistencyDenoiser(denoiser: Denoiser): Denoiser {
  const { alphaBar } = denoiser;
  const noisiest = nearestStep(alphaBar, 1 / (1 + SIGMA_MAX ** 2));
  return {
    ...denoiser,
    alphaBar: alphaBar.subarray(0, noisiest + 1),
    target: consistencyTarget(sigmaOf(alphaBar[0]!)),
  };
}

/** The estimate, noised to the next level: algorithm 1, with levels kept variance-preserving. */
export const multistep: Sampler = {
  title: "consistency",
  stochastic: true,
  updates: ({ from, to }) => [{ level: from, x: 0, denoised: Math.sqrt(to), noise: Math.sqrt(1 - to) }],
};

/** Karras's levels between those noise levels at their default rho, as the papers take them: ascending steps. */
export function trainedLevels({ alphaBar }: Denoiser, count: number): number[] {
  return spacings.karras(alphaBar, count, { rho: 7, sigmaMin: 0.002, sigmaMax: SIGMA_MAX });
}

/** Numbers of steps that a consistency model is sampled in. */
const STEPS = [1, 2, 4, 8];

/**
 * Sampled at levels that the function was trained at, the nearest to the last steps of equal stretches: between them
 * it has learned nothing.
 */
export function consistencyMethod(kind: string, denoiser: Denoiser, levels: number): Method {
  const trained = trainedLevels(denoiser, levels);
  const nearest = (t: number) =>
    trained.reduce((best, level, i) => (Math.abs(level - t) < Math.abs(trained[best]! - t) ? i : best), 0);
  const steps = STEPS.filter((count) => count < levels);
  return {
    plan: (setting) => ({
      ...studentSetting(kind, setting, { sampler: "consistency", steps }),
      sampler: multistep,
      retained: apart(
        trailingSpacing(denoiser.alphaBar.length, setting.steps).map(nearest),
        trained.length,
      ).map((i) => trained[i]!),
      guidance: 0,
    }),
    usual: { sampler: "consistency", steps: steps.at(-1)! },
    weights: ({ weights }) => weights!,
  };
}
