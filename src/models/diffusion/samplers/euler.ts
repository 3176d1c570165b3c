/** Euler's method on the probability-flow ODE, with churn: Karras et al. 2022 (arXiv:2206.00364), algorithm 2 without its correction. */
import type { SamplerKind } from "./contract.ts";
import { churning, churnOptions, eulerStep } from "./flow.ts";
import { samplerOptions } from "./options.ts";

const schema = samplerOptions("karras", churnOptions);

export const euler: SamplerKind<typeof schema> = {
  title: "Euler",
  paper: "arXiv:2206.00364",
  order: 1,
  options: schema,
  make(options, setup) {
    const { raised, landing } = churning(options, setup);
    return {
      title: options.churn > 0 ? `Euler (churn ${options.churn})` : "Euler",
      stochastic: options.churn > 0,
      updates({ from, to, before }) {
        const level = before === undefined ? from : raised(from);
        return [landing({ level, ...eulerStep(level, to), noise: 0 }, to)];
      },
    };
  },
};
