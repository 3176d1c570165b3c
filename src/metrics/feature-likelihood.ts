/**
 * Mixtures of isotropic Gaussians around images, whose variances are fitted to other images: the density of Feature
 * Likelihood Divergence, Jiralerspong et al. 2023 (arXiv:2302.04440), section 3.2, with the optimiser of their program.
 */
import type { Features } from "./contract.ts";
import { forEachDistanceRow } from "./linalg/pairwise.ts";

/** A mixture, and the likelihood of the points that it was fitted to. */
export interface FittedMixture extends Mixture {
  readonly ofPoints: Likelihood;
}

/** Equally likely Gaussians; `logVariances[j]` belongs to row j of the centres. */
export interface Mixture {
  readonly centres: Features;
  readonly logVariances: Float64Array;
}

const RATE = 0.5;
const MOST_STEPS = 50;
/** Fitting ends after a step from the seventh on, where the loss has moved by less than this in five steps. */
const SETTLED = 5e-4;
const SETTLED_STEPS = 5;
/** Bounds of a log variance: copies would take it to minus infinity. */
const LARGEST = 40;
/** Added to the squared distance to the nearest image from which a variance starts. */
const LEAST_SQUARE = 1e-3;
/** The component that gives every image some likelihood lies this share of the way from the images' mean to the image. */
const ORIGIN_SHARE = 0.1;
/** Log densities so far below an image's log-likelihood change nothing in float64; it is known to within `LEAST_SUM`, or looked for. */
const NEGLIGIBLE = 45;
const LEAST_SUM = 1e-3;
const LOG_2_PI = Math.log(2 * Math.PI);

/**
 * Fits the log variances, and that of one more component which only serves the fit, to the likelihood of `points`:
 * Adam (Kingma & Ba 2015) on all points at once, from the variance that suits a centre's nearest point.
 */
export function fitMixture(centres: Features, points: Features): FittedMixture {
  const { count: n, width } = centres;
  const squared = new Float64Array(points.count * (n + 1)); // the last component is the origin's
  const nearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  const origin = originDistances(points);
  forEachDistanceRow(points, centres, (i, row) => {
    squared.set(row, i * (n + 1));
    squared[(i + 1) * (n + 1) - 1] = origin[i]!;
    for (let j = 0; j < n; j++) if (row[j]! < nearest[j]!) nearest[j] = row[j]!;
  });
  const logVariances = new Float64Array(n + 1);
  const near = new Float64Array(points.count);
  for (let j = 0; j < n; j++) logVariances[j] = Math.log((nearest[j]! + LEAST_SQUARE) / width);
  const moments = { first: new Float64Array(n + 1), second: new Float64Array(n + 1) };
  const losses: number[] = [];
  for (let step = 1; step <= MOST_STEPS; step++) {
    const { loss, gradient } = lossOf(squared, near, logVariances, width);
    for (let j = 0; j <= n; j++) {
      const first = 0.9 * moments.first[j]! + 0.1 * gradient[j]!;
      const second = 0.999 * moments.second[j]! + 0.001 * gradient[j]! ** 2;
      [moments.first[j], moments.second[j]] = [first, second];
      const move = first / (1 - 0.9 ** step) / (Math.sqrt(second / (1 - 0.999 ** step)) + 1e-8);
      const moved = logVariances[j]! - RATE * move;
      logVariances[j] = j === n ? moved : Math.max(-LARGEST, Math.min(LARGEST, moved));
    }
    losses.push(loss);
    const recent = losses.slice(-SETTLED_STEPS);
    if (step > SETTLED_STEPS + 1 && recent.every((other) => Math.abs(loss - other) < SETTLED)) break;
  }
  const mixture = { centres, logVariances: logVariances.slice(0, n) };
  const ofPoints = likelihoods(mixture, points.count, (visit) => {
    for (let i = 0; i < points.count; i++) visit(i, squared.subarray(i * (n + 1), i * (n + 1) + n));
  });
  return { ...mixture, ofPoints };
}

/** Squared distances from the component around the mean of the points, [count]. */
function originDistances(points: Features): Float64Array {
  const { data, count, width } = points;
  const mean = new Float64Array(width);
  for (let at = 0; at < data.length; ) for (let d = 0; d < width; d++) mean[d]! += data[at++]! / count;
  const distances = new Float64Array(count);
  forEachDistanceRow(points, { data: mean, count: 1, width }, (i, row) => {
    distances[i] = (1 - ORIGIN_SHARE) ** 2 * row[0]!;
  });
  return distances;
}

