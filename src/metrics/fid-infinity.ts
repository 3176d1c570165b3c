import { mean } from "../core/statistics/index.ts";
import { defineMetric } from "./define.ts";
import { frechetDistance, frechetValue } from "./fid.ts";
import { around, NORMAL } from "./intervals.ts";
import { disjointParts } from "./order.ts";

/** Both sets are cut in 1, 2, 3 and 4 disjoint parts: FID at n, n/2, n/3 and n/4, evenly spaced in 1/n. */
const CUTS = [1, 2, 3, 4];
/** Images a feature in the smallest part, below which FID is not linear in 1/n. */
const IMAGES_PER_FEATURE = 2;

/**
 * FID as if from infinitely many images: the intercept of a line in 1/n through FID at several n, each a mean
 * over disjoint parts of both sets, drawn without replacement. Chong & Forsyth 2020 (arXiv:1911.07023), section
 * 3; they let only the generated set grow, here both do, so that the real set's bias goes too. About 0 for
 * equal distributions, where it falls below 0 half the time; 0 on equal sets. Costs about five FIDs of
 * n images: a second at 10,000 x 64, minutes at 1,000 features.
 *
 * To first order each of the four sees every image once and errs with FID itself, so the intercept has FID's
 * standard error (delta method); what the line leaves over is added in quadrature.
 */
export const fidInfinity = defineMetric("features", {
  name: "fid_infinity",
  title: "FID infinity",
  meaning: "FID extrapolated to infinitely many images",
  paper: "Chong & Forsyth 2020, arXiv:1911.07023",
  protocol: () => "line in 1/n through FID at n, n/2, n/3, n/4; disjoint parts of both sets",
  direction: "lower",
  minimumCount: (width) => IMAGES_PER_FEATURE * CUTS.at(-1)! * width,
  tieRule: "none: no comparisons",
  compute(generated, real, { seed = 0 }) {
    const whole = frechetDistance(generated, real);
    const distances = CUTS.map((parts) => {
      if (parts === 1) return whole.value;
      const ofReal = disjointParts(real, parts, seed);
      return mean(disjointParts(generated, parts, seed).map((g, p) => frechetValue(g, ofReal[p]!)));
    });
    const { intercept, slope, standardError: ofLine } = line(CUTS, distances);
    const details = {
      biasAtN: slope,
      generated: generated.count,
      real: real.count,
      width: real.width,
      ...Object.fromEntries(CUTS.map((parts, i) => [`fidOver${parts}`, distances[i]!])),
    };
    if (whole.standardError === undefined) return { value: intercept, details };
    const standardError = Math.hypot(whole.standardError, ofLine);
    const method = "delta method and residuals of the line, in quadrature";
    return {
      value: intercept,
      interval: around(intercept, NORMAL * standardError, method),
      details: { ...details, standardError },
    };
  },
});

/** Least squares y = intercept + slope x, with the standard error of the intercept; at least three points. */
export function line(x: readonly number[], y: readonly number[]) {
  const [centre, level] = [mean(x), mean(y)];
  const squares = x.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const slope = x.reduce((sum, value, i) => sum + (value - centre) * (y[i]! - level), 0) / squares;
  const intercept = level - slope * centre;
  const left = x.reduce((sum, value, i) => sum + (y[i]! - intercept - slope * value) ** 2, 0);
  const standardError = Math.sqrt((left / (x.length - 2)) * (1 / x.length + centre ** 2 / squares));
  return { intercept, slope, standardError };
}
