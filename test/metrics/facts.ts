/** What is particular to each metric of the registry, for the laws in contract.test.ts. */
import { rng } from "../../src/core/rng.ts";
import type { Features, Sample } from "../../src/metrics/contract.ts";
import type { MetricName } from "../../src/metrics/index.ts";
import { symmetricEigenvalues } from "../../src/metrics/linalg/eigen.ts";
import { contentOrder, disjointParts } from "../../src/metrics/order.ts";
import { msSsim } from "../../src/metrics/ssim.ts";
import { naiveLikelihood } from "./naive-likelihood.ts";
import { MODES, mixture, take } from "./samples.ts";

const stream = rng(2024);
export const real = mixture(stream.fold("real"), 240);
/** What the generators below were trained on. */
export const training = mixture(stream.fold("training"), 480);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

/** Moves aside and loses modes. */
const drifting = (severity: number, count = 240) =>
  mixture(stream.fold(severity * 100), count, { shift: 3 * severity, dropped: severity });

/** Keeps every mode, within which the images grow alike. */
const shrinking = (severity: number, count = 240) =>
  mixture(stream.fold(severity * 100), count, { spread: 0.8 - 0.8 * severity });

/** Keeps half as many modes each time, and their images grow alike. */
const collapsing = (severity: number, count = 240) =>
  mixture(stream.fold(severity * 100), count, { dropped: 1 - 2 ** (-4 * severity), spread: 1 - severity });

/** Repeats images of a set, the others being fresh. */
const copyingOf =
  (from: Sample) =>
  (severity: number, count = 240): Sample => {
    const copies = Math.round(0.9 * severity * count) + 2;
    return joined(take(from, range(0, copies)), mixture(stream.fold("fresh"), count - copies));
  };
const copying = copyingOf(real);

function joined(a: Sample, b: Sample): Sample {
  const data = Float64Array.from([...a.features.data, ...b.features.data]);
  return {
    features: { data, count: a.features.count + b.features.count, width: a.features.width },
  };
}

interface Facts {
  /** Its value of a set against itself. */
  readonly onItself: (sample: Sample) => number;
  /** Whether the order of the two sets does not matter. */
  readonly symmetric: boolean;
  /** Generators that get worse with severity from 0 to below 1. */
  readonly worse: (severity: number, count?: number) => Sample;
  readonly interval: boolean;
}

const constant = (value: number) => () => value;
const usual = { symmetric: false, worse: drifting, interval: true };

export const facts = {
  fid: { ...usual, onItself: constant(0), symmetric: true },
  fidInfinity: { ...usual, onItself: constant(0), symmetric: true },
  kid: { ...usual, onItself: ({ features }) => kidOnItself(features), symmetric: true },
  kidBlocks: { ...usual, onItself: kidBlocksOnItself, symmetric: true },
  rbfMmd: { ...usual, onItself: mmdOnItself },
  c2st: { ...usual, onItself: constant(0.5), symmetric: true },
  inceptionScore: { ...usual, onItself: scoreByEntropies },
  precision: { ...usual, onItself: constant(1) },
  recall: { ...usual, onItself: constant(1) },
  density: { ...usual, onItself: constant(1) },
  coverage: { ...usual, onItself: constant(1), interval: false },
  clippedDensity: { ...usual, onItself: constant(1) },
  clippedCoverage: { ...usual, onItself: constant(1), interval: false },
  vendi: {
    ...usual,
    worse: shrinking,
    onItself: (s) => Math.exp(-sumOf(cosineEigenvalues(s), (l) => l * Math.log(l))),
  },
  vendi2: { ...usual, worse: shrinking, onItself: (s) => 1 / sumOf(cosineEigenvalues(s), (l) => l * l) },
  vendiInfinity: { ...usual, worse: shrinking, onItself: (s) => 1 / Math.max(...cosineEigenvalues(s)) },
  modeCount: { ...usual, onItself: constant(MODES), interval: false },
  reverseKl: { ...usual, onItself: constant(0), interval: false },
  classFid: { ...usual, onItself: constant(0), symmetric: true, worse: shrinking, interval: false },
  classDiversity: { ...usual, onItself: constant(1), worse: shrinking, interval: false },
  msSsim: { ...usual, onItself: similarityOfPairs, worse: collapsing },
  fld: {
    ...usual,
    onItself: ({ features }) => naiveLikelihood(features, features, training.features).divergence,
  },
  fldGap: {
    ...usual,
    worse: copyingOf(training),
    onItself: ({ features }) => naiveLikelihood(features, features, training.features).gap,
  },
  authpct: { ...usual, onItself: constant(0), worse: copying },
  memorisation: { ...usual, onItself: constant(1), worse: copying },
  supportSize: { ...usual, onItself: supportByCounting, worse: shrinking },
} satisfies Record<MetricName, Facts>;

