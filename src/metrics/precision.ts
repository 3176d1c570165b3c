import { ballMetric } from "./define.ts";
import { ofShare } from "./intervals.ts";

/**
 * Share of generated images within the real manifold, the union of the real k-nearest-neighbour balls:
 * fidelity. Kynkaanniemi et al. 2019 (arXiv:1904.06991), eq. 1 and 2. In [0, 1]; 1 on equal sets. The
 * interval is for a fixed real set: it does not know that another real set would draw other balls.
 */
export const precision = ballMetric({
  name: "precision",
  title: "Precision",
  meaning: "share of generated images near real ones",
  paper: "Kynkaanniemi et al. 2019, arXiv:1904.06991",
  direction: "higher",
  domain: [0, 1],
  change: { scale: "difference", floor: 0.02, detect: 0.05 },
  scores: ["setting"],
  tieRule: "a point on the edge of a ball is inside (<=, eq. 1)",
  compute: ({ precise }, { generated }) => ({
    value: precise / generated,
    interval: ofShare(precise, generated, "Wilson, real manifold held fixed"),
    details: { within: precise },
  }),
});
