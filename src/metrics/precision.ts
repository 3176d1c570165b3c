import { wilsonInterval } from "../core/statistics/index.ts";
import { featureMetric, neighboursOf } from "./define.ts";
import { neighbourhoods } from "./neighbourhoods.ts";

/**
 * Share of generated images within the real manifold, the union of the real k-nearest-neighbour balls:
 * fidelity. Kynkaanniemi et al. 2019 (arXiv:1904.06991), eq. 1 and 2. In [0, 1]; 1 on equal sets. The
 * interval is for a fixed real set: it does not know that another real set would draw other balls.
 */
export const precision = featureMetric({
  name: (options) => `precision_k${neighboursOf(options)}`,
  title: "Precision",
  paper: "Kynkaanniemi et al. 2019, arXiv:1904.06991",
  protocol: (options) => `k = ${neighboursOf(options)}, exact neighbours, whole sets`,
  direction: "higher",
  minimumCount: (_, options) => neighboursOf(options) + 1,
  tieRule: "a point on the edge of a ball is inside (<=, eq. 1)",
  compute(generated, real, options) {
    const k = neighboursOf(options);
    const { precise } = neighbourhoods(generated, real, k, options.ks);
    return {
      value: precise / generated.count,
      interval: {
        ...wilsonInterval(precise, generated.count, 0.95),
        confidence: 0.95,
        method: "Wilson, real manifold held fixed",
      },
      details: { k, generated: generated.count, real: real.count, within: precise },
    };
  },
});
