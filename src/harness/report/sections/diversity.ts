/** Claim 3: how much of the distribution each model makes. */

import type { Cell, Run } from "../../record/index.ts";
import { stackedNote } from "../../record/stacked.ts";
import { claims, qualityPoints, records } from "../analysis/index.ts";
import { modesChart } from "../charts/modes.ts";
import { planeCharts } from "../charts/planes.ts";
import { qualityCharts } from "../charts/quality.ts";
import { perModel, samplePictures } from "./pictures.ts";
import { charts, pictures, present, type Section, text } from "./section.ts";

export function diversitySection(run: Run, cells: readonly Cell[]): Section {
  const found = records(cells, "diversity");
  const gan = (model: string) => run.models.find(({ id }) => id === model)?.family === "gan";
  const illustrated = (family: boolean) =>
    found
      .filter(({ model }) => gan(model) === family)
      .map(({ model, illustration }) => ({ model, grid: illustration }));
  const n = qualityPoints(run.models, cells)[0]?.n;
  const fewer = n === undefined ? undefined : stackedNote(run.dataset.name, n);
  return {
    id: "diversity",
    title: "Diversity",
    claim: claims.diversity.text,
    verdict: claims.diversity.judge(run, cells),
    parts: [
      ...charts(qualityCharts(run, cells)),
      ...charts(planeCharts(run, cells)),
      ...charts(present(modesChart(run, cells))),
      ...(fewer === undefined ? [] : text(fewer)),
      ...samplePictures(run, cells),
      ...pictures(
        "From noise to image",
        perModel(run, illustrated(false), (title) => `${title}, samples on their way from noise`),
        "wide",
      ),
      ...pictures(
        "Between two latents",
        perModel(run, illustrated(true), (title) => `${title}, walks between latents`),
        "wide",
      ),
      ...pictures(
        "Samples above their nearest training images",
        perModel(
          run,
          found.map(({ model, neighbours }) => ({ model, grid: neighbours })),
          (title) => `${title}, samples, each above its nearest training image`,
        ),
        "wide",
      ),
    ],
    protocol: [
      "Every setting makes as many images as the stated n, from the same seeds, and is scored against the same test images, which neither generators nor the classifier were trained on.",
      "Solid lines: the GANs, which have no steps. Dashed: real images scored the same way, which no model is expected to pass, and noise.",
      "Sample grids are drawn with the same seeds for every model and setting and are not selected; of several training seeds the first is shown.",
    ],
  };
}
