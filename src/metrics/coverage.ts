import { ballMetric } from "./define.ts";

/**
 * Share of real images whose k-nearest-neighbour ball holds a generated one: diversity measured with the real
 * manifold, which generated outliers cannot inflate. Naeem et al. 2020 (arXiv:2002.09797), section 3. In [0, 1];
 * 1 on equal sets without duplicates, 1 - 2^-k expected for equal distributions and counts, so it saturates:
 * compare it with real against real. No interval: real images share each other's balls and are not
 * independent trials.
 */
export const coverage = ballMetric({
  name: "coverage",
  title: "Coverage",
  meaning: "share of real neighbourhoods with a generated image",
  paper: "Naeem et al. 2020, arXiv:2002.09797",
  direction: "higher",
  weight: "mode loss",
  domain: [0, 1],
  change: { scale: "difference", floor: 0.02, detect: 0.05 },
  scores: ["setting", "snapshot"],
  tieRule:
    "a point on the edge of a ball is outside (<, as the authors' program); " +
    "the ball of a real image with k exact copies among the real ones is empty",
  compute: ({ covered }, { real }) => ({ value: covered / real, details: { covered } }),
});
