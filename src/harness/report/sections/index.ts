/** The body of a report: its sections in reading order, made from the records alone. */
import type { Cell, Run } from "../../record/index.ts";
import { frontCharts } from "../charts/front.ts";
import { controlSection } from "./control.ts";
import { costSection } from "./cost.ts";
import { dataSection } from "./data.ts";
import { distillSection } from "./distill.ts";
import { diversitySection } from "./diversity.ts";
import { latencySection } from "./latency.ts";
import { lossesSection, schedulesSection } from "./schedules.ts";
import { charts, type Section } from "./section.ts";
import { stabilitySection } from "./stability.ts";

export * from "./section.ts";

function frontSection(run: Run, cells: readonly Cell[]): Section {
  return {
    id: "front",
    title: "Quality against time",
    introduction:
      "Each point is a setting that could be deployed. By these two numbers, only those on the line are worth choosing.",
    parts: charts(frontCharts(run, cells)),
    protocol: [],
  };
}

/** Sections of one run: the five claims whether measured or not, and of the others those that were. */
export function sectionsOf(run: Run, cells: readonly Cell[]): Section[] {
  return [
    frontSection,
    stabilitySection,
    latencySection,
    diversitySection,
    controlSection,
    dataSection,
    distillSection,
    schedulesSection,
    lossesSection,
    costSection,
  ]
    .map((make): Section => make(run, cells))
    .filter(({ parts, verdict }) => parts.length > 0 || verdict !== undefined);
}
