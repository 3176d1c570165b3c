import type { Target } from "./contract.ts";

/** The noise: Ho et al. 2020, eq. 14. */
export const epsilon: Target = {
  title: "noise",
  paper: "arXiv:2006.11239",
  wanted: () => ({ clean: 0, epsilon: 1 }),
  clean: (alphaBar) => ({ x: 1 / Math.sqrt(alphaBar), output: -Math.sqrt(1 / alphaBar - 1) }),
};
