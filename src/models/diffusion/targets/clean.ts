import type { Target } from "./contract.ts";

/** The clean image itself: Ho et al. 2020, section 3.2. */
export const clean: Target = {
  title: "clean image",
  paper: "arXiv:2006.11239",
  wanted: () => ({ clean: 1, epsilon: 0 }),
  clean: () => ({ x: 0, output: 1 }),
};
