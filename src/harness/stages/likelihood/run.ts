/** The variational bound of every trained diffusion model on test images: how well it explains what it never saw. */

import { BenchError } from "../../../core/errors.ts";
import { takeImages, toFloat } from "../../../core/images.ts";
import { rng } from "../../../core/rng.ts";
import { bootstrapInterval, mean } from "../../../core/statistics/index.ts";
import type { LikelihoodRecord } from "../../record/index.ts";
import { targetsOf } from "../classifier/run.ts";
import type { PlannedCell, Stage } from "../contract.ts";
import { noisingModels, stepsAtEqualDistances } from "../forward/run.ts";
import { createModel, trainedWeights } from "../shared/models.ts";
import { cellIds } from "../shared/names.ts";
import { modelOf, samplingWork } from "../shared/work.ts";
import { perModelAndSeed, refuseDiverged } from "../train/run.ts";

const CONFIDENCE = 0.95;
/** Stretches of steps that the profile averages over, at most. */
const MOST_STRETCHES = 50;

export const likelihoodStage: Stage = {
  kind: "likelihood",
  title: "bounds the likelihood of test images under each diffusion model, in bits per dimension",

  plan(config) {
    const { likelihood } = config.stages;
    if (!likelihood) return [];
    const able = noisingModels(config);
    return perModelAndSeed(
      config,
      (model, seed): PlannedCell => ({
        id: cellIds.likelihood(model, seed),
        kind: "likelihood",
        needs: [cellIds.train(model, seed)],
        settings: { model, seed, ...likelihood },
      }),
    ).filter(({ settings }) => able.includes(String(settings.model)));
  },

  check(config, dataset) {
    const { likelihood } = config.stages;
    if (likelihood && likelihood.images > dataset.test)
      throw new BenchError(
        "BAD_CONFIG",
        `stages.likelihood.images is ${likelihood.images}, and ${dataset.name} has ${dataset.test} test images`,
      );
  },

  work(cell, config, models) {
    const facts = modelOf(cell, models);
    const { diffusion } = createModel(config, facts.id, facts.classes);
    return samplingWork(facts, config.stages.likelihood!.images * diffusion!.timesteps);
  },

  async run(context): Promise<LikelihoodRecord> {
    const { cell, config, labels, out, engine, dataset: load, record, progress } = context;
    const { model: id, seed } = cell.settings as { model: string; seed: number };
    const { images: count, batch } = config.stages.likelihood!;
    const trained = record("train", cellIds.train(id, seed));
    refuseDiverged(trained);
    const model = createModel(config, id, labels);
    const weights = await trainedWeights(out, model, trained.checkpoint);
    const dataset = await load();
    const stream = rng(seed).fold("likelihood");
    const indices = Uint32Array.from({ length: count }, (_, i) => i);
    const { prior, terms } = await model.diffusion!.bound(engine, weights, {
      images: toFloat(takeImages(dataset.test.images, indices)),
      labels: model.classes > 0 ? targetsOf(dataset, dataset.test).labels.subarray(0, count) : undefined,
      stream,
      batch,
      onStep: (done, total) => progress({ done, total, note: `${id} bits per dimension` }),
    });
    const totals = Array.from(prior, (bits, i) => terms[i]!.reduce((sum, term) => sum + term, bits));
    const interval = bootstrapInterval(totals, mean, {
      confidence: CONFIDENCE,
      stream: stream.fold("bootstrap"),
    });
    const steps = model.diffusion!.timesteps;
    const perStep = Array.from({ length: steps }, (_, t) => mean(terms.map((row) => row[t]!)));
    return {
      kind: "likelihood",
      model: id,
      seed,
      images: count,
      bitsPerDimension: { value: mean(totals), ...interval, confidence: CONFIDENCE },
      prior: mean(prior),
      decoder: perStep[0]!,
      between: perStep.slice(1).reduce((sum, bits) => sum + bits, 0),
      profile: profileOf(perStep),
    };
  },
};

/** Means over stretches of steps about as long as each other, with the step, from 1, at which each ends. */
export function profileOf(perStep: readonly number[]): LikelihoodRecord["profile"] {
  const ends = stepsAtEqualDistances(perStep.length, MOST_STRETCHES);
  return { steps: ends, bits: ends.map((end, i) => mean(perStep.slice(i === 0 ? 0 : ends[i - 1]!, end))) };
}
