import { mean, normalQuantile, standardDeviation } from "../core/statistics/index.ts";
import { featureMetric, neighboursOf } from "./define.ts";
import { neighbourhoods } from "./neighbourhoods.ts";

/**
 * Real k-nearest-neighbour balls around a generated image, on average, as a multiple of k: fidelity that one
 * real outlier's large ball cannot raise to certainty. Naeem et al. 2020 (arXiv:2002.09797), section 3. From
 * 0 without upper bound; 1 on equal sets without duplicates, and expected for equal distributions. Above 1
 * the generated images crowd where real ones are dense, as a collapsed generator's do: so both departures
 * from the real value are worse.
 */
export const density = featureMetric({
  name: (options) => `density_k${neighboursOf(options)}`,
  title: "Density",
  paper: "Naeem et al. 2020, arXiv:2002.09797",
  protocol: (options) => `k = ${neighboursOf(options)}, exact neighbours, whole sets`,
  direction: "two-sided",
  minimumCount: (_, options) => neighboursOf(options) + 1,
  tieRule: "a point on the edge of a ball is outside (<, as the authors' program)",
  compute(generated, real, options) {
    const k = neighboursOf(options);
    const { crowding } = neighbourhoods(generated, real, k, options.ks);
    const value = mean(crowding) / k;
    const half = (normalQuantile(0.975) * standardDeviation(crowding)!) / Math.sqrt(generated.count) / k;
    return {
      value,
      interval: {
        low: Math.max(0, value - half),
        high: value + half,
        confidence: 0.95,
        method: "normal, real manifold held fixed",
      },
      details: { k, generated: generated.count, real: real.count },
    };
  },
});