/**
 * Mean negative log-likelihood of the points over the width, and its gradient by the log variances, [n]. `near` holds what is
 * near each point's log-likelihood, and then the log-likelihood.
 */
function lossOf(squared: Float64Array, near: Float64Array, logVariances: Float64Array, width: number) {
  const count = near.length;
  const n = logVariances.length;
  const { slopes, levels } = logDensities(logVariances, width);
  for (let j = 0; j < n - 1; j++) levels[j]! -= Math.log(n - 1); // the origin's weight is 1, as in the authors' program
  const gradient = new Float64Array(n);
  const shares = new Shares(n);
  let total = 0;
  for (let i = 0; i < count; i++) {
    const row = squared.subarray(i * n, (i + 1) * n);
    near[i] = shares.take(row, slopes, levels, near[i]!);
    total += near[i]!;
    const { kept, indices, values } = shares;
    for (let at = 0; at < kept; at++) {
      const j = indices[at]!;
      gradient[j]! -= values[at]! * (slopes[j]! * row[j]! - width / 2);
    }
  }
  const scale = 1 / (count * width);
  return { loss: -total * scale, gradient: gradient.map((value) => value * scale) };
}

/** The log density of component j at squared distance s is levels[j] - slopes[j] s. */
function logDensities(logVariances: Float64Array, width: number) {
  return {
    slopes: logVariances.map((value) => 0.5 * Math.exp(-value)),
    levels: logVariances.map((value) => -(width / 2) * (value + LOG_2_PI)),
  };
}

/** Log-likelihoods of points, and which components they come from, with buffers for `n` components. */
class Shares {
  /** Components with a share in the last point, and the shares, which sum to 1; the first `kept` of each. */
  readonly indices: Uint32Array;
  readonly values: Float64Array;
  kept = 0;

  constructor(n: number) {
    this.indices = new Uint32Array(n);
    this.values = new Float64Array(n);
  }

  /** Log-likelihood of a point at these squared distances: in one pass where `near` is near it, as at the next step of a fit. */
  take(squared: Float64Array, slopes: Float64Array, levels: Float64Array, near: number): number {
    const { indices, values } = this;
    const n = values.length;
    let kept = 0;
    let sum = 0;
    for (let j = 0; j < n; j++) {
      const log = levels[j]! - slopes[j]! * squared[j]! - near;
      if (log < -NEGLIGIBLE) continue;
      const density = Math.exp(log);
      sum += density;
      indices[kept] = j;
      values[kept++] = density;
    }
    if (!(sum > LEAST_SUM && sum < Number.MAX_VALUE))
      return this.take(squared, slopes, levels, largest(squared, slopes, levels));
    for (let at = 0; at < kept; at++) values[at]! /= sum;
    this.kept = kept;
    return near + Math.log(sum);
  }
}

/** Largest log density at these squared distances. */
function largest(squared: Float64Array, slopes: Float64Array, levels: Float64Array): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < squared.length; j++) most = Math.max(most, levels[j]! - slopes[j]! * squared[j]!);
  return most;
}

/**
 * Negative log-likelihood of each point over the width, [points.count], and the share that each component has in the points
 * on average, [centres.count], which sums to 1.
 */
export function likelihoodOf(mixture: Mixture, points: Features): Likelihood {
  return likelihoods(mixture, points.count, (visit) => forEachDistanceRow(points, mixture.centres, visit));
}

export interface Likelihood {
  readonly negativeLog: Float64Array;
  readonly shares: Float64Array;
}

/** `pass` visits each of `count` points with its squared distances to the centres. */
function likelihoods(
  { centres, logVariances }: Mixture,
  count: number,
  pass: (visit: (point: number, squared: Float64Array) => void) => void,
): Likelihood {
  const { count: n, width } = centres;
  const { slopes, levels } = logDensities(logVariances, width);
  for (let j = 0; j < n; j++) levels[j]! -= Math.log(n);
  const shares = new Float64Array(n);
  const ofPoint = new Shares(n);
  const negativeLog = new Float64Array(count);
  pass((i, squared) => {
    negativeLog[i] = -ofPoint.take(squared, slopes, levels, largest(squared, slopes, levels)) / width;
    const { kept, indices, values } = ofPoint;
    for (let at = 0; at < kept; at++) shares[indices[at]!]! += values[at]! / count;
  });
  return { negativeLog, shares };
}
