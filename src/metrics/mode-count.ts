import { defineMetric } from "./define.ts";

/**
 * Modes with at least one generated image, as the classifier assigns them: how Stacked-MNIST's 1,000 modes
 * are counted (Metz et al. 2017, arXiv:1611.02163; Lin et al. 2018, arXiv:1712.04086). A whole number from 1.
 * It grows with the number of images and with the classifier's errors, one stray image counting as much as a
 * thousand: compare at equal n, beside real against real, the classifier's accuracy and reverse KL.
 */
export const modeCount = defineMetric("modes", {
  name: "mode_count",
  title: "Modes found",
  meaning: "modes with at least one generated image",
  paper: "Metz et al. 2017, arXiv:1611.02163",
  protocol: () => "most likely mode of each image",
  direction: "two-sided",
  change: { scale: "difference", floor: 0.5, detect: 1 },
  scores: ["setting", "snapshot"],
  minimumCount: () => 1,
  tieRule: "none: each image has one mode",
  compute(generated, real) {
    const present = (counts: Uint32Array) => counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
    return {
      value: present(generated),
      details: { modes: generated.length, realModes: present(real) },
    };
  },
});
