import { wilsonInterval } from "../core/statistics/index.ts";
import { featureMetric, neighboursOf } from "./define.ts";
import { neighbourhoods } from "./neighbourhoods.ts";

/**
 * Share of real images within the generated manifold, the union of the generated k-nearest-neighbour balls:
 * diversity. Kynkaanniemi et al. 2019 (arXiv:1904.06991), eq. 1 and 2: precision with the sets exchanged. In
 * [0, 1]; 1 on equal sets. A few outliers among the generated draw large balls and raise it (Naeem et al.
 * 2020).
 */
export const recall = featureMetric({
  name: (options) => `recall_k${neighboursOf(options)}`,
  title: "Recall",
  paper: "Kynkaanniemi et al. 2019, arXiv:1904.06991",
  protocol: (options) => `k = ${neighboursOf(options)}, exact neighbours, whole sets`,
  direction: "higher",
  minimumCount: (_, options) => neighboursOf(options) + 1,
  tieRule: "a point on the edge of a ball is inside (<=, eq. 1)",
  compute(generated, real, options) {
    const k = neighboursOf(options);
    const { recalled } = neighbourhoods(generated, real, k, options.ks);
    return {
      value: recalled / real.count,
      interval: {
        ...wilsonInterval(recalled, real.count, 0.95),
        confidence: 0.95,
        method: "Wilson, generated manifold held fixed",
      },
      details: { k, generated: generated.count, real: real.count, within: recalled },
    };
  },
});
