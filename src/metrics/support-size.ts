import { undefinedMetric } from "../core/errors.ts";
import { defineMetric } from "./define.ts";
import { aroundFactor, NORMAL } from "./intervals.ts";
import { NEAR_DUPLICATE_QUANTILE, nearDuplicateDistance, pointsWithin } from "./neighbourhoods.ts";
import { jackknifeVariance } from "./u-statistic.ts";

/**
 * How many different images a generator makes, by the birthday paradox: among n draws from N equally likely
 * images n(n - 1)/(2N) pairs are alike, so N is about n(n - 1)/2 over the near-duplicate pairs found. Arora &
 * Zhang 2017 (arXiv:1706.08224), section 3, who look for n with one pair at even odds and judge pairs by eye;
 * here a pair is alike whose distance is at most the 1% quantile of real nearest-neighbour distances. At
 * least 1; of unequally likely images it is the effective number 1 / sum p^2, a lower bound of the support.
 * Real images are about 100 to 200 n by this rule (1% of them have a partner): compare with real against
 * real. Without a pair the support is only bounded, which is said (METRIC_UNDEFINED). One pass over the
 * generated distances.
 */
export const supportSize = defineMetric("features", {
  name: "support_size",
  title: "Support size",
  meaning: "estimated number of different images that the generator makes",
  paper: "Arora & Zhang 2017, arXiv:1706.08224",
  protocol: () =>
    `pairs within the ${NEAR_DUPLICATE_QUANTILE} quantile of real nearest-neighbour distances, all pairs`,
  direction: "higher",
  neighbours: true,
  minimumCount: () => 1 / NEAR_DUPLICATE_QUANTILE,
  tieRule: "a pair at the threshold is alike (<=)",
  compute(generated, real) {
    const n = generated.count;
    const threshold = nearDuplicateDistance(real);
    const partners = pointsWithin(generated, threshold);
    const pairs = partners.reduce((sum, count) => sum + count, 0) / 2;
    const all = (n * (n - 1)) / 2;
    if (pairs === 0)
      throw undefinedMetric(
        `support_size is only bounded: no near-duplicate pair among ${n} generated images, so at 95% confidence ` +
          `it is above ${Math.floor(all / -Math.log(0.05))}; take more images`,
      );
    // The share of alike pairs is a U-statistic; on the logarithm its interval stays above 0.
    const share = pairs / all;
    const leftOut = Float64Array.from(partners, (count) => (pairs - count) / (((n - 1) * (n - 2)) / 2));
    const spread = Math.exp((NORMAL * Math.sqrt(jackknifeVariance(leftOut))) / share);
    return {
      value: 1 / share,
      interval: aroundFactor(
        1 / share,
        spread,
        "normal on the logarithm, jackknife of the U-statistic over images",
      ),
      details: { pairs, threshold: Math.sqrt(threshold), generated: n, real: real.count },
    };
  },
});
