/**
 * Classification accuracy score: Ravuri & Vinyals 2019 (arXiv:1905.10887). A classifier that has seen nothing but generated
 * images, under the labels they were asked for, is tested on real ones: images that are off their label, poor or too much
 * alike all cost it accuracy. Beside it the same classifier, from the same start, on as many real training images.
 */
import { rng } from "../../../core/rng.ts";
import { type Dataset, type Split, takeSplit } from "../../datasets/index.ts";
import type { Cas } from "../../record/index.ts";
import type { CellContext } from "../contract.ts";
import { channelOf, classifierFor, judgeOf, learnedData, targetsOf } from "../shared/judge.ts";
import { type Labelled, trainClassifier } from "../shared/train-classifier.ts";
import { shareMatching } from "./shares.ts";

export interface CasTask {
  readonly seed: number;
  readonly batch: number;
  /** Training images that each classifier sees, repeats counted. */
  readonly images: number;
  /** Real images that no training has seen. */
  readonly test: Split;
  /** Called with the share done. */
  progress(done: number): void;
}

export async function measureCas(
  { engine, dataset: load }: Pick<CellContext, "engine" | "dataset">,
  generated: Labelled,
  { seed, batch, images, test, progress }: CasTask,
): Promise<Cas> {
  const dataset = await load();
  const n = generated.images.count;
  const stream = rng(seed).fold("cas");
  const drawn = stream.fold("real").permutation(dataset.train.images.count).subarray(0, n);
  const real = takeSplit(dataset.train, drawn);
  const { labels: truth } = targetsOf(dataset, test);
  const accuracyOf = async (learned: Labelled, before: number) => {
    const { weights } = await trainClassifier(engine, {
      classifier: classifierFor(learnedData(dataset), "convolutional"),
      learned: asLearned(dataset, learned),
      batch,
      images,
      stream,
      progress: ({ done, total }) => progress(before + done / total / 2),
    });
    const tensors = { ...weights, feature_scale: { shape: [], data: Float32Array.of(1) } };
    const judge = await judgeOf(engine, dataset, tensors, "the classifier just trained");
    const { assignments } = await judge.judge(test.images);
    judge.dispose();
    return shareMatching(assignments, (i) => truth[i]!);
  };
  return {
    n,
    imagesSeen: Math.ceil(images / batch) * batch,
    tested: test.images.count,
    accuracy: await accuracyOf(generated, 0),
    real: await accuracyOf({ images: real.images, labels: targetsOf(dataset, real).labels }, 0.5),
  };
}

/** What a classifier of this data learns from: of stacked images the single channels, each under its digit of the mode. */
function asLearned({ channelwise }: Dataset, { images, labels }: Labelled): Labelled {
  if (!channelwise) return { images, labels };
  const { length: classes } = channelwise.classes;
  const { channels } = images;
  const parts = Array.from({ length: channels }, (_, channel) => channelOf(images, channel));
  const together = {
    ...parts[0]!,
    data: Buffer.concat(parts.map(({ data }) => data)),
    count: channels * images.count,
  };
  const digits = parts.flatMap((_, channel) =>
    Array.from(labels, (mode) => Math.floor(mode / classes ** (channels - 1 - channel)) % classes),
  );
  return { images: together, labels: digits };
}
