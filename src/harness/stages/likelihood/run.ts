/** The variational bound of every trained diffusion model on test images: how well it explains unseen images. */

import { toFloat } from "../../../core/images.ts";
import { rng } from "../../../core/rng.ts";
import { bootstrapInterval, mean } from "../../../core/statistics/index.ts";
import type { LikelihoodRecord } from "../../record/index.ts";
import { defineStage } from "../shared/define.ts";
import { targetsOf } from "../shared/judge.ts";
import { createModel } from "../shared/models.ts";
import { openModel } from "../shared/open.ts";
import { noisingModels, perModelAndSeed, trainingOf } from "../shared/plan.ts";
import { checkShownImages, floorSet } from "../shared/sets.ts";
import { stepsAtEqualDistances } from "../shared/training.ts";
import { modelOf, samplingWork } from "../shared/work.ts";

const CONFIDENCE = 0.95;
/** Stretches of steps that the profile averages over, at most. */
const MOST_STRETCHES = 50;

export const likelihoodStage = defineStage({
  kind: "likelihood",
  title: "bounds the likelihood of test images under each diffusion model, in bits per dimension",

  options: ({ stages }) => stages.likelihood,

  plan: (likelihood, config) =>
    perModelAndSeed(config, "likelihood", noisingModels(config), (id, seed) => ({
      needs: trainingOf(config, id, seed),
      settings: likelihood,
    })),

  check: ({ images }, dataset) => checkShownImages("likelihood.images", images, dataset),

  work({ images }, cell, config, models) {
    const facts = modelOf(cell, models);
    const { diffusion } = createModel(config, facts.id, facts.classes);
    return samplingWork(facts, images * diffusion!.timesteps);
  },

  async run(context, { images: count, batch }) {
    const { engine, progress } = context;
    const { id, seed, model, weights } = await openModel(context);
    const dataset = await context.dataset();
    const shown = floorSet(dataset, count);
    const stream = rng(seed).fold("likelihood");
    const { prior, terms } = await model.diffusion!.bound(engine, weights, {
      images: toFloat(shown.images),
      labels: model.classes > 0 ? targetsOf(dataset, shown).labels : undefined,
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
});

/** Means over stretches of steps about as long as each other, with the step, from 1, at which each ends. */
export function profileOf(perStep: readonly number[]): LikelihoodRecord["profile"] {
  const ends = stepsAtEqualDistances(perStep.length, MOST_STRETCHES);
  return { steps: ends, bits: ends.map((end, i) => mean(perStep.slice(i === 0 ? 0 : ends[i - 1]!, end))) };
}
