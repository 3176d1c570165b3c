/** Quality against sampling steps: one chart a metric, floor, ceiling and the GAN's line beside the curves. */
import type { Cell, Run } from "../../record/index.ts";
import {
  type Anchors,
  anchorsAt,
  baseName,
  describeSetting,
  familyOf,
  formatNumber,
  metricNames,
  metricText,
  type QualityPoint,
  qualityPoints,
  RANKING,
  type Reading,
  type Series,
  seriesKey,
  seriesOf,
  titleOf,
} from "../analysis/index.ts";
import { type Axis, channel, countAxis, linearDomain, logAxis } from "./axis.ts";
import { type Chart, hiddenNote, inCsv, type Layer, layered } from "./chart.ts";
import { hitArea, type Level, labels, lines } from "./marks.ts";
import { colors, lookOf, seriesLegend, seriesScales } from "./theme.ts";

/** The ranking metric first and large, the others as small multiples; a metric nowhere defined has no chart. */
export function qualityCharts(run: Run, cells: readonly Cell[]): Chart[] {
  const points = qualityPoints(run.models, cells);
  const anchors = points[0] && anchorsAt(cells, points[0].n);
  const series = seriesOf(run, cells);
  const defined = metricNames(points).filter((metric) =>
    points.some(({ readings }) => readings.some((reading) => reading.metric === metric)),
  );
  const ranking = defined.filter((metric) => baseName(metric) === RANKING);
  const others = defined.filter((metric) => baseName(metric) !== RANKING);
  return [...ranking, ...others].map((metric) => qualityChart(run, { points, anchors, series, metric }));
}

interface Input {
  readonly points: readonly QualityPoint[];
  readonly anchors: Anchors | undefined;
  readonly series: readonly Series[];
  readonly metric: string;
}

type Scored = { readonly point: QualityPoint; readonly reading: Reading };

function qualityChart(run: Run, { points, anchors, series, metric }: Input): Chart {
  const text = metricText(metric);
  const large = baseName(metric) === RANKING;
  const countsModes = baseName(metric) === "mode_count";
  const modes = run.dataset.modes.length;
  const scored = points.flatMap((point): Scored[] => {
    const reading = point.readings.find((one) => one.metric === metric);
    return reading ? [{ point, reading }] : [];
  });
  const swept = scored.filter(({ point }) => familyOf(run, point.model) === "diffusion" && point.steps > 0);
  const shown = swept.filter(({ reading }) => !large || reading.value > 0);
  const rules = [...ganLevels(run, scored, large), ...anchorLevels(metric, anchors, large)];
  const values = [
    ...shown.flatMap(({ reading }) => [reading.value, ...bounds(reading)]),
    ...rules.map(({ value }) => value),
  ];
  const direction = scored[0]!.reading.direction;
  const better =
    direction === "two-sided"
      ? "The nearer to real images the better"
      : `${direction === "lower" ? "Lower" : "Higher"} is better`;
  const title = `${text.title}${large ? ", log scale" : ""}`;
  const y: Axis = large
    ? logAxis(title, values)
    : { title, scale: "linear", domain: linearDomain(values, countsModes ? [0, modes] : text.domain) };
  const x = countAxis(
    "sampling steps, log scale",
    shown.map(({ point }) => point.steps),
  );
  const drawn = series.filter(({ key }) => shown.some(({ point }) => seriesKey(point) === key));
  const [size, height] = large ? (["full", 340] as const) : (["third", 170] as const);
  return {
    id: `quality-${metric.replaceAll(/[^a-z0-9]+/gi, "-")}`,
    title: large ? `${text.title} against sampling steps` : text.title,
    description: `${text.meaning.charAt(0).toUpperCase()}${text.meaning.slice(1)}. ${better}.${
      large && anchors ? ` Dashed: real images and noise at the same n = ${formatNumber(anchors.n, 6)}.` : ""
    }`,
    notes: [...hiddenNote(large ? hiddenValues(scored, rules) : 0), ...undefinedNote(points, metric)],
    legend: large ? seriesLegend(drawn) : [],
    size,
    spec: layered(size, height, [
      ...lines(rules, y),
      ...curves(run, shown, drawn, x, y),
      ...labels(rules, y, height),
    ]),
    table: {
      columns: ["setting", text.title, "low", "high", "interval", "seeds"],
      rows: [
        ...scored.map(({ point, reading }) => tableRow(describeSetting(run, point), reading)),
        ...anchorRows(metric, anchors),
      ],
      sources: inCsv(
        "diversity",
        [...scored.map(({ point }) => point), ...anchorsWith(metric, anchors)],
        (point) => ({ model: point.model, sampler: point.sampler, steps: point.steps, metric }),
      ),
    },
  };
}

