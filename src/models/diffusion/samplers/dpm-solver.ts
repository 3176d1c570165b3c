/** DPM-Solver++(2M): Lu et al. 2022 (arXiv:2211.01095), algorithm 2. Its first step and the last, to sigma 0, are of order 1. */
import { sigmaOf } from "../respacing.ts";
import type { SamplerKind } from "./contract.ts";
import { eulerStep } from "./flow.ts";
import { samplerOptions } from "./options.ts";

const schema = samplerOptions("karras", {});

export const dpmSolver: SamplerKind<typeof schema> = {
  title: "DPM-Solver++ (2M)",
  paper: "arXiv:2211.01095",
  order: 2,
  options: schema,
  make: () => ({
    title: "DPM-Solver++ (2M)",
    stochastic: false,
    updates({ from, to, before }) {
      const { x, denoised } = eulerStep(from, to); // exponential in log sigma: exact for a constant estimate
      const update = { level: from, x, keep: { x: 0, denoised: 1 }, noise: 0 };
      if (before === undefined || to === 1) return [{ ...update, denoised }];
      const h = Math.log(sigmaOf(from) / sigmaOf(to));
      const last = Math.log(sigmaOf(before) / sigmaOf(from));
      const share = h / (2 * last); // the estimate is extrapolated from the last two to the middle of the step
      return [{ ...update, denoised: denoised * (1 + share), kept: -denoised * share }];
    },
  }),
};
