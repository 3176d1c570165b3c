/** The frozen judge: one small classifier per dataset and size, whose features and classes every quality metric uses. */
import { assert } from "../../../core/errors.ts";
import { type ByteImages, takeImages, toFloat } from "../../../core/images.ts";
import type { Engine } from "../../../engine/contract.ts";
import type { Features, Sample } from "../../../metrics/contract.ts";
import { type Classifier, createClassifier, type State } from "../../../models/index.ts";
import { readTensors } from "../../checkpoints/files.ts";
import type { Dataset, Split } from "../../datasets/contract.ts";
import type { ClassifierRecord } from "../../record/index.ts";
import type { CellContext } from "../contract.ts";
import { fullBatches } from "./batches.ts";
import { cellIds } from "./plan.ts";

const EVALUATION_BATCH = 100;

/** The labels that classifiers and conditional models learn: the true modes where they are known, else the classes. */
export function targetsOf(dataset: Dataset, split: Split) {
  return dataset.modes && split.modes
    ? { target: "mode" as const, names: dataset.modes, labels: split.modes }
    : { target: "class" as const, names: dataset.classes, labels: split.labels };
}

export type Architecture = ClassifierRecord["architecture"];

/** The data that the classifier learns from: single channels where each is an image of its own. */
export const learnedData = (dataset: Dataset): Dataset => dataset.channelwise ?? dataset;

export function classifierFor(dataset: Dataset, architecture: Architecture): Classifier {
  const { names } = targetsOf(dataset, dataset.train);
  const { size, channels } = dataset;
  return createClassifier({ size, channels, classes: names.length, architecture });
}

/** A sample's features [count, 64] and class probabilities, with the most likely class of each image. */
export type Classified = Sample & { readonly assignments: Uint16Array };

export interface Judge {
  judge(images: ByteImages): Promise<Classified>;
  dispose(): void;
}

/**
 * Judges in batches of a fixed size. `scale` multiplies every feature; it is chosen so that the mean square of a feature
 * of real training images is 1, which makes distances of different classifiers comparable.
 */
export async function createJudge(engine: Engine, classifier: Classifier, weights: State, scale: number) {
  const { program, signature } = classifier.evaluation;
  const compiled = await engine.compile("classify", program, signature(EVALUATION_BATCH), {
    constants: weights,
  });
  const { featureWidth: width, classes } = classifier;
  return {
    async judge(images: ByteImages) {
      const { count, height, channels } = images;
      const data = new Float64Array(count * width);
      const assignments = new Uint16Array(count);
      const probabilities = new Float64Array(count * classes);
      for (const { from, used, indices } of fullBatches(count, EVALUATION_BATCH)) {
        const batch = toFloat(takeImages(images, indices));
        const input = { shape: [batch.count, height, images.width, channels], data: batch.data };
        const { features, logits } = await compiled.run({ images: input });
        const rows = (await features!.read()).subarray(0, used * width);
        for (let i = 0; i < rows.length; i++) data[from * width + i] = scale * rows[i]!;
        const scores = await logits!.read();
        for (let i = 0; i < used; i++) {
          assignments[from + i] = indexOfLargest(scores, i * classes, classes);
          const row = probabilities.subarray((from + i) * classes, (from + i + 1) * classes);
          softmax(scores.subarray(i * classes, (i + 1) * classes), row);
        }
        features!.dispose();
        logits!.dispose();
      }
      return {
        features: { data, count, width },
        assignments,
        probabilities: { data: probabilities, count, classes },
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

/** The judge that cell `id`, a classifier, has published. */
export async function openJudge(
  { engine, out, record, dataset }: CellContext,
  id: string = cellIds.classifier,
): Promise<Judge> {
  const { checkpoint, architecture } = record("classifier", id);
  const { tensors } = await readTensors(out, checkpoint);
  return judgeOf(engine, await dataset(), tensors, checkpoint.path, architecture);
}

/** The judge of tensors that `trainJudge` gave for a dataset of this size and these classes; `from` names their file. */
export async function judgeOf(
  engine: Engine,
  dataset: Dataset,
  tensors: State,
  from: string,
  architecture: Architecture = "convolutional",
): Promise<Judge> {
  const { feature_scale, ...weights } = tensors;
  assert(feature_scale, `${from} has no feature_scale`);
  const classifier = classifierFor(learnedData(dataset), architecture);
  const judge = await createJudge(engine, classifier, weights, feature_scale.data[0]!);
  return dataset.channelwise ? channelwiseJudge(judge, classifier.classes) : judge;
}

/**
 * A judge of stacked images from a judge of single channels: the features are concatenated, and the channels' classes are
 * the digits of the mode. It gives no probabilities of modes.
 */
function channelwiseJudge(judge: Judge, classes: number): Judge {
  return {
    async judge(images) {
      const { count, channels } = images;
      const assignments = new Uint16Array(count);
      const parts: Features[] = [];
      for (let channel = 0; channel < channels; channel++) {
        const judged = await judge.judge(channelOf(images, channel));
        for (let i = 0; i < count; i++) assignments[i] = assignments[i]! * classes + judged.assignments[i]!;
        parts.push(judged.features);
      }
      const { width } = parts[0]!;
      const data = new Float64Array(count * width * channels);
      for (let i = 0; i < count; i++)
        for (const [channel, part] of parts.entries())
          data.set(part.data.subarray(i * width, (i + 1) * width), (i * channels + channel) * width);
      return { features: { data, count, width: width * channels }, assignments };
    },
    dispose: () => judge.dispose(),
  };
}

/** One channel of the images, as grey images. */
export function channelOf(images: ByteImages, channel: number): ByteImages {
  const data = new Uint8Array(images.data.length / images.channels);
  for (let i = 0; i < data.length; i++) data[i] = images.data[i * images.channels + channel]!;
  return { ...images, data, channels: 1 };
}
