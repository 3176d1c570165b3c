/** Heun's method on the probability-flow ODE, with churn: Karras et al. 2022 (arXiv:2206.00364), algorithms 1 and 2. */
import { sigmaOf } from "../respacing.ts";
import type { SamplerKind } from "./contract.ts";
import { churning, churnOptions, eulerStep } from "./flow.ts";
import { samplerOptions } from "./options.ts";

const schema = samplerOptions("karras", churnOptions);

/** Two evaluations a step, one in the last. */
export const heun: SamplerKind<typeof schema> = {
  title: "Heun",
  paper: "arXiv:2206.00364",
  order: 2,
  options: schema,
  make(options, setup) {
    const { raised, landing } = churning(options, setup);
    return {
      title: options.churn > 0 ? `Heun (churn ${options.churn})` : "Heun",
      stochastic: options.churn > 0,
      updates({ from, to, before }) {
        const level = before === undefined ? from : raised(from);
        const predictor = { level, ...eulerStep(level, to), noise: 0 };
        if (to === 1) return [predictor];
        // y' = y + (sigma' - sigma) / 2 (slope at y + slope at the predicted y'); what the first update knows of it is kept
        const ratio = sigmaOf(to) / sigmaOf(level);
        const keep = { x: (1 + ratio) / 2 / Math.sqrt(level), denoised: (1 - ratio) / 2 };
        const slope = (1 - 1 / ratio) / 2;
        const corrector = {
          level: to,
          x: slope,
          denoised: -Math.sqrt(to) * slope,
          kept: Math.sqrt(to),
          noise: 0,
        };
        return [{ ...predictor, keep }, landing(corrector, to)];
      },
    };
  },
};
