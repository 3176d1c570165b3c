/** Several runs in one chart: colour by run, symbol by family. */
import type { Cell, Run } from "../../record/index.ts";
import {
  claims,
  comparedBatches,
  describeSetting,
  formatMs,
  formatNumber,
  latencyRows,
  metricText,
  optionsAt,
  qualityPoints,
  RANKING,
  readingNamed,
  type Setting,
  seriesKey,
  seriesOf,
} from "../analysis/index.ts";
import { countAxis, logAxis } from "./axis.ts";
import type { Chart, DataTable } from "./chart.ts";
import { type PlotPoint, type PlotSeries, plot } from "./plot.ts";
import { colorOf } from "./theme.ts";

export interface RunToOverlay {
  /** Unlike any other run's of the page. */
  readonly name: string;
  readonly run: Run;
  readonly cells: readonly Cell[];
}

/** Neighbours differ most: cool and warm in turn. */
const colorOfRun = (i: number): string =>
  colorOf({ family: i % 2 === 0 ? "diffusion" : "gan", index: Math.floor(i / 2) });

type Measured = Setting & Pick<PlotPoint, "x" | "y" | "tip">;

/** A line a run, model and sampler; the legend names the runs, the point says the rest. */
function seriesOfRuns(
  runs: readonly RunToOverlay[],
  measured: (one: RunToOverlay) => readonly Measured[],
): PlotSeries[] {
  return runs.flatMap((one, i) => {
    const points = measured(one);
    const lines = seriesOf(one.run, one.cells).filter(({ key }) =>
      points.some((point) => seriesKey(point) === key),
    );
    return lines.map(({ key, family }, line) => ({
      label: one.name,
      color: colorOfRun(i),
      symbol: family === "gan" ? ("diamond" as const) : ("circle" as const),
      unnamed: line > 0,
      points: points
        .filter((point) => seriesKey(point) === key)
        .toSorted((a, b) => a.x - b.x)
        .map(({ x, y, tip }) => ({ x, y, tip: `${one.name}\n${tip}` })),
    }));
  });
}

/** Quality against time, against steps, and time against steps, of all runs together. */
export function overlaidCharts(runs: readonly RunToOverlay[]): Chart[] {
  const title = metricText(RANKING).title;
  const byTime = ({ run, cells }: RunToOverlay): Measured[] => {
    const [batch] = comparedBatches(run, cells);
    if (batch === undefined) return [];
    return optionsAt(run, cells, batch).map((option) => ({
      ...option,
      x: option.ms,
      y: option.quality,
      tip: `${describeSetting(run, option)}, batch ${batch}\n${title} ${formatNumber(option.quality)}, ${formatMs(option.ms)} an image`,
    }));
  };
  const bySteps = ({ run, cells }: RunToOverlay): Measured[] =>
    qualityPoints(run.models, cells).flatMap((point) => {
      const reading = readingNamed(point, RANKING);
      return reading
        ? [
            {
              ...point,
              x: point.steps,
              y: reading.value,
              tip: `${describeSetting(run, point)}\n${title} ${formatNumber(reading.value)}`,
            },
          ]
        : [];
    });
  const times = ({ run, cells }: RunToOverlay): Measured[] => {
    const [batch] = comparedBatches(run, cells);
    return latencyRows(run.models, cells)
      .filter((row) => row.batch === batch)
      .map((row) => ({
        ...row,
        x: row.steps,
        y: row.msPerImage,
        tip: `${describeSetting(run, row)}, batch ${batch}\n${formatMs(row.msPerImage)} an image`,
      }));
  };
  const overlay = (
    { id, title: name, description }: Pick<Chart, "id" | "title" | "description">,
    measured: (one: RunToOverlay) => readonly Measured[],
    x: "steps" | "time",
    y: "quality" | "time",
  ): Chart | undefined => {
    const all = runs.flatMap((one) => measured(one).map((point) => ({ ...point, one })));
    const [xs, ys] = [all.map((point) => point.x), all.map((point) => point.y)];
    const time = "time per image (median), log scale";
    return plot({
      id,
      title: name,
      description,
      size: "half",
      height: 300,
      x: x === "steps" ? countAxis("sampling steps, log scale", xs) : logAxis(time, xs, "milliseconds"),
      y: y === "quality" ? logAxis(`${title}, log scale`, ys) : logAxis(time, ys, "milliseconds"),
      series: seriesOfRuns(runs, measured),
      table: {
        columns: [
          "run",
          "setting",
          x === "steps" ? "steps" : "time per image",
          y === "quality" ? title : "time per image",
        ],
        rows: all.map((point) => [
          point.one.name,
          describeSetting(point.one.run, point),
          x === "steps" ? String(point.x) : formatMs(point.x),
          y === "quality" ? formatNumber(point.y, 4) : formatMs(point.y),
        ]),
      },
    });
  };
  const symbols = "Colour: the run; circles: diffusion, a line a model and sampler; diamonds: GANs.";
  return [
    overlay(
      {
        id: "together-front",
        title: "Quality against time",
        description: `${title} against time per image at the smallest batch; lower and further left is better. ${symbols}`,
      },
      byTime,
      "time",
      "quality",
    ),
    overlay(
      {
        id: "together-quality",
        title: "Quality against steps",
        description: `${title} against sampling steps; a GAN stands at one. ${symbols}`,
      },
      bySteps,
      "steps",
      "quality",
    ),
    overlay(
      {
        id: "together-latency",
        title: "Time against steps",
        description: `Time per image against sampling steps at the smallest batch. ${symbols}`,
      },
      times,
      "steps",
      "time",
    ),
  ].flatMap((chart) => chart ?? []);
}

/** What each run says to each claim. */
export function verdictsTable(runs: readonly RunToOverlay[]): DataTable {
  return {
    columns: ["claim", ...runs.map(({ name }) => name)],
    rows: Object.values(claims).map(({ text, judge }) => [
      text,
      ...runs.map(({ run, cells }) => judge(run, cells).outcome),
    ]),
  };
}