const bounds = ({ interval }: Reading): number[] => (interval ? [interval.low, interval.high] : []);

const hiddenValues = (scored: readonly Scored[], rules: readonly Level[]): number =>
  scored.filter(({ reading }) => reading.value <= 0).length + rules.filter(({ value }) => value <= 0).length;

function curves(run: Run, shown: readonly Scored[], series: readonly Series[], x: Axis, y: Axis): Layer[] {
  const data = shown.map(({ point, reading }) => ({
    x: point.steps,
    y: reading.value,
    low: Math.max(y.domain[0], reading.interval?.low ?? reading.value),
    high: reading.interval?.high ?? reading.value,
    series: seriesKey(point),
    tip: tipOf(run, point, reading),
  }));
  const { color, shape, strokeDash } = seriesScales(series);
  const at = { x: channel("x", x), color };
  return [
    {
      data: { values: data },
      mark: { type: "rule", strokeWidth: 1, opacity: 0.7 },
      encoding: { ...at, y: channel("low", y), y2: { field: "high" } },
    },
    { data: { values: data }, mark: "line", encoding: { ...at, y: channel("y", y), strokeDash } },
    {
      data: { values: data },
      mark: { type: "point", filled: true, size: 45, opacity: 1 },
      encoding: { ...at, y: channel("y", y), shape },
    },
    hitArea(data, x, y),
  ];
}

function tipOf(run: Run, point: QualityPoint, { metric, value, interval, bySeed }: Reading): string {
  const range = interval
    ? `\n${interval.of === "seeds" ? "seeds" : "interval"} from ${formatNumber(interval.low)} to ${formatNumber(interval.high)}`
    : "";
  const seeds = bySeed.length > 1 ? `, mean of ${bySeed.length} seeds` : "";
  return `${describeSetting(run, point)}\n${metricText(metric).title} ${formatNumber(value, 4)}${seeds}${range}`;
}

function ganLevels(run: Run, scored: readonly Scored[], large: boolean): Level[] {
  return scored
    .filter(({ point }) => familyOf(run, point.model) === "gan")
    .map(({ point, reading }, index) => ({
      value: reading.value,
      label: `${titleOf(run, point.model)}${large ? `: ${formatNumber(reading.value)}` : ""}`,
      color: lookOf(run, point.model).color,
      side: index % 2 === 0 ? "right" : "left",
    }));
}

function anchorLevels(metric: string, anchors: Anchors | undefined, large: boolean): Level[] {
  const level = (
    point: QualityPoint | undefined,
    { label, color, side }: Pick<Level, "label" | "color" | "side">,
  ): Level[] => {
    const value = point?.readings.find((one) => one.metric === metric)?.value;
    return value === undefined
      ? []
      : [
          {
            value,
            label: large ? `${label}: ${formatNumber(value)}` : label,
            color,
            side,
            dashed: true,
          },
        ];
  };
  return [
    ...level(anchors?.floor, {
      label: large ? "real images, the floor" : "real",
      color: colors.floor,
      side: "left",
    }),
    ...level(anchors?.ceiling, {
      label: large ? "noise, the ceiling" : "noise",
      color: colors.ceiling,
      side: "right",
    }),
  ];
}

function tableRow(setting: string, { value, interval, bySeed }: Reading): string[] {
  return [
    setting,
    formatNumber(value, 4),
    interval ? formatNumber(interval.low, 4) : "",
    interval ? formatNumber(interval.high, 4) : "",
    interval ? (interval.of === "seeds" ? "range of seeds" : "of the estimate") : "",
    String(bySeed.length),
  ];
}

const anchorsWith = (metric: string, anchors: Anchors | undefined): QualityPoint[] =>
  (anchors ? [anchors.floor, anchors.ceiling] : []).filter(({ readings }) =>
    readings.some((one) => one.metric === metric),
  );

function anchorRows(metric: string, anchors: Anchors | undefined): string[][] {
  const row = (name: string, point: QualityPoint | undefined) => {
    const reading = point?.readings.find((one) => one.metric === metric);
    return reading ? [[...tableRow(name, reading).slice(0, -1), ""]] : [];
  };
  return [...row("real images", anchors?.floor), ...row("noise", anchors?.ceiling)];
}

/** How often a metric could not be computed, and the reasons. */
function undefinedNote(points: readonly QualityPoint[], metric: string): string[] {
  const reasons = points.flatMap(({ undefinedMetrics }) =>
    undefinedMetrics.filter((one) => one.metric === metric).map(({ why }) => why),
  );
  if (reasons.length === 0) return [];
  return [`Undefined at ${reasons.length} settings: ${[...new Set(reasons)].join("; ")}.`];
}
