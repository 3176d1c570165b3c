/** Quality and coverage of a trained model at every sampling setting of the suite, from the same seeds at each. */

import { toBytes } from "../../../core/images.ts";
import { rng } from "../../../core/rng.ts";
import type { Engine } from "../../../engine/contract.ts";
import type { Model, SamplerSetting, State } from "../../../models/index.ts";
import type { Dataset } from "../../datasets/contract.ts";
import type { Grid, Quality } from "../../record/index.ts";
import { openJudge } from "../classifier/run.ts";
import type { PlannedCell, Stage } from "../contract.ts";
import {
  createModel,
  modelConfig,
  recorded,
  samplerSettings,
  scoringSetting,
  trainedWeights,
} from "../shared/models.ts";
import { cellIds } from "../shared/names.ts";
import { publishNeighbours, SHOWN } from "../shared/neighbours.ts";
import { measureQuality, protocolOf, publishGrid, referenceImages } from "../shared/quality.ts";
import { generateImages, sampledLabels } from "../shared/sampling.ts";
import { modelOf, samplingWork, stepsOf } from "../shared/work.ts";
import { perModelAndSeed, refuseDiverged } from "../train/run.ts";

/** Of how a model makes an image. */
const ILLUSTRATION = { rows: 4, columns: 10 };

export const diversityStage: Stage = {
  kind: "diversity",
  title: "measures quality, diversity and modes of each model at every sampler and step count",

  plan: (config) =>
    config.stages.diversity
      ? perModelAndSeed(
          config,
          (model, seed): PlannedCell => ({
            id: cellIds.diversity(model, seed),
            kind: "diversity",
            needs: [cellIds.classifier, cellIds.train(model, seed)],
            settings: {
              model,
              seed,
              sampling: modelConfig(config, model).sampling,
              ...config.stages.diversity,
            },
          }),
        )
      : [],

  work: (cell, { models: configured, stages: { diversity } }, models) => {
    const model = modelOf(cell, models);
    const scored = scoringSetting(configured[model.id]!).steps;
    const pictures = (SHOWN + ILLUSTRATION.rows) * scored;
    return samplingWork(model, (diversity?.n ?? 0) * stepsOf(configured[model.id]!.sampling) + pictures);
  },

  async run({ cell, config, labels, out, engine, dataset: load, record, progress }) {
    const { model: id, seed } = cell.settings as { model: string; seed: number };
    const diversity = config.stages.diversity!;
    const trained = record("train", cellIds.train(id, seed));
    refuseDiverged(trained);
    const model = createModel(config, id, labels);
    const weights = await trainedWeights(out, model, trained.checkpoint);
    const dataset = await load();
    const judge = await openJudge(engine, out, dataset, record("classifier", cellIds.classifier));
    const protocol = protocolOf(dataset, diversity);
    const reference = await judge.judge(referenceImages(dataset, diversity.n));
    const settings = samplerSettings(modelConfig(config, id).sampling);
    const evaluations = settings.reduce((sum, { steps }) => sum + steps, 0);
    const qualities: Quality[] = [];
    let before = 0;
    for (const setting of settings) {
      const generator = await model.generator(engine, weights, setting, diversity.batch);
      const stream = rng(seed).fold("sample");
      const named = recorded(setting);
      const labelOf = sampledLabels(model, dataset, stream);
      const images = await generateImages(generator, stream, diversity.n, labelOf, (done) =>
        progress({
          done: before + setting.steps * (done / diversity.n),
          total: evaluations,
          note: `${named.sampler} ${setting.steps}`,
        }),
      );
      const { networkEvaluations } = generator;
      generator.dispose();
      before += setting.steps;
      const onePass = setting.sampler === "none";
      const name = onePass ? "one-pass" : `${fileName(named.sampler)}-${setting.steps}`;
      const caption = onePass ? "one pass" : `${named.sampler}, ${setting.steps} steps`;
      const path = `samples/${id}-seed-${seed}-${name}.png`;
      const picture = await publishGrid(out, path, images, diversity.grid, caption);
      qualities.push(
        await measureQuality(judge, images, reference, { ...named, networkEvaluations }, protocol, {
          picture,
        }),
      );
    }
    judge.dispose();
    const task = { engine, out, model, weights, dataset, setting: scoringSetting(modelConfig(config, id)) };
    const name = `samples/${id}-seed-${seed}`;
    return {
      kind: "diversity",
      model: id,
      seed,
      settings: qualities,
      illustration: await publishIllustration(task, `${name}-illustration.png`, seed),
      neighbours: await publishNearest(task, `${name}-nearest.png`, seed),
    };
  },
};

/** A setting's label as part of a file name. */
const fileName = (label: string): string => label.replaceAll(/[^a-z0-9.+-]+/gi, "-");

interface Picturing {
  readonly engine: Engine;
  readonly out: string;
  readonly model: Model;
  readonly weights: State;
  readonly dataset: Dataset;
  readonly setting: SamplerSetting;
}

/** How the model makes an image, at the setting that it is scored at. */
async function publishIllustration(task: Picturing, path: string, seed: number): Promise<Grid> {
  const { engine, out, model, weights, setting } = task;
  const stream = rng(seed).fold("illustration");
  const { images, rows, columns, caption } = await model.illustrate(
    engine,
    weights,
    setting,
    stream,
    ILLUSTRATION,
  );
  return publishGrid(out, path, toBytes(images), rows * columns, caption, columns);
}

/** The first samples at the setting that the model is scored at, each above its nearest training image. */
async function publishNearest(task: Picturing, path: string, seed: number): Promise<Grid> {
  const { engine, out, model, weights, dataset, setting } = task;
  const stream = rng(seed).fold("sample");
  const generator = await model.generator(engine, weights, setting, SHOWN);
  const images = await generateImages(generator, stream, SHOWN, sampledLabels(model, dataset, stream));
  generator.dispose();
  return publishNeighbours(out, path, images, dataset.train.images);
}
