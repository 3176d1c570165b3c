import { assert } from "../../../core/errors.ts";
import { posteriorAt } from "../posterior.ts";
import type { Target } from "./contract.ts";

/**
 * The mean of the step before, mu-tilde of q(x_{t-1} | x_t, x_0): the baseline that Ho et al. 2020 begin with (section
 * 3.2, eq. 8). It depends on the step before, so it belongs to one schedule.
 */
export function posteriorMean(alphaBar: Float64Array): Target {
  const steps = new Map(Array.from(alphaBar, (level, t) => [level, t]));
  const at = (level: number) => {
    const t = steps.get(level);
    assert(t !== undefined, `target mean: alphaBar ${level} is not a level of its schedule`);
    return posteriorAt(alphaBar, t);
  };
  return {
    title: "mean of the step before",
    paper: "arXiv:2006.11239",
    wanted(level) {
      const { denoised, x } = at(level);
      return { clean: denoised + x * Math.sqrt(level), epsilon: x * Math.sqrt(1 - level) };
    },
    clean(level) {
      const { denoised, x } = at(level);
      return { x: -x / denoised, output: 1 / denoised };
    },
  };
}
