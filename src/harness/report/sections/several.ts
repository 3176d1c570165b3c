/** Sections of several runs together: what each setting scores and takes in each of them. */
import type { Cell, Run } from "../../record/index.ts";
import {
  describeSetting,
  formatMs,
  formatNumber,
  latencyRows,
  metricText,
  qualityPoints,
  RANKING,
  readingNamed,
  sharedBatches,
} from "../analysis/index.ts";
import type { DataTable } from "../charts/index.ts";
import { overlaidCharts, verdictsTable } from "../charts/together.ts";
import { charts, type Section, tablePart } from "./section.ts";

export interface NamedRun {
  /** Unlike any other run's of the page. */
  readonly name: string;
  readonly run: Run;
  readonly cells: readonly Cell[];
}

export function severalSections(runs: readonly NamedRun[]): Section[] {
  const ranking = metricText(RANKING).title;
  const sections: Section[] = [
    {
      id: "together",
      title: "Side by side",
      introduction:
        "A setting is the same where model, sampler and steps have the same names; the runs' own configurations may differ.",
      parts: [
        ...tablePart("What each run says to the claims", verdictsTable(runs)),
        ...charts(overlaidCharts(runs)),
        ...tablePart(
          `${ranking} of each setting`,
          table(runs, ({ run, cells }) =>
            qualityPoints(run.models, cells).map((point) => {
              const reading = readingNamed(point, RANKING);
              return [describeSetting(run, point), reading ? formatNumber(reading.value, 4) : "undefined"];
            }),
          ),
        ),
        ...tablePart(
          "Median time of an image, at the smallest batch size that all models of a run were timed at",
          table(runs, ({ run, cells }) => {
            const rows = latencyRows(run.models, cells);
            const [batch] = sharedBatches(rows);
            return rows
              .filter((row) => row.batch === batch)
              .map((row) => [describeSetting(run, row), `${formatMs(row.msPerImage)} (batch ${batch})`]);
          }),
        ),
      ],
      protocol: [],
    },
  ];
  return sections.filter(({ parts }) => parts.length > 0);
}

/** A row a setting, a column a run; settings in the order in which they first appear. */
function table(
  runs: readonly NamedRun[],
  read: (run: NamedRun) => readonly (readonly [string, string])[],
): DataTable {
  const columns = runs.map((run) => new Map(read(run)));
  const settings = [...new Set(columns.flatMap((column) => [...column.keys()]))];
  return {
    columns: ["setting", ...runs.map(({ name }) => name)],
    rows: settings.map((setting) => [setting, ...columns.map((column) => column.get(setting) ?? "")]),
  };
}
