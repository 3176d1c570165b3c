import { mean, variance } from "../core/statistics/index.ts";
import { trainingMetric } from "./define.ts";
import { around, NORMAL } from "./intervals.ts";
import { influenceVariance, LIKELIHOOD_IMAGES, trainingLikelihood } from "./training-likelihood.ts";

/**
 * Generalisation gap of Feature Likelihood Divergence, Jiralerspong et al. 2023 (arXiv:2302.04440): how much less likely
 * the training images are than the test images under the Gaussians around the generated images; nats per feature times
 * 100. Copies of training images take it far below 0: each draws its Gaussian together. As the Gaussians are
 * fitted to the training images, fresh images too are a little below 0, the more the fewer training images there are; images that
 * leave the data come nearer to 0 than they do. So both departures from the value of real images are worse.
 *
 * The interval holds the fitted variances fixed.
 */
export const fldGap = trainingMetric({
  name: "fld_gap",
  title: "FLD gap",
  meaning:
    "how much less likely training images are than test images around generated ones, 100 nats per feature; far below 0 for copies",
  paper: "Jiralerspong et al. 2023, arXiv:2302.04440",
  protocol: () => `Adam on all images, at most 50 steps; up to ${LIKELIHOOD_IMAGES} images of each set`,
  direction: "two-sided",
  weight: "copying",
  change: { scale: "difference", floor: 2, detect: 5 },
  scores: ["setting", "copying"],
  minimumCount: () => 2,
  tieRule: "none: no comparisons",
  compute(generated, real, training) {
    const { ofReal, ofTraining, width, generated: n } = trainingLikelihood(generated, real, training);
    const [test, train] = [ofReal.negativeLog, ofTraining.negativeLog];
    const value = 100 * (mean(train) - mean(test));
    const shares = ofTraining.shares.map((share, j) => share - ofReal.shares[j]! + 1 / n);
    const standardError = Math.sqrt(
      100 ** 2 * (variance(test)! / test.length + variance(train)! / train.length) +
        influenceVariance(shares, width),
    );
    const method = "normal, over test and training images and components, fitted variances held fixed";
    return {
      value,
      interval: around(value, NORMAL * standardError, method),
      details: { generated: n, real: test.length, training: train.length, features: width, standardError },
    };
  },
});
