import { mean, standardDeviation } from "../core/statistics/index.ts";
import { defineMetric } from "./define.ts";
import { around } from "./intervals.ts";
import { unbiasedMmd } from "./kid.ts";
import { disjointParts } from "./order.ts";

const BLOCKS = 10;
/** 97.5% quantile of Student's t with BLOCKS - 1 = 9 degrees of freedom. */
const STUDENT = 2.2621571627982053;

/**
 * KID as a mean over ten disjoint blocks of both sets, drawn without replacement: unbiased, a tenth of the
 * cost, and with a standard error that is one, the blocks being independent. The block estimator of Zaremba,
 * Gretton & Blaschko 2013 (arXiv:1307.1954), section 2, with the kernel of Binkowski et al. 2018. The subsets
 * that are usually averaged overlap, and their standard deviation says nothing of the mean.
 */
export const kidBlocks = defineMetric("features", {
  name: "kid_blocks",
  title: "KID over blocks",
  meaning: "mean of KID over ten disjoint blocks of images; may be below 0",
  paper: "Zaremba et al. 2013, arXiv:1307.1954",
  protocol: () => `mean of ${BLOCKS} disjoint blocks, unbiased U-statistic in each`,
  direction: "lower",
  change: { scale: "relative", floor: 0.05, detect: 0.1 },
  minimumCount: () => 2 * BLOCKS,
  tieRule: "none: no comparisons",
  compute(generated, real, { seed = 0 }) {
    const ofReal = disjointParts(real, BLOCKS, seed);
    const values = disjointParts(generated, BLOCKS, seed).map((g, b) => unbiasedMmd(g, ofReal[b]!).value);
    const value = mean(values);
    const standardError = standardDeviation(values)! / Math.sqrt(BLOCKS);
    return {
      value,
      interval: around(value, STUDENT * standardError, `Student's t over ${BLOCKS} disjoint blocks`),
      details: { blocks: BLOCKS, generated: generated.count, real: real.count, standardError },
    };
  },
});
