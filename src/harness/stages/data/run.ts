/**
 * What a family needs: quality over training at growing training-set sizes, at one budget, against one reference; and
 * whether its samples are copies of the training images.
 */
import { BenchError } from "../../../core/errors.ts";
import { type ByteImages, takeImages } from "../../../core/images.ts";
import { rng } from "../../../core/rng.ts";
import type { Split } from "../../datasets/contract.ts";
import type { DataRecord, ScoredSnapshot } from "../../record/index.ts";
import type { SuiteConfig } from "../../suite/index.ts";
import type { PlannedCell, Stage } from "../contract.ts";
import { freshModels } from "../sensitivity/run.ts";
import { createModel, dataSettings, modelConfig, scoringSetting, trainingSteps } from "../shared/models.ts";
import { cellIds } from "../shared/names.ts";
import { publishNeighbours } from "../shared/neighbours.ts";
import { checkTestImages, protocolOf, qualityOf, referenceImages, type Sampled } from "../shared/quality.ts";
import { generateImages, sampledLabels } from "../shared/sampling.ts";
import { openScorer } from "../shared/scoring.ts";
import { snapshotSteps, trainModel } from "../shared/training.ts";
import { addWork, modelOf, samplingWork, trainingWork } from "../shared/work.ts";
import { seedsOf } from "../train/run.ts";

const SAMPLING_BATCH = 64;
const NOT_SAMPLED: Sampled = { sampler: "none", steps: 0, networkEvaluations: 0 };
const COPYING_METRICS = ["authpct", "memorisation"] as const;

function configured(config: SuiteConfig, id: string) {
  const model = modelConfig(config, id);
  return { ...model, images: config.stages.data?.images ?? model.images };
}

/** The first `count` of one permutation of the training images, so that the smaller set lies within the larger. */
export function trainingSubset(split: Split, count: number, seed: number): Split {
  const indices = rng(seed).fold("training-set size").permutation(split.images.count).slice(0, count);
  const { images, labels, modes } = split;
  return {
    images: takeImages(images, indices),
    labels:
      labels.constructor === Uint8Array
        ? Uint8Array.from(indices, (i) => labels[i]!)
        : (Uint16Array.from(indices, (i) => labels[i]!) as unknown as Split["labels"]),
    modes: modes ? Uint16Array.from(indices, (i) => modes[i]!) : undefined,
  };
}

export const dataStage: Stage = {
  kind: "data",
  title: "trains each model on growing training sets at one budget: quality over training, and copying",

  plan(config) {
    const { data } = config.stages;
    if (!data) return [];
    return freshModels(config, data.models).flatMap((model) =>
      data.sizes.flatMap((size) =>
        seedsOf(config, data.seeds).map((seed): PlannedCell => {
          const { tuning: _, ...settings } = configured(config, model);
          return {
            id: cellIds.data(model, size, seed),
            kind: "data",
            needs: [cellIds.classifier],
            settings: {
              model,
              seed,
              size,
              n: data.n,
              checkpoints: data.checkpoints,
              config: settings,
              data: dataSettings(config),
            },
          };
        }),
      ),
    );
  },

  check({ stages: { data } }, dataset) {
    if (!data) return;
    checkTestImages("data", data.n, dataset);
    const tooLarge = data.sizes.find((size) => size > dataset.train);
    if (tooLarge !== undefined)
      throw new BenchError(
        "BAD_CONFIG",
        `stages.data.sizes asks for ${tooLarge} training images, and ${dataset.name} has ${dataset.train}. ` +
          `Give sizes of at most ${dataset.train}.`,
      );
  },

  work(cell, config, models) {
    const model = modelOf(cell, models);
    const { images } = configured(config, model.id);
    const { n = 0, checkpoints = 0 } = config.stages.data ?? {};
    const { steps } = scoringSetting(modelConfig(config, model.id));
    return addWork(trainingWork(model, images), samplingWork(model, n * (checkpoints + 1) * steps));
  },

  async run(context): Promise<DataRecord> {
    const { cell, config, labels, dataset: load } = context;
    const { model: id, seed, size } = cell.settings as { model: string; seed: number; size: number };
    const { n, checkpoints } = config.stages.data!;
    const model = createModel(config, id, labels);
    const budget = configured(config, id);
    const dataset = await load();
    const split = trainingSubset(dataset.train, size, config.dataset.seed);
    const scorer = await openScorer(context, dataset, model, budget, { seed, n });
    const snapshots: ScoredSnapshot[] = [];
    const trained = await trainModel({
      context,
      id,
      model,
      configured: budget,
      seed,
      dataset,
      split,
      snapshots: {
        at: snapshotSteps(trainingSteps(budget), checkpoints),
        async take({ step, seconds, state }) {
          const quality = await scorer.score(model.samplingWeights(state), { stream: `step ${step}` });
          snapshots.push({ step, imagesSeen: step * budget.batch, seconds, quality });
        },
      },
    });
    const facts = {
      kind: "data" as const,
      model: id,
      seed,
      trainImages: size,
      outcome: trained.outcome,
      divergence: trained.divergence,
      imagesSeen: trained.steps * budget.batch,
      seconds: trained.seconds,
    };
    if (trained.outcome === "diverged") return { ...facts, snapshots: [] };
    const weights = model.samplingWeights(trained.state);
    const generator = await model.generator(context.engine, weights, scoringSetting(budget), SAMPLING_BATCH);
    const stream = rng(seed).fold("copying");
    const images = await generateImages(generator, stream, n, sampledLabels(model, dataset, stream));
    const made = { ...scorer.setting, networkEvaluations: generator.networkEvaluations };
    generator.dispose();
    const training = await scorer.judge.judge(split.images);
    const compared = async (set: ByteImages, how: Sampled) =>
      qualityOf(await scorer.judge.judge(set), training, how, protocolOf(dataset, { n, k: 1 }), {
        metrics: COPYING_METRICS,
      });
    const copying = await compared(images, made);
    const freshCopying = await compared(referenceImages(dataset, n), NOT_SAMPLED);
    scorer.dispose();
    const path = `samples/${cell.id.replaceAll("/", "-")}-nearest.png`;
    const neighbours = await publishNeighbours(context.out, path, images, split.images);
    return { ...facts, snapshots, copying, freshCopying, neighbours };
  },
};
