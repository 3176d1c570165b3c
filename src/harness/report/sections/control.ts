/** Claim 4: how well each model does as it is told. */
import type { Cell, Run } from "../../record/index.ts";
import { claims, groupBy, records, titleOf } from "../analysis/index.ts";
import { guidanceChart, holesChart, holeTimeChart } from "../charts/steering.ts";
import { picture } from "./pictures.ts";
import { charts, pictures, present, type Section } from "./section.ts";

export function controlSection(run: Run, cells: readonly Cell[]): Section {
  const found = records(cells, "control");
  const strips = groupBy(found, ({ model }) => model).flatMap(([first]) =>
    first!.inpainting.map(({ mask, grid }) =>
      picture(
        `${titleOf(run, first!.model)}, ${mask}`,
        grid,
        `${titleOf(run, first!.model)} fills the ${mask} of test images. Rows: ${grid.caption}`,
      ),
    ),
  );
  return {
    id: "control",
    title: "Controllability",
    claim: claims.control.text,
    verdict: claims.control.judge(run, cells),
    parts: [
      ...charts(present(guidanceChart(run, cells))),
      ...charts(present(holesChart(run, cells), holeTimeChart(run, cells))),
      ...pictures("Holes filled", strips, "wide"),
    ],
    protocol: [
      "Labels are asked for as often as the training images have them, the same ones from the same seeds at every guidance weight; the classifier that judges them never saw a generator, and a second one of another architecture checks it.",
      "Guidance is epsilon = (1 + w) conditional - w unconditional (Ho & Salimans 2022): any w above 0 takes two network evaluations a step. A conditional GAN has no such weight and is one point.",
      "Holes are filled in test images and compared with the truth, in the pixel range -1 to 1; the mean fill is what no model has to know anything for. The times are those of this machine and stand in stage_time.csv.",
    ],
  };
}
