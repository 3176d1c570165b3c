/** What noise schedules do to the signal, and what losses do to likelihood and quality. */
import type { Cell, Run } from "../../record/index.ts";
import { estimatesImage, records, titleOf, trainedAlike } from "../analysis/index.ts";
import { bestQualityChart } from "../charts/best.ts";
import { forwardCharts, forwardTable, likelihoodChart, likelihoodProfileChart } from "../charts/schedules.ts";
import { picture } from "./pictures.ts";
import { charts, pictures, present, type Section, tablePart, text } from "./section.ts";

export function schedulesSection(run: Run, cells: readonly Cell[]): Section {
  const found = records(cells, "forward");
  const name = ({ model, schedule }: (typeof found)[number]) => `${titleOf(run, model)}, ${schedule}`;
  const schedules = new Set(found.map(({ alphaBar }) => JSON.stringify(alphaBar)));
  return {
    id: "schedules",
    title: "Noise schedules",
    introduction:
      found.length === 0 ? "Not measured: the forward process of the diffusion models." : undefined,
    parts: [
      ...charts(forwardCharts(run, cells)),
      ...tablePart("How much signal the last step and the others leave", forwardTable(run, cells), "forward"),
      ...pictures(
        "Forward noising, from the image to noise",
        found.map((one) =>
          picture(
            name(one),
            one.strip,
            `${name(one)}, test images noised further from left to right: ${one.strip.caption}`,
          ),
        ),
        "wide",
      ),
      ...(schedules.size > 1
        ? charts(
            present(
              bestQualityChart(run, cells, {
                id: "quality-by-schedule",
                title: "Quality by schedule",
                of: ({ family, teacher }) => family === "diffusion" && teacher === undefined,
              }),
            ),
          )
        : []),
      ...pictures(
        "Timestep encoding",
        found.map((one) => ({
          label: name(one),
          file: one.encoding.file,
          caption: one.encoding.caption,
          alt: `${name(one)}, timestep encoding, a row a step and a column a component: ${one.encoding.caption}`,
        })),
        "stretched",
      ),
    ],
    protocol:
      found.length > 0
        ? [
            "The curves are the schedule's own arithmetic in float64, input scaling included. Sampling starts from pure noise as if nothing were left of the signal: what the last step leaves is a mismatch.",
            "A step teaches little where its signal-to-noise ratio is below the stated one: there the image cannot be seen.",
          ]
        : [],
  };
}

export function lossesSection(run: Run, cells: readonly Cell[]): Section {
  const found = records(cells, "likelihood");
  const quality = bestQualityChart(run, cells, {
    id: "quality-by-loss",
    title: "Quality by model and loss",
    of: () => true,
  });
  return {
    id: "losses",
    title: "Losses",
    introduction:
      found.length === 0 ? "Not measured: the likelihood bound of the diffusion models." : undefined,
    parts: [
      ...charts([
        ...present(likelihoodChart(run, cells), likelihoodProfileChart(run, cells)),
        ...(trainedAlike(run) ? [] : present(quality)),
      ]),
      ...(found.some(({ model }) => estimatesImage(run, model))
        ? text(
            "A bound of tens of bits per dimension is no fault where the network estimates the image (x0): the bound weighs the squared error of that estimate by the signal-to-noise ratio, so the output error at low noise dominates the sum. The image that an estimate of the noise or of v implies is wrong by that estimate's error times the noise, which cancels the weight.",
          )
        : []),
    ],
    protocol:
      found.length > 0
        ? [
            "The bound is the sum of the divergence at the last step, those between, and the decoder's at the first (Ho et al. 2020, eq. 5), over test images, in bits per dimension.",
            "A better bound need not look better: the simple loss gives up bits for images. So quality stands beside it.",
          ]
        : [],
  };
}
