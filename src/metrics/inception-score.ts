import { usageError } from "../core/errors.ts";
import { mean, variance } from "../core/statistics/index.ts";
import type { Probabilities } from "./contract.ts";
import { defineMetric } from "./define.ts";
import { aroundFactor, NORMAL } from "./intervals.ts";

const splitsOf = ({ splits = 1 }: { readonly splits?: number }): number => {
  if (!Number.isInteger(splits) || splits < 1)
    throw usageError(`splits is a whole number from 1, not ${splits}`);
  return splits;
};

/**
 * exp of the mean KL divergence of p(class | image) from p(class), in [1, classes]: each image clear, all
 * classes alike frequent. Salimans et al. 2016 (arXiv:1606.03498), section 4, with the dataset's own
 * classifier in place of Inception, so that values compare within one classifier only (Barratt & Sharma 2018,
 * arXiv:1801.01973); the real set's own value is among the details. It sees nothing within a class, and too
 * few images make it too low.
 *
 * With `splits` above 1 it is the published mean over that many consecutive chunks, in the order given, which
 * is then no longer indifferent; the interval is the whole set's: the error of ln IS is that of a mean.
 */
export const inceptionScore = defineMetric("probabilities", {
  name: "inception_score",
  title: "Inception score",
  meaning: "how clearly each image shows one class while all classes appear, from 1 to the number of classes",
  paper: "Salimans et al. 2016, arXiv:1606.03498",
  protocol: (options) => `the dataset's classifier, ${splitsOf(options)} consecutive chunks`,
  direction: "higher",
  minimumCount: (_, options) => 2 * splitsOf(options),
  tieRule: "none: no comparisons",
  compute(generated, real, options) {
    const splits = splitsOf(options);
    const scores = scoresOfChunks(generated, splits);
    const value = mean(scores);
    const logVariance = variance(divergences(generated, 0, generated.count))! / generated.count;
    const spread = Math.exp(NORMAL * Math.sqrt(logVariance));
    return {
      value,
      interval: aroundFactor(value, spread, "delta method on the logarithm, without the bias of n"),
      details: {
        splits,
        sdOverSplits: Math.sqrt(mean(scores.map((score) => (score - value) ** 2))),
        classes: generated.classes,
        generated: generated.count,
        ofReal: mean(scoresOfChunks(real, splits)),
      },
    };
  },
});

/** The score of each of `splits` consecutive chunks, [splits]. */
function scoresOfChunks(p: Probabilities, splits: number): number[] {
  const start = (chunk: number) => Math.floor((chunk * p.count) / splits);
  return Array.from({ length: splits }, (_, chunk) =>
    Math.exp(mean(divergences(p, start(chunk), start(chunk + 1)))),
  );
}

/** KL divergence of each row from the mean row of rows `from` to `to`, nats, [to - from]; 0 ln 0 = 0. */
function divergences({ data, classes }: Probabilities, from: number, to: number): Float64Array {
  const marginal = new Float64Array(classes);
  for (let at = from * classes; at < to * classes; at++) marginal[at % classes]! += data[at]! / (to - from);
  return Float64Array.from({ length: to - from }, (_, i) => {
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      const p = data[(from + i) * classes + c]!;
      if (p > 0) sum += p * Math.log(p / marginal[c]!);
    }
    return sum;
  });
}