const sumOf = (values: readonly number[], of: (value: number) => number) =>
  values.reduce((sum, value) => sum + of(value), 0);

const dot = ({ data, width }: Features, i: number, j: number) =>
  sumOf(range(0, width), (d) => data[i * width + d]! * data[j * width + d]!);

/**
 * The U-statistics leave a row against itself out within a set, and cannot across: (2/n)(mean elsewhere -
 * mean there).
 */
function kidOnItself(features: Features): number {
  const { count, width } = features;
  let [own, other] = [0, 0];
  for (let i = 0; i < count; i++)
    for (let j = 0; j < count; j++) {
      const kernel = (dot(features, i, j) / width + 1) ** 3;
      if (i === j) own += kernel / count;
      else other += kernel / (count * (count - 1));
    }
  return (2 / count) * (other - own);
}

/** As KID's, under the mean of Gaussian kernels around the median distance. */
function mmdOnItself({ features }: Sample): number {
  const { count, width, data } = features;
  const distance = (i: number, j: number) =>
    Math.hypot(...range(0, width).map((d) => data[i * width + d]! - data[j * width + d]!));
  const apart = range(0, count).flatMap((i) => range(i + 1, count).map((j) => distance(i, j)));
  const sorted = apart.toSorted((a, b) => a - b);
  const median = (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
  const kernel = (r: number) =>
    sumOf([0.25, 0.5, 1, 2, 4], (share) => Math.exp(-(r ** 2) / (2 * (share * median) ** 2)) / 5);
  return (2 / count) * (sumOf(apart, kernel) / apart.length - 1);
}

function kidBlocksOnItself({ features }: Sample): number {
  return sumOf(disjointParts(features, 10, 0).map(kidOnItself), (value) => value / 10);
}

/** exp of H(mean of p) - mean of H(p). */
function scoreByEntropies({ probabilities }: Sample): number {
  const { data, count, classes } = probabilities!;
  const entropy = (p: readonly number[]) => sumOf(p, (x) => (x > 0 ? -x * Math.log(x) : 0));
  const rows = range(0, count).map((i) => [...data.subarray(i * classes, (i + 1) * classes)]);
  const marginal = range(0, classes).map((c) =>
    sumOf(
      rows.map((row) => row[c]! / count),
      (x) => x,
    ),
  );
  return Math.exp(entropy(marginal) - sumOf(rows.map(entropy), (h) => h / count));
}

/** Of the n x n matrix, above rounding. */
function cosineEigenvalues({ features }: Sample): number[] {
  const n = features.count;
  const norms = range(0, n).map((i) => Math.sqrt(dot(features, i, i)));
  const data = Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return dot(features, i, j) / (norms[i]! * norms[j]! * n);
  });
  return [...symmetricEigenvalues({ data, count: n, width: n })].filter((l) => l > 1e-12);
}

function similarityOfPairs({ images }: Sample): number {
  const { data, height, width } = images!;
  const order = contentOrder(images!, 0);
  const picture = (i: number) => ({
    data: data.subarray(order[i]! * height * width, (order[i]! + 1) * height * width),
    ...{ height, width, channels: 1 },
  });
  const weights = [0.0448, 0.2856].map((weight) => weight / 0.3304); // 14 pixels: two scales of a window of 7
  const pairs = range(0, order.length / 2).map((p) => [picture(2 * p), picture(2 * p + 1)] as const);
  return sumOf(
    pairs.map(([a, b]) => msSsim(a, b, { size: 7, sigma: 1.5 }, weights)),
    (value) => value / pairs.length,
  );
}

/** All pairs over those within the distance that one real image in a hundred has to its nearest. */
function supportByCounting({ features }: Sample): number {
  const n = features.count;
  const squared = (i: number, j: number) =>
    sumOf(range(0, features.width), (d) => {
      const row = (at: number) => features.data[at * features.width + d]!;
      return (row(i) - row(j)) ** 2;
    });
  const all = range(0, n).flatMap((i) => range(i + 1, n).map((j) => ({ i, j, distance: squared(i, j) })));
  const nearest = range(0, n).map((at) =>
    Math.min(...all.filter(({ i, j }) => i === at || j === at).map(({ distance }) => distance)),
  );
  const threshold = nearest.sort((a, b) => a - b)[Math.ceil(n / 100) - 1]!;
  return all.length / all.filter(({ distance }) => distance <= threshold).length;
}
