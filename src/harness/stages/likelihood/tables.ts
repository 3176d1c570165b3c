/** The variational bound of each diffusion model on test images, and where along the process it lies. */
import { table, type View } from "../../tables/index.ts";
import * as c from "../readout/columns.ts";

const unit = "bits per dimension";

export const likelihood = table({
  name: "likelihood",
  describe:
    "Variational bound on the negative log-likelihood of test images; one row a diffusion model and seed.",
  rows: (view: View) =>
    view
      .done("likelihood")
      .map(({ id: cell, record }) => ({ ...record, cell, place: ["likelihood", record.model] })),
  columns: (column) => ({
    model: c.model,
    seed: c.seed,
    images: column("test images that the bound is taken over", (row) => row.images, { unit: "images" }),
    bits_per_dimension: column("the whole bound", (row) => row.bitsPerDimension.value, {
      unit,
      reads: {
        protocol: ({ images }) => `n ${images}, whole bound`,
        change: { scale: "ratio", floor: 0.01, detect: 0.02 },
      },
    }),
    low: column("lower end of its interval over images", (row) => row.bitsPerDimension.low, { unit }),
    high: column("upper end of its interval over images", (row) => row.bitsPerDimension.high, { unit }),
    confidence: column("confidence of the interval", (row) => row.bitsPerDimension.confidence),
    prior: column("divergence at the last step", (row) => row.prior, { unit, title: "at the last step" }),
    between: column("sum over the steps between", (row) => row.between, { unit }),
    decoder: column("decoder's part at the first step", (row) => row.decoder, { unit }),
  }),
});

export const likelihoodProfile = table({
  name: "likelihood_profile",
  describe: "Where the bound lies; one row a diffusion model, seed and stretch of steps.",
  rows: (view: View) =>
    view
      .records("likelihood")
      .flatMap(({ model, seed, profile: { steps, bits } }) =>
        steps.map((step, i) => ({ model, seed, step, bits: bits[i] })),
      ),
  columns: (column) => ({
    model: c.model,
    seed: c.seed,
    up_to_step: column(
      "last step of the stretch; it begins after that of the row before",
      (row) => row.step,
      { title: "up to step" },
    ),
    bits_per_step: column("of one step, averaged over the stretch", (row) => row.bits, {
      unit,
      title: "bits per dimension of a step",
    }),
  }),
});
