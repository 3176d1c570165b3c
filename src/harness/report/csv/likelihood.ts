import { records } from "../analysis/index.ts";
import * as c from "./columns.ts";
import { table } from "./table.ts";

const bits = (meaning: string) => ({ unit: "bits per dimension", meaning });

export const likelihood = table({
  describe:
    "Variational bound on the negative log-likelihood of test images; one row a diffusion model and seed.",
  columns: {
    model: c.model,
    seed: c.seed,
    images: { unit: "images", meaning: "test images that the bound is taken over" },
    bits_per_dimension: bits("the whole bound"),
    low: bits("lower end of its interval over images"),
    high: bits("upper end of its interval over images"),
    confidence: c.confidence,
    prior: bits("divergence at the last step"),
    between: bits("sum over the steps between"),
    decoder: bits("decoder's part at the first step"),
  },
  rows(_run, cells) {
    return records(cells, "likelihood").map((record) => ({
      model: record.model,
      seed: record.seed,
      images: record.images,
      bits_per_dimension: record.bitsPerDimension.value,
      low: record.bitsPerDimension.low,
      high: record.bitsPerDimension.high,
      confidence: record.bitsPerDimension.confidence,
      prior: record.prior,
      between: record.between,
      decoder: record.decoder,
    }));
  },
});

export const likelihoodProfile = table({
  describe: "Where the bound lies; one row a diffusion model, seed and stretch of steps.",
  columns: {
    model: c.model,
    seed: c.seed,
    up_to_step: { meaning: "last step of the stretch; it begins after that of the row before" },
    bits_per_step: bits("of one step, averaged over the stretch"),
  },
  rows(_run, cells) {
    return records(cells, "likelihood").flatMap(({ model, seed, profile: { steps, bits } }) =>
      steps.map((step, i) => ({ model, seed, up_to_step: step, bits_per_step: bits[i] })),
    );
  },
});
