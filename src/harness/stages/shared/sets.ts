/**
 * The five sets of a run's images. A dataset's splits stand in random order (datasets/assemble.ts), so every part of one is
 * an i.i.d. sample of it. Of the test split, unseen by every generator and judge, the three thirds are reference, floor and
 * validation: what chooses (snapshots, guidance weights, tuning) is never reported on, whatever the stages' n. Generators
 * train on the whole training split, judges on all of it but its last tenth, on which their accuracy is measured.
 */
import { assert, BenchError } from "../../../core/errors.ts";
import { type ByteImages, takeImages } from "../../../core/images.ts";
import { type Dataset, mostCompared, type Split, THIRDS, takeSplit } from "../../datasets/index.ts";
import type { DatasetFacts } from "../../record/index.ts";
import { range } from "./batches.ts";

/** One of this many training images is kept from the judge. */
const HELD_OUT_EVERY = 10;

/** The first n of a third, with their labels. */
function partOf({ name, test }: Dataset, third: 0 | 1 | 2, n: number): Split {
  const most = mostCompared(test.images.count);
  assert(n <= most, `${n} images of a third of the test split of ${name}, which holds ${most}`);
  return takeSplit(test, range(third * most, n));
}

/** What generated images are compared with. */
export const referenceSet = (dataset: Dataset, n: number): Split => partOf(dataset, 0, n);
/** Real images that stand in for generated ones, and those whose holes are filled: reported, never chosen on. */
export const floorSet = (dataset: Dataset, n: number): Split => partOf(dataset, 1, n);
/** What chooses, and nothing else. */
export const validationSet = (dataset: Dataset, n: number): Split => partOf(dataset, 2, n);

/**
 * What tells copies from new images, and likely images from unlikely ones: training images, twice as many as are generated
 * where there are so many, which FLD cuts in halves.
 */
export const trainingImages = ({ train }: Dataset, n: number): ByteImages =>
  takeImages(train.images, range(0, Math.min(train.images.count, 2 * n)));

export const referenceImages = (dataset: Dataset, n: number): ByteImages => referenceSet(dataset, n).images;
export const floorImages = (dataset: Dataset, n: number): ByteImages => floorSet(dataset, n).images;
export const validationImages = (dataset: Dataset, n: number): ByteImages => validationSet(dataset, n).images;

/**
 * What a judge learns from, and the images that its accuracy is measured on. Stacks are made of single images that their
 * judge has learned from, so theirs are the validation images.
 */
export function judgeSets(dataset: Dataset): { readonly learned: Split; readonly heldOut: Split } {
  const { train, test, channelwise } = dataset;
  const { count } = train.images;
  const kept = Math.max(1, Math.floor(count / HELD_OUT_EVERY));
  return {
    learned: takeSplit(train, range(0, count - kept)),
    heldOut: channelwise
      ? validationSet(dataset, mostCompared(test.images.count))
      : takeSplit(train, range(count - kept, kept)),
  };
}

/** Fewest training images that a judge can be trained and scored with. */
const LEAST_TRAINING_IMAGES = 2;

/** @throws BAD_CONFIG where a judge has no image to learn from or none to be scored on */
export function checkJudgeImages({ name, train }: Pick<DatasetFacts, "name" | "train">): void {
  if (train < LEAST_TRAINING_IMAGES)
    throw new BenchError(
      "BAD_CONFIG",
      `${name} has ${train} training image, and its judge needs one to learn from and one to be scored on. Give at least ${LEAST_TRAINING_IMAGES}.`,
    );
}

/** @throws BAD_CONFIG where a third of the test images is fewer than n */
export function checkTestImages(stage: string, n: number, { name, test }: DatasetFacts): void {
  const most = mostCompared(test);
  if (n > most)
    throw new BenchError(
      "BAD_CONFIG",
      `stages.${stage}.n is ${n}, which takes ${THIRDS * n} test images (a third each as reference, as floor and to choose ` +
        `on), and ${name} has ${test}. ${most > 0 ? `Set stages.${stage}.n to at most ${most}` : "Take more test images"}.`,
    );
}

/** @throws BAD_CONFIG where option `stages.PATH` asks for more images than a third of the test images */
export function checkShownImages(path: string, asked: number, { name, test }: DatasetFacts): void {
  const most = mostCompared(test);
  if (asked > most)
    throw new BenchError(
      "BAD_CONFIG",
      `stages.${path} is ${asked}, and a third of the ${test} test images of ${name} is ${most}`,
    );
}
