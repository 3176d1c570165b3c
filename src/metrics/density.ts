import { mean, standardDeviation } from "../core/statistics/index.ts";
import { ballMetric } from "./define.ts";
import { around, NORMAL } from "./intervals.ts";

/**
 * Real k-nearest-neighbour balls around a generated image, on average, as a multiple of k: fidelity that one
 * real outlier's large ball cannot raise to certainty. Naeem et al. 2020 (arXiv:2002.09797), section 3. From
 * 0 without upper bound; 1 on equal sets without duplicates, and expected for equal distributions. Above 1
 * the generated images crowd where real ones are dense, as a collapsed generator's do: so both departures
 * from the real value are worse.
 */
export const density = ballMetric({
  name: "density",
  title: "Density",
  meaning: "generated images a real neighbourhood holds; may exceed 1",
  paper: "Naeem et al. 2020, arXiv:2002.09797",
  direction: "two-sided",
  change: { scale: "difference", floor: 0.05, detect: 0.1 },
  scores: ["setting"],
  tieRule: "a point on the edge of a ball is outside (<, as the authors' program)",
  compute({ crowding }, { k, generated }) {
    const value = mean(crowding) / k;
    const half = (NORMAL * standardDeviation(crowding)!) / Math.sqrt(generated) / k;
    return { value, interval: around(value, half, "normal, real manifold held fixed", { least: 0 }) };
  },
});
