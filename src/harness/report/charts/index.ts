/** The charts of a report by section, in the page's order. */
import type { Cell, Run } from "../../record/index.ts";
import type { Chart } from "./chart.ts";
import { frontCharts } from "./front.ts";
import { latencyCharts, throughputChart } from "./latency.ts";
import { modesChart } from "./modes.ts";
import { qualityCharts } from "./quality.ts";
import { trainingCharts } from "./training.ts";

export type { Chart, DataTable, LegendEntry } from "./chart.ts";
export { type RenderedChart, renderChart } from "./render.ts";

/** Draws a section's charts; none where its stage has no results. */
type Section = (run: Run, cells: readonly Cell[]) => Chart[];

export const chartSections = {
  training: trainingCharts,
  latency: (run, cells) => [...latencyCharts(run, cells), ...maybe(throughputChart(run, cells))],
  quality: qualityCharts,
  front: frontCharts,
  modes: (run, cells) => maybe(modesChart(run, cells)),
} satisfies Record<string, Section>;

export type ChartSection = keyof typeof chartSections;

const maybe = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);
