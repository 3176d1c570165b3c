import { undefinedMetric } from "../core/errors.ts";
import { variance } from "../core/statistics/index.ts";
import type { Features, Metric } from "./contract.ts";
import { defineMetric } from "./define.ts";
import { aroundFactor, NORMAL } from "./intervals.ts";
import { symmetricEigen, symmetricEigenvalues } from "./linalg/eigen.ts";
import { type Matrix, timesTransposed, transpose } from "./linalg/pairwise.ts";

/** Orders of the entropy: Shannon's, collision, smallest (Pasarkar & Dieng 2023, arXiv:2310.12952). */
export type Order = 1 | 2 | typeof Number.POSITIVE_INFINITY;

/** Images a feature from which the interval is given, as FID's. */
const INTERVAL_FROM = 2;
/** Largest matrix whose eigenvalues are taken: n or the width of the features, whichever is less. */
const LARGEST = 4096;

/**
 * exp of the Renyi entropy of eigenvalues that sum to 1; 0 ln 0 = 0, and what rounding leaves below 0 is 0.
 */
export function effectiveNumber(eigenvalues: Float64Array, order: Order): number {
  if (order === 1) return Math.exp(-eigenvalues.reduce((sum, l) => (l > 0 ? sum + l * Math.log(l) : sum), 0));
  if (order === 2) return 1 / eigenvalues.reduce((sum, l) => sum + l * l, 0);
  return 1 / eigenvalues.reduce((largest, l) => Math.max(largest, l), 0);
}

const spectra = new WeakMap<Features, Spectrum>();

/** Computed once for a set while it lives, for all orders. */
function cosineSpectrum(features: Features): Spectrum {
  const held = spectra.get(features);
  if (held) return held;
  const made = makeSpectrum(unitRows(features));
  spectra.set(features, made);
  return made;
}

/** K/n and the smaller XT X/n have the same eigenvalues but for zeros. */
function makeSpectrum(rows: Matrix) {
  const { count, width } = rows;
  const columns = transpose(rows);
  const scaled = (gram: Matrix): Matrix => ({ ...gram, data: gram.data.map((x) => x / count) });
  if (count <= width) return { values: symmetricEigenvalues(scaled(timesTransposed(rows, rows))) };
  const { values, vectors } = symmetricEigen(scaled(timesTransposed(columns, columns)));
  const along = timesTransposed(rows, vectors);
  return { values, alignments: { ...along, data: along.data.map((x) => x * x) } };
}

/**
 * `values`: of K/n, K the cosine similarities; the n - width zeros are left out where n > width, [min(n, width)].
 * `alignments`: squared cosines of each image with each direction, [n, width]; only where n > width.
 */
type Spectrum = ReturnType<typeof makeSpectrum>;

/** Rows divided by their Euclidean norm. */
function unitRows(features: Features): Matrix {
  const { data, count, width } = features;
  const unit = data.slice();
  for (let i = 0; i < count; i++) {
    const row = unit.subarray(i * width, (i + 1) * width);
    const norm = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
    if (norm === 0)
      throw undefinedMetric(`vendi has no cosine to go by: the features of image ${i}, from 0, are all 0`);
    for (let d = 0; d < width; d++) row[d]! /= norm;
  }
  return { data: unit, count, width };
}

/**
 * Variance of ln V over sampling: d ln V of a rank-one change of the matrix, for each image a weighted sum of
 * its squared cosines with the eigenvectors. Too large where eigenvalues that count nearly tie (by up to 1.6 in
 * the standard error, against repetitions), right where they are apart.
 */
function logVariance(values: Float64Array, alignments: Matrix, order: Order): number {
  const { count, width } = alignments;
  const total = values.reduce((sum, l) => sum + l * l, 0);
  const last = values.length - 1;
  const weights = values.map((l, e) => {
    if (order === 1) return l > Number.EPSILON ? -Math.log(l) : 0;
    if (order === 2) return (-2 * l) / total;
    return e === last ? -1 / l : 0;
  });
  const influence = new Float64Array(count);
  for (let i = 0; i < count; i++)
    for (let e = 0; e < width; e++) influence[i]! += weights[e]! * alignments.data[i * width + e]!;
  return variance(influence)! / count;
}

function vendiOf(order: Order, suffix: string): Metric {
  return defineMetric("features", {
    name: `vendi${suffix}`,
    title: order === 1 ? "Vendi" : `Vendi (order ${order === 2 ? "2" : "infinity"})`,
    meaning:
      order === 1
        ? "effective number of different images"
        : `effective number of different images, ${order === 2 ? "common kinds weighing more" : "by the commonest kind alone"}`,
    scores: order === 1 ? ["setting", "snapshot"] : [],
    paper:
      order === 1 ? "Friedman & Dieng 2023, arXiv:2210.02410" : "Pasarkar & Dieng 2023, arXiv:2310.12952",
    protocol: () => "cosine kernel on the features as they are, generated images alone",
    direction: "two-sided",
    minimumCount: () => 2,
    tieRule: "none: no comparisons",
    compute(generated, real) {
      const size = Math.min(Math.max(generated.count, real.count), generated.width);
      if (size > LARGEST)
        throw undefinedMetric(
          `vendi${suffix} takes the eigenvalues of a matrix of ${size}, at most ${LARGEST}: use fewer images or narrower features`,
        );
      const { values, alignments } = cosineSpectrum(generated);
      const value = effectiveNumber(values, order);
      const details = {
        kernel: "cosine",
        generated: generated.count,
        ofReal: effectiveNumber(cosineSpectrum(real).values, order),
      };
      if (!alignments || generated.count < INTERVAL_FROM * generated.width) return { value, details };
      const spread = Math.exp(NORMAL * Math.sqrt(logVariance(values, alignments, order)));
      return {
        value,
        interval: aroundFactor(
          value,
          spread,
          "delta method on the logarithm, sampling error at this n without the bias of n",
        ),
        details,
      };
    },
  });
}

/**
 * Effective number of different images: exp of the Shannon entropy of the eigenvalues of K/n, K the cosine
 * similarities of the generated features. Friedman & Dieng 2023 (arXiv:2210.02410), definition 3.1. From 1
 * (all alike) to min(n, width). It does not look at the real set, whose own value is among the details: noise
 * scores high. It grows with n towards its limit. Costs a Gram matrix of width x width, or n x n below that.
 */
export const vendi = vendiOf(1, "");
/** 1 / sum of the squared eigenvalues: common kinds of image weigh more than in `vendi`. */
export const vendi2 = vendiOf(2, "_q2");
/** 1 / the largest eigenvalue: only the commonest kind of image counts. */
export const vendiInfinity = vendiOf(Number.POSITIVE_INFINITY, "_qinf");
