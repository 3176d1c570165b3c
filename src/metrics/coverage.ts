import { featureMetric, neighboursOf } from "./define.ts";
import { neighbourhoods } from "./neighbourhoods.ts";

/**
 * Share of real images whose k-nearest-neighbour ball holds a generated one: diversity measured with the real
 * manifold, which generated outliers cannot inflate. Naeem et al. 2020 (arXiv:2002.09797), section 3. In [0, 1];
 * 1 on equal sets without duplicates, 1 - 2^-k expected for equal distributions and counts, so it saturates:
 * compare it with real against real. No interval: real images share each other's balls and are not
 * independent trials.
 */
export const coverage = featureMetric({
  name: (options) => `coverage_k${neighboursOf(options)}`,
  title: "Coverage",
  paper: "Naeem et al. 2020, arXiv:2002.09797",
  protocol: (options) => `k = ${neighboursOf(options)}, exact neighbours, whole sets`,
  direction: "higher",
  minimumCount: (_, options) => neighboursOf(options) + 1,
  tieRule:
    "a point on the edge of a ball is outside (<, as the authors' program); " +
    "the ball of a real image with k exact copies among the real ones is empty",
  compute(generated, real, options) {
    const k = neighboursOf(options);
    const { covered } = neighbourhoods(generated, real, k, options.ks);
    return {
      value: covered / real.count,
      details: { k, generated: generated.count, real: real.count, covered },
    };
  },
});
