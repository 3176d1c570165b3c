/** Quality against sampling steps, one chart a metric; and two metrics against each other. */
import { formatNumber } from "../../../core/format.ts";
import { baseName } from "../../record/index.ts";
import { bySeries, type Chart, colors, type Level, onePassLevels, plot } from "../../report/charts/index.ts";
import {
  describeSetting,
  inCsv,
  isOnePass,
  metricFacts,
  metricTitle,
  numbers,
  ONE_PASS,
  RANKING,
  type Setting,
  seedCount,
  seedsText,
  seriesKey,
  settingColumns,
  type View,
} from "../../tables/index.ts";
import { type Anchors, anchorsAt } from "../anchors/tables.ts";
import {
  diversity,
  labelsOf,
  metricNames,
  type QualityPoint,
  qualityPoints,
  type Reading,
  readingNamed,
} from "./tables.ts";

const ANCHOR_NAMES: Readonly<Record<string, string>> = { real: "real images", noise: "noise" };

/** The setting in words; anchors by what they are. */
const nameOf = (view: View, point: Setting): string =>
  ANCHOR_NAMES[point.model] ?? describeSetting(view, point);

/** The ranking metric first and large, the others as small multiples; a metric nowhere defined has no chart. */
export function qualityCharts(view: View) {
  const points = qualityPoints(view);
  const defined = metricNames(points).filter((metric) =>
    points.some(({ readings }) => readings.some((reading) => reading.metric === metric)),
  );
  const isRanking = (metric: string) => baseName(metric) === RANKING;
  return [...defined.filter(isRanking), ...defined.filter((metric) => !isRanking(metric))].map((metric) =>
    qualityChart(view, points, metric, isRanking(metric)),
  );
}

const withMetric = (points: readonly QualityPoint[], metric: string) =>
  points.flatMap((point) => {
    const reading = point.readings.find((one) => one.metric === metric);
    return reading ? [{ ...settingColumns(point), reading }] : [];
  });

function qualityChart(
  view: View,
  points: readonly QualityPoint[],
  metric: string,
  large: boolean,
): Chart | undefined {
  const { title, meaning, domain } = metricFacts(view, metric);
  const anchors = anchorsAt(view, points[0]?.n);
  const scored = withMetric(points, metric);
  const floors = anchors ? withMetric([anchors.floor, anchors.ceiling], metric) : [];
  const { direction } = scored[0]!.reading;
  const better =
    direction === "two-sided"
      ? "The nearer to real images the better"
      : `${direction === "lower" ? "Lower" : "Higher"} is better`;
  const scale =
    large && anchors ? ` Dashed: real images and noise at the same n = ${formatNumber(anchors.n, 6)}.` : "";
  const bounds = baseName(metric) === "mode_count" ? ([0, view.run.dataset.modes.length] as const) : domain;
  return plot({
    id: `quality-${metric.replaceAll(/[^a-z0-9]+/gi, "-")}`,
    title: large ? `${title} against sampling steps` : title,
    description: `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}. ${better}.${scale}`,
    notes: undefinedNote(points, metric),
    size: large ? "full" : "third",
    height: large ? 340 : 170,
    rows: [...scored, ...floors],
    columns: {
      setting: (point) => nameOf(view, point),
      [title]: ({ reading }) => reading.value,
      low: ({ reading }) => reading.interval?.low,
      high: ({ reading }) => reading.interval?.high,
      interval: ({ reading: { interval } }) =>
        interval && (interval.of === "seeds" ? "range of seeds" : "of the estimate"),
      seeds: ({ model, reading }) => (model in ANCHOR_NAMES ? undefined : seedCount(reading)),
    },
    source: inCsv(diversity, (point) => ({ ...settingColumns(point), metric })),
    draws: ({ model, steps }) => !(model in ANCHOR_NAMES) && !isOnePass(view, model) && steps > 0,
    x: { title: "sampling steps", scale: "count", of: ({ steps }) => steps },
    y: {
      title,
      scale: large ? "log" : "linear",
      domain: bounds,
      over: ({ reading }) => reading,
    },
    levels: [
      ...onePassLevels(
        view,
        scored,
        ({ reading }) => reading.value,
        (name, value) => (large ? `${name}: ${formatNumber(value)}` : name),
      ),
      ...anchorLevels(floors, large),
    ],
    unnamed: !large,
    line: bySeries(view),
  });
}

