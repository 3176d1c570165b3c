/** The frozen judge: one small classifier per dataset and size, whose features and classes every quality metric uses. */

import { assert } from "../../../core/errors.ts";
import type { ByteImages } from "../../../core/images.ts";
import { takeImages, toFloat } from "../../../core/images.ts";
import { rng } from "../../../core/rng.ts";
import { mean } from "../../../core/statistics/index.ts";
import type { Engine } from "../../../engine/contract.ts";
import type { Features, Sample } from "../../../metrics/contract.ts";
import { type Classifier, createClassifier, type State } from "../../../models/index.ts";
import { publishTensors, readTensors } from "../../checkpoints/files.ts";
import type { Dataset, Split } from "../../datasets/contract.ts";
import type { ClassifierRecord } from "../../record/index.ts";
import type { SuiteConfig } from "../../suite/index.ts";
import type { PlannedCell, Progress, Stage } from "../contract.ts";
import { channelwiseJudge } from "../shared/channelwise.ts";
import { dataSettings } from "../shared/models.ts";
import { cellIds } from "../shared/names.ts";
import { train } from "../shared/training-loop.ts";
import { needsJudge, noWork } from "../shared/work.ts";

const EVALUATION_BATCH = 100;

/** What the classifier tells apart: the true modes where the data's maker knows them, else the classes. */
export function targetsOf(dataset: Dataset, split: Split) {
  return dataset.modes && split.modes
    ? { target: "mode" as const, names: dataset.modes, labels: split.modes }
    : { target: "class" as const, names: dataset.classes, labels: split.labels };
}

export type Architecture = ClassifierRecord["architecture"];

/** What the classifier learns from: single channels where each is an image of its own. */
const learned = (dataset: Dataset): Dataset => dataset.channelwise ?? dataset;

function classifierFor(dataset: Dataset, architecture: Architecture): Classifier {
  const { names } = targetsOf(dataset, dataset.train);
  const { size, channels } = dataset;
  return createClassifier({ size, channels, classes: names.length, architecture });
}

/** Features [count, 64], the classes' probabilities and the most likely class of each image, in batches of a fixed size. */
export interface Judge {
  judge(images: ByteImages): Promise<Sample & { readonly assignments: Uint16Array }>;
  dispose(): void;
}

/** Images whose features set the scale. */
const SCALING_IMAGES = 2000;

/**
 * `scale` multiplies every feature: chosen so that the mean square of a feature of real training images is 1, it makes
 * distances comparable from one classifier to the next.
 */
async function createJudge(
  engine: Engine,
  classifier: Classifier,
  weights: State,
  scale: number,
): Promise<Judge> {
  const { program, signature } = classifier.evaluation;
  const compiled = await engine.compile("classify", program, signature(EVALUATION_BATCH), {
    constants: weights,
  });
  const { featureWidth, classes } = classifier;
  return {
    async judge(images) {
      const data = new Float64Array(images.count * featureWidth);
      const assignments = new Uint16Array(images.count);
      const probabilities = new Float64Array(images.count * classes);
      for (let from = 0; from < images.count; from += EVALUATION_BATCH) {
        const used = Math.min(EVALUATION_BATCH, images.count - from);
        // the last batch is filled up with its first image; what it gives is not read
        const indices = Array.from({ length: EVALUATION_BATCH }, (_, i) => from + (i < used ? i : 0));
        const batch = toFloat(takeImages(images, indices));
        const input = {
          shape: [EVALUATION_BATCH, images.height, images.width, images.channels],
          data: batch.data,
        };
        const { features, logits } = await compiled.run({ images: input });
        const rows = (await features!.read()).subarray(0, used * featureWidth);
        for (let i = 0; i < rows.length; i++) data[from * featureWidth + i] = scale * rows[i]!;
        const scores = await logits!.read();
        for (let i = 0; i < used; i++) {
          assignments[from + i] = indexOfLargest(scores, i * classes, classes);
          const row = probabilities.subarray((from + i) * classes, (from + i + 1) * classes);
          softmax(scores.subarray(i * classes, (i + 1) * classes), row);
        }
        features!.dispose();
        logits!.dispose();
      }
      const features: Features = { data, count: images.count, width: featureWidth };
      return {
        features,
        assignments,
        probabilities: { data: probabilities, count: images.count, classes },
      };
    },
    dispose: () => compiled.dispose(),
  };
}

function indexOfLargest(values: ArrayLike<number>, from: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (values[from + i]! > values[from + best]!) best = i;
  return best;
}

function softmax(logits: Float32Array | Int32Array, out: Float64Array): void {
  const largest = logits[indexOfLargest(logits, 0, logits.length)]!;
  let sum = 0;
  for (let i = 0; i < out.length; i++) sum += out[i] = Math.exp(logits[i]! - largest);
  for (let i = 0; i < out.length; i++) out[i]! /= sum;
}

async function featureScale(
  engine: Engine,
  classifier: Classifier,
  weights: State,
  images: ByteImages,
): Promise<number> {
  const judge = await createJudge(engine, classifier, weights, 1);
  const count = Math.min(SCALING_IMAGES, images.count);
  const { features } = await judge.judge(
    takeImages(
      images,
      Uint32Array.from({ length: count }, (_, i) => i),
    ),
  );
  judge.dispose();
  return Math.fround(1 / Math.sqrt(mean(features.data.map((x) => x * x))));
}

