/** Trains the judge of every metric, and a second one of another architecture where labels are asked for. */
import { type BenchError, badConfig } from "../../../core/errors.ts";
import { formatList } from "../../../core/format.ts";
import type { ByteImages } from "../../../core/images.ts";
import { rng } from "../../../core/rng.ts";
import { mean } from "../../../core/statistics/index.ts";
import type { Engine } from "../../../engine/contract.ts";
import type { Classifier, State } from "../../../models/index.ts";
import { publishTensors } from "../../checkpoints/files.ts";
import type { Dataset } from "../../datasets/contract.ts";
import type { SuiteConfig } from "../../suite/index.ts";
import type { Progress, Stage } from "../contract.ts";
import { firstImages } from "../shared/batches.ts";
import { defineStage } from "../shared/define.ts";
import {
  type Architecture,
  classifierFor,
  createJudge,
  judgeOf,
  learnedData,
  targetsOf,
} from "../shared/judge.ts";
import { dataSettings, trainingSteps } from "../shared/models.ts";
import { cellIds } from "../shared/plan.ts";
import { checkJudgeImages, judgeSets } from "../shared/sets.ts";
import { trainClassifier } from "../shared/train-classifier.ts";
import { noWork } from "../shared/work.ts";

/** Images whose features set the scale. */
const SCALING_IMAGES = 2000;

async function featureScale(engine: Engine, classifier: Classifier, weights: State, images: ByteImages) {
  const judge = await createJudge(engine, classifier, weights, 1);
  const { features } = await judge.judge(firstImages(images, SCALING_IMAGES));
  judge.dispose();
  return Math.fround(1 / Math.sqrt(mean(features.data.map((x) => x * x))));
}

/** Trains the classifier of a dataset on its training images but the held-out ones, and scores it on those. */
export async function trainJudge(
  engine: Engine,
  dataset: Dataset,
  settings: SuiteConfig["classifier"],
  progress: (progress: Progress) => void,
  architecture: Architecture = "convolutional",
) {
  const { batch, images, seed } = settings;
  const data = learnedData(dataset);
  const classifier = classifierFor(data, architecture);
  const { learned } = judgeSets(data);
  const { weights, seconds } = await trainClassifier(engine, {
    classifier,
    learned: { images: learned.images, labels: targetsOf(data, learned).labels },
    batch,
    images,
    stream: rng(seed).fold("classifier"),
    progress,
  });
  const scale = await featureScale(engine, classifier, weights, learned.images);
  const tensors = { ...weights, feature_scale: { shape: [], data: Float32Array.of(scale) } };
  const accuracy = async (of: Dataset) => {
    const judge = await judgeOf(engine, of, tensors, "the classifier just trained", architecture);
    const { heldOut } = judgeSets(of);
    const { assignments } = await judge.judge(heldOut.images);
    judge.dispose();
    const { labels } = targetsOf(of, heldOut);
    return assignments.filter((assigned, i) => assigned === labels[i]).length / assignments.length;
  };
  return {
    /** Weights and `feature_scale`, for `judgeOf`. */
    tensors,
    /** What the classes are. */
    target: targetsOf(dataset, dataset.train).target,
    /** Share of the dataset's held-out images that are classified correctly. */
    accuracy: await accuracy(dataset),
    /** Where a mode is the classes of the channels: share of single channels that are classified correctly. */
    channelAccuracy: dataset.channelwise && (await accuracy(data)),
    imagesSeen: trainingSteps(settings) * batch,
    parameters: classifier.parameters,
    featureWidth: classifier.featureWidth * (dataset.channelwise ? dataset.channels : 1),
    seconds,
  };
}

const architectures = [
  { id: cellIds.classifier, architecture: "convolutional" },
  { id: cellIds.secondClassifier, architecture: "perceptron" },
] as const;

const isClassifier = (id: string) => architectures.some((architecture) => architecture.id === id);

const withoutClasses = (name: string, readBy: readonly Stage[]): BenchError =>
  badConfig(
    `${name} has one class, so no classifier can judge its images, and these stages read one: ` +
      `${formatList(readBy.map(({ kind }) => kind))}. Set judge to [pixels] or [onnx:FILE]; stages.control takes classes.`,
  );

/** The classifiers that cells of these stages read. */
export const classifierStage = (readers: readonly Stage[]) =>
  defineStage({
    kind: "classifier",
    common: true,
    title: "trains the classifier that gives features and modes, and scores it on held-out images",

    options: (config) => config.classifier,

    plan(classifier, config) {
      const needed = new Set(readers.flatMap((stage) => stage.plan(config).flatMap(({ needs }) => needs)));
      return architectures
        .filter(({ id }) => needed.has(id))
        .map(({ id, architecture }) => ({
          id,
          needs: [],
          settings: { classifier, architecture, data: dataSettings(config) },
        }));
    },

    check(_classifier, dataset, config) {
      const readBy = readers.filter((stage) =>
        stage.plan(config).some(({ needs }) => needs.some((id) => isClassifier(id))),
      );
      if (readBy.length === 0) return;
      if (dataset.modes.length < 2) throw withoutClasses(dataset.name, readBy);
      checkJudgeImages(dataset);
    },

    work: (classifier) => ({ ...noWork, trainingImages: trainingSteps(classifier) * classifier.batch }),

    async run({ cell, out, engine, dataset: load, progress }, classifier) {
      const { architecture } = cell.settings;
      const trained = await trainJudge(engine, await load(), classifier, progress, architecture);
      const { tensors, target, ...facts } = trained;
      const checkpoint = await publishTensors(
        out,
        `checkpoints/${cell.id.replaceAll("/", "-")}.safetensors`,
        {
          tensors,
          metadata: { target, seed: String(classifier.seed) },
        },
      );
      return {
        kind: "classifier",
        target,
        architecture,
        trainingSeed: classifier.seed,
        ...facts,
        weights: checkpoint.sha256,
        checkpoint,
      };
    },
  });
