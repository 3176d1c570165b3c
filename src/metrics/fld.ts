import { mean, variance } from "../core/statistics/index.ts";
import { trainingMetric } from "./define.ts";
import { around, NORMAL } from "./intervals.ts";
import { influenceVariance, LIKELIHOOD_IMAGES, trainingLikelihood } from "./training-likelihood.ts";

/**
 * Feature Likelihood Divergence, Jiralerspong et al. 2023 (arXiv:2302.04440): how much less likely the real test images are
 * under Gaussians around the generated images, fitted to the training images, than under Gaussians around one half of the
 * training images, fitted to the other; nats per feature times 100. About 0 for the data's own distribution, negative where training
 * images are few; up to about 100. It grows with bad, missing and copied images alike. Features are standardised by
 * the test images. The baseline's halves are taken by content, so that nothing is drawn.
 *
 * The interval holds the fitted variances fixed: it has the sampling errors of the test images and, by the infinitesimal
 * jackknife over the components, of the generated images and the baseline's.
 */
export const fld = trainingMetric({
  name: "fld",
  title: "FLD",
  meaning:
    "how much less likely real images are around generated ones than around training ones, 100 nats per feature",
  paper: "Jiralerspong et al. 2023, arXiv:2302.04440",
  protocol: () =>
    `Adam on all images, at most 50 steps; up to ${LIKELIHOOD_IMAGES} images of each set; baseline from halves of the training images`,
  direction: "lower",
  change: { scale: "difference", floor: 1, detect: 2 },
  scores: ["setting", "copying"],
  minimumCount: () => 2,
  tieRule: "none: no comparisons",
  compute(generated, real, training) {
    const fit = trainingLikelihood(generated, real, training);
    const { ofReal, baseline } = fit;
    const excess = ofReal.negativeLog.map((value, i) => 100 * (value - baseline.negativeLog[i]!));
    const value = mean(excess);
    const standardError = Math.sqrt(
      variance(excess)! / excess.length +
        influenceVariance(ofReal.shares, fit.width) +
        influenceVariance(baseline.shares, fit.width),
    );
    const method = "normal, over test images and components, fitted variances held fixed";
    return {
      value,
      interval: around(value, NORMAL * standardError, method),
      details: {
        generated: fit.generated,
        real: excess.length,
        training: fit.ofTraining.negativeLog.length,
        baselineCentres: baseline.centres,
        features: fit.width,
        standardError,
      },
    };
  },
});