/** Lines for real images and noise in a chart of one metric at `n` images; none where they were not scored at that n. */
export function anchorLevelsAt(view: View, n: number | undefined, metric: string): Level[] {
  const anchors = anchorsAt(view, n);
  const name = qualityPoints(view)
    .flatMap(({ readings }) => readings)
    .find((one) => baseName(one.metric) === metric)?.metric;
  if (!anchors || name === undefined) return [];
  return anchorLevels(withMetric([anchors.floor, anchors.ceiling], name), true);
}

function anchorLevels(floors: ReturnType<typeof withMetric>, large: boolean): Level[] {
  return floors.map(({ model, reading: { value } }): Level => {
    const real = model === "real";
    const label = large ? (real ? "real images, the floor" : "noise, the ceiling") : model;
    return {
      value,
      label: large ? `${label}: ${formatNumber(value)}` : label,
      color: real ? colors.floor : colors.ceiling,
      side: real ? "left" : "right",
      dashed: true,
    };
  });
}

/** How often a metric could not be computed, and the reasons. */
function undefinedNote(points: readonly QualityPoint[], metric: string): string[] {
  const reasons = points.flatMap(({ undefinedMetrics }) =>
    undefinedMetrics.filter((one) => one.metric === metric).map(({ why }) => why),
  );
  if (reasons.length === 0) return [];
  return [`Undefined at ${reasons.length} settings: ${[...new Set(reasons)].join("; ")}.`];
}

/** One metric against another, as recall against precision: fidelity across, diversity up. */
export function plane(view: View, across: string, up: string): Chart | undefined {
  const points = qualityPoints(view);
  const anchors: Anchors | undefined = anchorsAt(view, points[0]?.n);
  const rows = [...points, ...(anchors ? [anchors.floor] : [])].flatMap((point) => {
    const [x, y] = [readingNamed(point, across), readingNamed(point, up)];
    return x && y ? [{ ...settingColumns(point), x: x.value, y: y.value }] : [];
  });
  const isEnd = ({ model, sampler, steps }: Setting) => {
    const own = points.filter((point) => seriesKey(point) === seriesKey({ model, sampler }));
    return sampler !== ONE_PASS && [own.at(0)?.steps, own.at(-1)?.steps].includes(steps);
  };
  const [acrossFacts, upFacts] = [metricFacts(view, across), metricFacts(view, up)];
  return plot({
    id: `plane-${across}-${up}`,
    title: `${acrossFacts.title} and ${upFacts.title.toLowerCase()}`,
    description: `Across: ${acrossFacts.meaning}. Up: ${upFacts.meaning}. A line runs over the step counts of a sampler, its ends numbered; up and to the right is better.`,
    height: 280,
    rows,
    columns: {
      setting: (point) => nameOf(view, point),
      [metricTitle(view, across)]: ({ x }) => x,
      [metricTitle(view, up)]: ({ y }) => y,
    },
    x: {
      title: acrossFacts.title,
      scale: "linear",
      domain: acrossFacts.domain ?? [0, 1],
      of: ({ x }) => x,
    },
    y: { title: upFacts.title, scale: "linear", domain: upFacts.domain ?? [0, 1], of: ({ y }) => y },
    label: (point) => (isEnd(point) ? String(point.steps) : undefined),
    line: (point) =>
      point.model in ANCHOR_NAMES
        ? { label: nameOf(view, point), color: colors.floor, symbol: "square" }
        : bySeries(view)(point),
  });
}

/** Quality of every sampled set: a row a setting, a column a metric. */
export function qualityTable(view: View) {
  const points = qualityPoints(view);
  const anchors = anchorsAt(view, points[0]?.n);
  const rows = anchors ? [anchors.floor, ...points, anchors.ceiling] : points;
  const metrics = metricNames(points).map((metric) => {
    const read = (point: QualityPoint) => {
      const reading = point.readings.find((one) => one.metric === metric);
      if (reading) return meanText(reading, point);
      return point.undefinedMetrics.some((one) => one.metric === metric) ? "undefined" : undefined;
    };
    return [metricTitle(view, metric), read] as const;
  });
  return numbers(
    rows,
    {
      setting: (point) => nameOf(view, point),
      n: ({ n }) => n,
      "told labels": ({ model }) => labelsOf(view, model),
      seeds: ({ model, scored }) => (model in ANCHOR_NAMES ? undefined : seedCount(scored)),
      ...Object.fromEntries(metrics),
    },
    inCsv(diversity, settingColumns),
  );
}

/** The mean; where a metric is undefined at seeds whose images were scored, with the seeds that it is the mean of. */
const meanText = (reading: Reading, { scored }: QualityPoint): number | string =>
  reading.bySeed.length < scored.bySeed.length
    ? `${formatNumber(reading.value, 4)} (${seedsText(reading)})`
    : reading.value;
