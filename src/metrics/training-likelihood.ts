/** What Feature Likelihood Divergence and its gap share: the likelihoods of real and training images, computed once for three sets. */
import { undefinedMetric } from "../core/errors.ts";
import { standardDeviation } from "../core/statistics/index.ts";
import type { Features } from "./contract.ts";
import { fitMixture, type Likelihood, likelihoodOf } from "./feature-likelihood.ts";
import { contentOrder, takeRows } from "./order.ts";
import { remembered } from "./remember.ts";

/** Images of each set at most, by content order: the distances between two sets are kept while a mixture is fitted. */
export const LIKELIHOOD_IMAGES = 5000;

/** Fewest training images: two halves of two. */
const FEWEST_TRAINING = 4;

/** Under the mixture around the generated images, fitted to the training images. */
export interface TrainingLikelihood {
  readonly generated: number;
  readonly width: number;
  readonly ofReal: Likelihood;
  readonly ofTraining: Likelihood;
  /** Of the real images under a mixture around one half of the training images, fitted to the other half. */
  readonly baseline: Likelihood & { readonly centres: number };
}

type Fits = WeakMap<Features, TrainingLikelihood>;
const fits = new WeakMap<Features, WeakMap<Features, Fits>>();
const baselines = new WeakMap<Features, WeakMap<Features, Map<number, TrainingLikelihood["baseline"]>>>();

/** @throws METRIC_UNDEFINED for fewer than four training images, and where all real images have the same features */
export function trainingLikelihood(
  generated: Features,
  real: Features,
  training: Features,
): TrainingLikelihood {
  const ofReal = remembered(fits, real, () => new WeakMap());
  const ofTraining = remembered(ofReal, training, (): Fits => new WeakMap());
  return remembered(ofTraining, generated, () => compute(generated, real, training));
}

function compute(generated: Features, real: Features, training: Features): TrainingLikelihood {
  if (training.count < FEWEST_TRAINING)
    throw undefinedMetric(
      `fld needs at least ${FEWEST_TRAINING} training images; there are ${training.count}`,
    );
  const limitedReal = limited(real);
  const standardised = standardiser(limitedReal);
  const test = standardised(limitedReal);
  const centres = standardised(limited(generated));
  const limitedTraining = limited(training);
  const points = standardised(limitedTraining);
  const mixture = fitMixture(centres, points);
  const size = Math.min(centres.count, points.count >> 1);
  const ofReal = remembered(baselines, real, () => new WeakMap());
  const bySize = remembered(ofReal, training, () => new Map());
  return {
    generated: centres.count,
    width: test.width,
    ofReal: likelihoodOf(mixture, test),
    ofTraining: mixture.ofPoints,
    baseline: remembered(bySize, size, () => {
      const order = contentOrder(limitedTraining, 0);
      const [half, other] = [
        takeRows(points, order.subarray(0, size)),
        takeRows(points, order.subarray(size)),
      ];
      return { centres: size, ...likelihoodOf(fitMixture(half, other), test) };
    }),
  };
}

const limited = (set: Features): Features =>
  set.count <= LIKELIHOOD_IMAGES ? set : takeRows(set, contentOrder(set, 0).subarray(0, LIKELIHOOD_IMAGES));

/** To mean 0 and variance 1 over the real images; features that are the same in all of them have no scale and are left out. */
function standardiser(real: Features) {
  const { count, width } = real;
  const scales = Array.from({ length: width }, (_, d) => {
    const column = Float64Array.from({ length: count }, (_, i) => real.data[i * width + d]!);
    return { d, mean: column.reduce((sum, x) => sum + x / count, 0), sd: standardDeviation(column)! };
  }).filter(({ sd }) => sd > 0);
  if (scales.length === 0) throw undefinedMetric("fld has no scale: all real images have the same features");
  return (set: Features): Features => {
    const data = new Float64Array(set.count * scales.length);
    let at = 0;
    for (let i = 0; i < set.count; i++)
      for (const { d, mean, sd } of scales) data[at++] = (set.data[i * width + d]! - mean) / sd;
    return { data, count: set.count, width: scales.length };
  };
}

/**
 * Sampling variance, from the components alone, of 100 times a mean log-likelihood per feature: an infinitesimal jackknife,
 * in which component j of n changes it by (n shares[j] - 1) times its change of weight. `shares` sum to 1.
 */
export function influenceVariance(shares: Float64Array, width: number): number {
  const n = shares.length;
  return shares.reduce((sum, share) => sum + (100 * (share - 1 / n)) ** 2, 0) / width ** 2;
}
