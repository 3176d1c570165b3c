/** Claim 5: what fewer training images cost each model. */
import type { Cell, Run } from "../../record/index.ts";
import { claims, formatCount, groupBy, records, titleOf } from "../analysis/index.ts";
import { trainingSetCharts } from "../charts/training-sets.ts";
import { picture } from "./pictures.ts";
import { charts, pictures, type Section } from "./section.ts";

export function dataSection(run: Run, cells: readonly Cell[]): Section {
  const found = records(cells, "data");
  const neighbours = groupBy(found, ({ model, trainImages }) => JSON.stringify([model, trainImages])).flatMap(
    (group) => {
      const first = group.find((record) => record.neighbours);
      if (!first?.neighbours) return [];
      const label = `${titleOf(run, first.model)}, ${formatCount(first.trainImages)} training images`;
      return [picture(label, first.neighbours, `${label}: ${first.neighbours.caption}`)];
    },
  );
  return {
    id: "data",
    title: "Data requirement",
    claim: claims.data.text,
    verdict: claims.data.judge(run, cells),
    parts: [
      ...charts(trainingSetCharts(run, cells)),
      ...pictures("Samples above their nearest training images", neighbours, "wide"),
    ],
    protocol: [
      "Every size is trained for the same number of images seen, repeats counted; the smaller sets lie within the larger. All are scored against the same test images at the same n.",
      "Quality rises with copying too, so the share of near-duplicates of training images stands beside it, and that of fresh real images, which copy nothing.",
    ],
  };
}
