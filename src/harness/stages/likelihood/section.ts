/** What losses do to likelihood and quality. */
import { byModel, type Chart, dots, plot } from "../../report/charts/index.ts";
import { charts, type Section, text } from "../../report/section.ts";
import { estimatesImage, inCsv, overSeeds, shown, trainedAlike, type View } from "../../tables/index.ts";
import { bestQualityChart } from "../diversity/best.ts";
import { likelihood, likelihoodProfile } from "./tables.ts";

export function likelihoodSection(view: View): Section {
  const found = view.records("likelihood");
  const measured = found.length > 0;
  const quality = bestQualityChart(view, {
    id: "quality-by-loss",
    title: "Quality by model and loss",
    of: () => true,
  });
  return {
    id: "losses",
    title: "Losses",
    introduction: measured ? undefined : "Not measured: the likelihood bound of the diffusion models.",
    parts: [
      ...charts(boundChart(view), profileChart(view), trainedAlike(view) ? undefined : quality),
      ...(found.some(({ model }) => estimatesImage(view, model))
        ? text(
            "A bound of tens of bits per dimension is no fault where the network estimates the image (x0): the bound weighs the squared error of that estimate by the signal-to-noise ratio, so the output error at low noise dominates the sum. The image that an estimate of the noise or of v implies is wrong by that estimate's error times the noise, which cancels the weight.",
          )
        : []),
    ],
    protocol: measured
      ? [
          "The bound is the sum of the divergence at the last step, those between, and the decoder's at the first (Ho et al. 2020, eq. 5), over test images, in bits per dimension.",
          "A better bound need not look better: the simple loss gives up bits for images. So quality stands beside it.",
        ]
      : [],
  };
}

/** Bits per dimension of each diffusion model, a dot a seed. */
function boundChart(view: View): Chart | undefined {
  return dots({
    id: "likelihood",
    title: "Bound on the likelihood",
    description:
      "Variational bound on the negative log-likelihood of test images, bits per dimension, lower is better; a dot a seed. Of one seed the bar is its 95% interval over images, of several their range. A GAN has none.",
    rows: likelihood.rows(view),
    columns: shown(
      view,
      likelihood,
      ...["model", "seed", "bits_per_dimension", "low", "high", "prior", "between", "decoder", "images"],
    ),
    source: inCsv(likelihood, ({ model, seed }) => ({ model, seed })),
    axis: { title: "bits per dimension", scale: "linear" },
    value: ({ bitsPerDimension }) => bitsPerDimension.value,
    interval: (rows) =>
      overSeeds(rows.map(({ seed, bitsPerDimension: { value, low, high } }) => ({ seed, value, low, high })))
        ?.interval,
    line: byModel(view),
  });
}

/** Where the bound lies along the process, the first seed of each model. */
function profileChart(view: View): Chart | undefined {
  const rows = likelihoodProfile.rows(view);
  const firstSeed = (model: string) => rows.find((row) => row.model === model)?.seed;
  return plot({
    id: "likelihood-profile",
    title: "Where the bound lies",
    description:
      "Bits per dimension of one step, averaged over stretches that end at the marked steps; the first seed of each model.",
    height: 200,
    rows,
    columns: shown(view, likelihoodProfile, "model", "seed", "up_to_step", "bits_per_step"),
    source: inCsv(likelihoodProfile, ({ model, seed, step }) => ({ model, seed, up_to_step: step })),
    draws: ({ model, seed }) => seed === firstSeed(model),
    x: { title: "step", scale: "log", of: ({ step }) => step },
    y: { title: "bits per dimension of a step", scale: "log", of: ({ bits }) => bits },
    line: byModel(view),
  });
}
