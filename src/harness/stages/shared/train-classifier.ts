/** Training of a classifier on labelled images. */
import { assert } from "../../../core/errors.ts";
import type { ByteImages } from "../../../core/images.ts";
import type { Rng } from "../../../core/rng.ts";
import type { Engine } from "../../../engine/contract.ts";
import type { Classifier, State } from "../../../models/index.ts";
import type { Progress } from "../contract.ts";
import { trainingSteps } from "./models.ts";
import { train } from "./training-loop.ts";

/** Images, and the label under which each is to be learned. */
export interface Labelled {
  readonly images: ByteImages;
  readonly labels: ArrayLike<number>;
}

export interface ClassifierTraining {
  readonly classifier: Classifier;
  readonly learned: Labelled;
  readonly batch: number;
  /** Training images seen, repeats counted. */
  readonly images: number;
  /** Gives the start and the order of the images. */
  readonly stream: Rng;
  progress(progress: Progress): void;
}

/** The weights that evaluate it, and the seconds that they took. */
export async function trainClassifier(
  engine: Engine,
  { classifier, learned, stream, progress, ...budget }: ClassifierTraining,
): Promise<{ weights: State; seconds: number }> {
  const { batch } = budget;
  const steps = trainingSteps(budget);
  const { state, seconds, divergence } = await train({
    engine,
    name: "train classifier",
    model: classifier,
    initial: classifier.initialState(stream.fold("init")),
    ...learned,
    batch,
    steps,
    order: stream.fold("order"),
    feed: ({ images, labels }, step) => classifier.feed(images, labels, step),
    onStep: (step, { loss }, seconds) =>
      progress({ done: step, total: steps, loss: loss!, imagesPerSecond: (step * batch) / seconds }),
  });
  assert(!divergence, `the classifier diverged at step ${divergence?.step}: ${divergence?.reason}`);
  return { weights: classifier.evaluationWeights(state), seconds };
}
