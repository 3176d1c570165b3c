import { ballMetric } from "./define.ts";
import { ofShare } from "./intervals.ts";

/**
 * Share of real images within the generated manifold, the union of the generated k-nearest-neighbour balls:
 * diversity. Kynkaanniemi et al. 2019 (arXiv:1904.06991), eq. 1 and 2: precision with the sets exchanged. In
 * [0, 1]; 1 on equal sets. A few outliers among the generated draw large balls and raise it (Naeem et al.
 * 2020).
 */
export const recall = ballMetric({
  name: "recall",
  title: "Recall",
  meaning: "share of real images near generated ones",
  paper: "Kynkaanniemi et al. 2019, arXiv:1904.06991",
  direction: "higher",
  weight: "mode loss",
  domain: [0, 1],
  change: { scale: "difference", floor: 0.02, detect: 0.05 },
  scores: ["setting", "snapshot"],
  tieRule: "a point on the edge of a ball is inside (<=, eq. 1)",
  compute: ({ recalled }, { real }) => ({
    value: recalled / real,
    interval: ofShare(recalled, real, "Wilson, generated manifold held fixed"),
    details: { within: recalled },
  }),
});
