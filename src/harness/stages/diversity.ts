/** Quality and coverage of a trained model at every sampling setting of the suite, from the same seeds at each. */

import { BenchError } from "../../core/errors.ts";
import { rng } from "../../core/rng.ts";
import type { Quality } from "../record/schema.ts";
import { openJudge } from "./classifier.ts";
import type { PlannedCell, Stage } from "./contract.ts";
import { createModel, modelConfig, samplerSettings, trainedWeights } from "./models.ts";
import { cellIds } from "./names.ts";
import { measureQuality, protocolOf, publishGrid, referenceImages } from "./quality.ts";
import { generateImages } from "./sampling.ts";
import { perModelAndSeed } from "./train.ts";

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

  async run({ cell, config, out, engine, dataset: load, record, progress }) {
    const { model: id, seed } = cell.settings as { model: string; seed: number };
    const diversity = config.stages.diversity!;
    const trained = record("train", cellIds.train(id, seed));
    if (trained.outcome === "diverged")
      throw new BenchError(
        "DIVERGED",
        `${id} diverged: ${trained.divergence?.reason ?? "no reason was recorded"}`,
      );
    const model = createModel(config, id);
    const weights = await trainedWeights(out, model, trained);
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
      const images = await generateImages(generator, stream, diversity.n, (done) =>
        progress({
          done: before + setting.steps * (done / diversity.n),
          total: evaluations,
          note: `${setting.sampler} ${setting.steps}`,
        }),
      );
      generator.dispose();
      before += setting.steps;
      const name = setting.sampler === "none" ? "one-pass" : `${setting.sampler}-${setting.steps}`;
      const caption = setting.sampler === "none" ? "one pass" : `${setting.sampler}, ${setting.steps} steps`;
      const path = `samples/${id}-seed-${seed}-${name}.png`;
      const picture = await publishGrid(out, path, images, diversity.grid, caption);
      qualities.push(await measureQuality(judge, images, reference, setting, protocol, picture));
    }
    judge.dispose();
    return { kind: "diversity", model: id, seed, settings: qualities };
  },
};
