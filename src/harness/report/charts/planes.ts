/** Two metrics against each other: fidelity across, diversity up. */
import type { Cell, Run } from "../../record/index.ts";
import {
  anchorsAt,
  describeSetting,
  formatNumber,
  metricText,
  ONE_PASS,
  type QualityPoint,
  qualityPoints,
  readingNamed,
  seriesKey,
  seriesOf,
} from "../analysis/index.ts";
import { linearDomain } from "./axis.ts";
import type { Chart } from "./chart.ts";
import { type PlotSeries, plot } from "./plot.ts";
import { colors, lookOf } from "./theme.ts";

/** Recall against precision, and coverage against density. */
export function planeCharts(run: Run, cells: readonly Cell[]): Chart[] {
  return [plane(run, cells, "precision", "recall"), plane(run, cells, "density", "coverage")].flatMap(
    (chart) => chart ?? [],
  );
}

function plane(run: Run, cells: readonly Cell[], across: string, up: string): Chart | undefined {
  const points = qualityPoints(run.models, cells);
  const anchors = points[0] && anchorsAt(cells, points[0].n);
  const read = (point: QualityPoint) => {
    const [x, y] = [readingNamed(point, across), readingNamed(point, up)];
    return x && y ? { x: x.value, y: y.value } : undefined;
  };
  const place = (point: QualityPoint, name: string, label?: string) => {
    const at = read(point);
    return at
      ? [
          {
            ...at,
            label,
            tip: `${name}\n${metricText(across).title} ${formatNumber(at.x)}, ${metricText(up).title} ${formatNumber(at.y)}`,
          },
        ]
      : [];
  };
  const series = seriesOf(run, cells).map(({ key, label, model, sampler, variant }): PlotSeries => {
    const own = points.filter((point) => seriesKey(point) === key);
    const ends = new Set(sampler === ONE_PASS ? [] : [own.at(0)?.steps, own.at(-1)?.steps]);
    return {
      label,
      ...lookOf(run, model, variant),
      points: own.flatMap((point) =>
        place(point, describeSetting(run, point), ends.has(point.steps) ? String(point.steps) : undefined),
      ),
    };
  });
  const real: PlotSeries = {
    label: "real images",
    color: colors.floor,
    symbol: "square",
    joined: false,
    points: anchors ? place(anchors.floor, "real images") : [],
  };
  const all = [...series, real].flatMap((one) => one.points);
  const axis = (metric: string, values: readonly number[]) => ({
    title: metricText(metric).title,
    scale: "linear" as const,
    domain: linearDomain(values, metricText(metric).domain ?? [0, 1]),
  });
  return plot({
    id: `plane-${across}-${up}`,
    title: `${metricText(across).title} and ${metricText(up).title.toLowerCase()}`,
    description: `Across: ${metricText(across).meaning}. Up: ${metricText(up).meaning}. A line runs over the step counts of a sampler, its ends numbered; up and to the right is better.`,
    size: "half",
    height: 280,
    x: axis(
      across,
      all.map(({ x }) => x),
    ),
    y: axis(
      up,
      all.map(({ y }) => y),
    ),
    series: [...series, real],
    table: {
      columns: ["setting", metricText(across).title, metricText(up).title],
      rows: [
        ...points.map((point) => [describeSetting(run, point), read(point)] as const),
        ...(anchors ? [["real images", read(anchors.floor)] as const] : []),
      ].flatMap(([name, at]) => (at ? [[name, formatNumber(at.x, 4), formatNumber(at.y, 4)]] : [])),
    },
  });
}
