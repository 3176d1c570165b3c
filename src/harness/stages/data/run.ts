/**
 * How much data a model needs: quality over training at growing training-set sizes, at one budget, against one reference;
 * the best snapshot, chosen on images that only choose, beside the final one, because a small set is learned by heart; and
 * whether samples are copies of the training images.
 */
import { assert, BenchError } from "../../../core/errors.ts";
import type { ByteImages } from "../../../core/images.ts";
import { rng } from "../../../core/rng.ts";
import { metricsFor } from "../../../metrics/index.ts";
import type { State } from "../../../models/index.ts";
import type { Split } from "../../datasets/contract.ts";
import { takeSplit } from "../../datasets/index.ts";
import type { ScoredSnapshot } from "../../record/index.ts";
import type { ModelConfig, SuiteConfig } from "../../suite/index.ts";
import { defineStage } from "../shared/define.ts";
import { judging } from "../shared/judges.ts";
import { createModel, dataSettings, modelConfig, scoringSetting, trainingSteps } from "../shared/models.ts";
import { publishNeighbours } from "../shared/neighbours.ts";
import { cellIds, freshModels, namedModels, seedsOf } from "../shared/plan.ts";
import { metricOf, NOT_SAMPLED, type Sampled } from "../shared/quality.ts";
import { sampleImages } from "../shared/sampling.ts";
import { openScorer } from "../shared/scoring.ts";
import { checkTestImages, floorImages } from "../shared/sets.ts";
import { outcomeOf, snapshotSteps, trainModel } from "../shared/training.ts";
import { addWork, evaluationsOf, modelOf, samplingWork, trainingWork } from "../shared/work.ts";

function configured(config: SuiteConfig, id: string, images: number | undefined): ModelConfig {
  const model = modelConfig(config, id);
  return { ...model, images: images ?? model.images };
}

/**
 * The first `size` of a permutation of the training images, so that the smaller set lies within the larger. Each training
 * seed has a permutation of its own: what one lucky draw of images says of data is not said by every seed.
 */
export function trainingSubset(split: Split, { size, seed }: { size: number; seed: number }): Split {
  const indices = rng(seed).fold("training-set size").permutation(split.images.count).slice(0, size);
  return takeSplit(split, indices);
}

export const dataStage = defineStage({
  kind: "data",
  title: "trains each model on growing training sets at one budget: quality over training, and copying",

  options: ({ stages }) => stages.data,

  plan: ({ sizes, seeds, n, checkpoints, images, models }, config) =>
    namedModels(freshModels(config), models).flatMap((model) =>
      sizes.flatMap((size) =>
        seedsOf(config, seeds).map((seed) => {
          const { tuning: _, ...settings } = configured(config, model, images);
          return {
            id: cellIds.data(model, size, seed),
            needs: judging(config).needs,
            settings: {
              judge: judging(config).judge,
              model,
              seed,
              size,
              n,
              checkpoints,
              config: settings,
              data: dataSettings(config),
            },
          };
        }),
      ),
    ),

  check({ n, sizes }, dataset) {
    checkTestImages("data", n, dataset);
    const tooLarge = sizes.find((size) => size > dataset.train);
    if (tooLarge !== undefined)
      throw new BenchError(
        "BAD_CONFIG",
        `stages.data.sizes asks for ${tooLarge} training images, and ${dataset.name} has ${dataset.train}. ` +
          `Give sizes of at most ${dataset.train}.`,
      );
  },

  work({ images, n, checkpoints }, cell, config, facts) {
    const model = modelOf(cell, facts);
    const training = configured(config, model.id, images);
    const sampled = n * (checkpoints + 2) * evaluationsOf([scoringSetting(training)]);
    return addWork(trainingWork(model, training.images), samplingWork(model, sampled));
  },

  async run(context, { images: budget, n, checkpoints }) {
    const { cell, config, labels } = context;
    const { model: id, seed, size } = cell.settings;
    const model = createModel(config, id, labels);
    const training = configured(config, id, budget);
    const dataset = await context.dataset();
    const split = trainingSubset(dataset.train, cell.settings);
    const scorer = await openScorer(context, model, training, n);
    const snapshots: ScoredSnapshot[] = [];
    const validation: { step: number; fid: number }[] = [];
    let chosen: { step: number; fid: number; weights: State } | undefined;
    const draw = async (weights: State, stream: string) => {
      const request = { setting: scoringSetting(training), stream: rng(seed).fold("score").fold(stream), n };
      const { images, made } = await sampleImages(context, { model, weights }, request);
      return { sample: await scorer.judge(images), made };
    };
    const trained = await trainModel({
      context,
      id,
      model,
      configured: training,
      seed,
      dataset,
      split,
      snapshots: {
        at: snapshotSteps(trainingSteps(training), checkpoints),
        async take({ step, seconds, state }) {
          const weights = model.samplingWeights(state);
          const { sample, made } = await draw(weights, `step ${step}`);
          const quality = await scorer.quality(sample, made, { metrics: metricsFor("snapshot") });
          snapshots.push({ step, imagesSeen: step * training.batch, seconds, quality });
          const choosing = await scorer.quality(sample, made, { against: scorer.choosing, metrics: ["fid"] });
          const fid = metricOf(choosing, "fid");
          validation.push({ step, fid });
          if (!chosen || fid < chosen.fid) chosen = { step, fid, weights };
        },
      },
    });
    const facts = {
      kind: "data" as const,
      model: id,
      seed,
      trainImages: size,
      ...outcomeOf(trained, training),
    };
    if (trained.outcome === "diverged") return { ...facts, snapshots: [] };
    const weights = model.samplingWeights(trained.state);
    const { images, made } = await sampleImages(
      context,
      { model, weights },
      { setting: scoringSetting(training), stream: rng(seed).fold("copying"), n },
    );
    const against = await scorer.judge(split.images);
    const compared = async (set: ByteImages, how: Sampled) =>
      scorer.copying(await scorer.judge(set), how, against);
    const copying = await compared(images, made);
    const freshCopying = await compared(floorImages(dataset, n), NOT_SAMPLED);
    assert(chosen, "a training without a snapshot");
    const fresh = await draw(chosen.weights, `fresh ${chosen.step}`);
    const best = {
      step: chosen.step,
      quality: await scorer.quality(fresh.sample, fresh.made, { metrics: metricsFor("snapshot") }),
    };
    scorer.dispose();
    const path = `samples/${cell.id.replaceAll("/", "-")}-nearest.png`;
    const neighbours = await publishNeighbours(context.out, path, images, split.images);
    return { ...facts, snapshots, validation, best, copying, freshCopying, neighbours };
  },
});