/** The judge that a run's classifier cell has published. */
export async function openJudge(
  engine: Engine,
  out: string,
  dataset: Dataset,
  record: ClassifierRecord,
): Promise<Judge> {
  const { tensors } = await readTensors(out, record.checkpoint);
  return judgeOf(engine, dataset, tensors, record.checkpoint.path, record.architecture);
}

/** The judge of tensors that `trainJudge` gave for a dataset of this size and these classes; `from` names them. */
export async function judgeOf(
  engine: Engine,
  dataset: Dataset,
  tensors: State,
  from: string,
  architecture: Architecture = "convolutional",
): Promise<Judge> {
  const { feature_scale, ...weights } = tensors;
  assert(feature_scale, `${from} has no feature_scale`);
  const classifier = classifierFor(learned(dataset), architecture);
  const judge = await createJudge(engine, classifier, weights, feature_scale.data[0]!);
  return dataset.channelwise ? channelwiseJudge(judge, classifier.classes) : judge;
}

/** Share of a dataset's test images that are judged rightly. */
async function accuracyOf(judge: Judge, dataset: Dataset): Promise<number> {
  const { assignments } = await judge.judge(dataset.test.images);
  const truth = targetsOf(dataset, dataset.test).labels;
  return (
    assignments.reduce((sum, assigned, i) => sum + (assigned === truth[i] ? 1 : 0), 0) / assignments.length
  );
}

export interface TrainedJudge {
  /** Weights and `feature_scale`: what `judgeOf` takes. */
  readonly tensors: State;
  /** What is told apart. */
  readonly target: "mode" | "class";
  /** Share of the dataset's test images that are classified rightly. */
  readonly accuracy: number;
  /** Where a mode is the classes of the channels: share of single channels that are. */
  readonly channelAccuracy?: number;
  readonly imagesSeen: number;
  readonly parameters: number;
  readonly featureWidth: number;
  readonly seconds: number;
}

/** Trains the classifier of a dataset on its training images, and scores it on its test images. */
export async function trainJudge(
  engine: Engine,
  dataset: Dataset,
  { batch, images, seed }: SuiteConfig["classifier"],
  progress: (progress: Progress) => void,
  architecture: Architecture = "convolutional",
): Promise<TrainedJudge> {
  const data = learned(dataset);
  const classifier = classifierFor(data, architecture);
  const { labels } = targetsOf(data, data.train);
  const steps = Math.ceil(images / batch);
  const stream = rng(seed).fold("classifier");
  const trained = await train({
    engine,
    name: "train classifier",
    model: classifier,
    initial: classifier.initialState(stream.fold("init")),
    images: data.train.images,
    batch,
    steps,
    order: stream.fold("order"),
    labels,
    feed: (batch, step) => classifier.feed(batch.images, batch.labels, step),
    onStep: (step, { loss }, seconds) =>
      progress({ done: step, total: steps, loss: loss!, imagesPerSecond: (step * batch) / seconds }),
  });
  const weights = classifier.evaluationWeights(trained.state);
  const scale = await featureScale(engine, classifier, weights, data.train.images);
  const tensors = { ...weights, feature_scale: { shape: [], data: Float32Array.of(scale) } };
  const judge = await judgeOf(engine, dataset, tensors, "the classifier just trained", architecture);
  const accuracy = await accuracyOf(judge, dataset);
  judge.dispose();
  const single = dataset.channelwise && (await judgeOf(engine, data, tensors, "it", architecture));
  const channelAccuracy = single && (await accuracyOf(single, data));
  single?.dispose();
  return {
    tensors,
    target: targetsOf(dataset, dataset.train).target,
    accuracy,
    channelAccuracy,
    imagesSeen: steps * batch,
    parameters: classifier.parameters,
    featureWidth: classifier.featureWidth * (dataset.channelwise ? dataset.channels : 1),
    seconds: trained.seconds,
  };
}

/** The judge of every metric, and where labels are asked for a second opinion of another architecture. */
export const classifierStage: Stage = {
  kind: "classifier",
  common: true,
  title: "trains the classifier that gives features and modes, and scores it on held-out images",

  plan(config) {
    const cell = (id: string, architecture: Architecture): PlannedCell => ({
      id,
      kind: "classifier",
      needs: [],
      settings: { classifier: config.classifier, architecture, data: dataSettings(config) },
    });
    return [
      ...(needsJudge(config) ? [cell(cellIds.classifier, "convolutional")] : []),
      ...(config.stages.control ? [cell(cellIds.secondClassifier, "perceptron")] : []),
    ];
  },

  work: (_cell, { classifier: { batch, images } }) => ({
    ...noWork,
    trainingImages: Math.ceil(images / batch) * batch,
  }),

  async run({ cell, config, out, engine, dataset: load, progress }) {
    const { seed } = config.classifier;
    const { architecture } = cell.settings as { architecture: Architecture };
    const dataset = await load();
    const trained = await trainJudge(engine, dataset, config.classifier, progress, architecture);
    const { tensors, target, ...facts } = trained;
    const checkpoint = await publishTensors(out, `checkpoints/${cell.id.replaceAll("/", "-")}.safetensors`, {
      tensors,
      metadata: { target, seed: String(seed) },
    });
    return {
      kind: "classifier",
      target,
      architecture,
      trainingSeed: seed,
      ...facts,
      weights: checkpoint.sha256,
      checkpoint,
    };
  },
};
