/** The body of a report: its sections in reading order, made from the records alone. */
import type { Cell, Run } from "../../record/index.ts";
import { frontCharts } from "../charts/front.ts";
import { latencyCharts, throughputChart } from "../charts/latency.ts";
import { modesChart } from "../charts/modes.ts";
import { qualityCharts } from "../charts/quality.ts";
import { trainingCharts } from "../charts/training.ts";
import { samplePictures } from "./pictures.ts";
import { charts, type Section } from "./section.ts";

export * from "./section.ts";

type Maker = (run: Run, cells: readonly Cell[]) => Section;

const maybe = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);

const makers = [
  (run, cells) => ({
    id: "stability",
    title: "Training stability",
    introduction:
      "The loss of a GAN is a game's score and the loss of diffusion a regression's: read each for its calm, not one against the other.",
    parts: charts(trainingCharts(run, cells)),
    protocol: [],
  }),
  (run, cells) => ({
    id: "latency",
    title: "Inference cost",
    introduction:
      "Steady state, apart from compilation and the first request, which stand in the table below.",
    parts: charts([...latencyCharts(run, cells), ...maybe(throughputChart(run, cells))]),
    protocol: [],
  }),
  (run, cells) => ({
    id: "diversity",
    title: "Diversity",
    introduction:
      "Curves: diffusion by sampler. Solid line: the GAN, which has no steps. Dashed: real images scored the same way, which no model is expected to pass, and noise.",
    parts: charts([...qualityCharts(run, cells), ...maybe(modesChart(run, cells))]),
    protocol: [],
  }),
  (run, cells) => ({
    id: "front",
    title: "Quality against time",
    introduction:
      "Each point is a setting that could be deployed. By these two numbers, only those on the line are worth choosing.",
    parts: charts(frontCharts(run, cells)),
    protocol: [],
  }),
  (run, cells) => ({
    id: "samples",
    title: "Samples",
    introduction:
      "Drawn with the same seeds for every model and setting, not selected; of several training seeds the first is shown.",
    parts: samplePictures(run, cells),
    protocol: [],
  }),
] satisfies Maker[];

/** Sections of one run; those with neither parts nor a verdict are left out. */
export function sectionsOf(run: Run, cells: readonly Cell[]): Section[] {
  return makers
    .map((make): Section => make(run, cells))
    .filter(({ parts, verdict }) => parts.length > 0 || verdict);
}
