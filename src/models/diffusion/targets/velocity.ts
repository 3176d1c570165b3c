import type { Target } from "./contract.ts";

/** v = sqrt(alphaBar) epsilon - sqrt(1 - alphaBar) x_0: Salimans & Ho 2022, appendix D. */
export const velocity: Target = {
  title: "velocity",
  paper: "arXiv:2202.00512",
  wanted: (alphaBar) => ({ clean: -Math.sqrt(1 - alphaBar), epsilon: Math.sqrt(alphaBar) }),
  clean: (alphaBar) => ({ x: Math.sqrt(alphaBar), output: -Math.sqrt(1 - alphaBar) }),
};
