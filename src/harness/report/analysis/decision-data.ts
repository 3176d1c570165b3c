/** The table that the decision is computed from: every setting with its times, quality and cost, and the metrics. */
import { baseName } from "../../record/index.ts";
import { type Anchors, anchorsAt } from "../../stages/anchors/tables.ts";
import { diversity, type QualityPoint, qualityPoints, readingNamed } from "../../stages/diversity/tables.ts";
import { type LatencyRow, latency, latencyRows, sharedBatches } from "../../stages/latency/tables.ts";
import { trainingTime } from "../../stages/train/tables.ts";
import {
  decides,
  describeSetting,
  groupBy,
  isOnePass,
  metricTitle,
  metricWord,
  priceOf,
  RANKING,
  type RowLink,
  settingColumns,
  settingKey,
  sideOf,
  type View,
} from "../../tables/index.ts";
import type { DecisionData, Metric, Option, Timing } from "../decide/index.ts";

/** How far from real images to noise the default floor lies. */
const FLOOR_SHARE = 0.1;

/** Percentiles that a time budget may be required at. */
const levels = ["p50", "p95", "p99"] as const;

/** Settings with both a time and a quality: a setting that lacks one of them cannot be chosen. */
export function decisionData(view: View, rowOf: RowLink = () => undefined): DecisionData {
  const points = qualityPoints(view);
  const byKey = new Map(groupBy(latencyRows(view), settingKey).map((group) => [settingKey(group[0]), group]));
  const options = points.flatMap((point): Option[] => {
    const timed = byKey.get(settingKey(point));
    return timed ? [optionOf(view, point, timed, rowOf)] : [];
  });
  return {
    options,
    metrics: metricsOf(view, points),
    batches: sharedBatches(view),
    price: priceOf(view),
  };
}

function optionOf(view: View, point: QualityPoint, timed: readonly LatencyRow[], rowOf: RowLink): Option {
  const { model, sampler, steps } = point;
  const facts = view.model(model);
  const quality = point.readings
    .filter(({ direction }) => direction !== "two-sided")
    .map(({ metric, value, interval, bySeed }) => {
      const row = rowOf(diversity.name, { ...settingColumns(point), metric });
      return [baseName(metric), { value, interval, bySeed, row }] as const;
    });
  return {
    name: describeSetting(view, point),
    model,
    title: view.title(model),
    kind: facts?.teacher === undefined ? sideOf(view, model) : "distilled",
    onePass: isOnePass(view, model),
    sampler,
    steps,
    conditional: (facts?.classes ?? 0) > 0,
    trainSeconds: trainingSeconds(view, model),
    trainRow: rowOf(trainingTime.name, { model }),
    timings: Object.fromEntries(timed.map((row) => [row.batch, timingOf(row, rowOf)])),
    quality: Object.fromEntries(quality),
  };
}

function timingOf(row: LatencyRow, rowOf: RowLink): Timing {
  const { batch, percentiles, imagesPerSecond, n } = row;
  const high = levels.flatMap((level) => {
    const { interval } = percentiles[level];
    return interval.defined ? [[level, interval.high] as const] : [];
  });
  return {
    ms: Object.fromEntries(levels.map((level) => [level, percentiles[level].value])),
    highMs: Object.fromEntries(high),
    secondsPerImage: 1 / imagesPerSecond,
    requests: n,
    row: rowOf(latency.name, { ...settingColumns(row), batch }),
  };
}

/** Mean over seeds; a distilled model's includes its teacher's. Undefined where one of them was not recorded. */
function trainingSeconds(view: View, model: string): number | undefined {
  const own = view.records("train").filter((record) => record.model === model);
  if (own.length === 0) return undefined;
  const seconds = own.reduce((sum, record) => sum + record.seconds, 0) / own.length;
  const teacher = view.model(model)?.teacher;
  if (teacher === undefined || teacher === model) return seconds;
  const taught = trainingSeconds(view, teacher);
  return taught === undefined ? undefined : seconds + taught;
}

/** Metrics that decide, of which one direction is better; the ranking metric first. */
function metricsOf(view: View, points: readonly QualityPoint[]): Metric[] {
  const anchors = anchorsAt(view, points[0]?.n);
  const directions = new Map<string, "lower" | "higher">();
  for (const { readings } of points)
    for (const { metric, direction } of readings)
      if (direction !== "two-sided" && decides(view, metric)) directions.set(baseName(metric), direction);
  return [...directions]
    .toSorted(([a], [b]) => Number(b === RANKING) - Number(a === RANKING))
    .map(([name, direction]) => ({
      name,
      title: metricTitle(view, name),
      word: metricWord(view, name),
      direction,
      ...floorFor(view, name, anchors),
    }));
}

/** The floor of the distill stage, where this is its metric; else a tenth of the way from real images to noise. */
function floorFor(view: View, name: string, anchors: Anchors | undefined): Partial<Metric> {
  const real = readingNamed(anchors?.floor, name)?.value;
  const noise = readingNamed(anchors?.ceiling, name)?.value;
  const scale = { real, noise };
  const set = view.records("distill").find(({ floor }) => baseName(floor.metric) === name)?.floor;
  if (set) return { ...scale, floor: lenient(set.value, set.direction) };
  if (real === undefined || noise === undefined || real === noise) return scale;
  return { ...scale, floor: Number((real + FLOOR_SHARE * (noise - real)).toPrecision(2)) };
}

/**
 * The value in three significant digits, rounded to the less strict side, so that what set a floor still meets it.
 * `direction` says which values are better.
 */
export function lenient(value: number, direction: "lower" | "higher"): number {
  const [digits, exponent] = value.toExponential(2).split("e");
  const rounded = Number(`${digits}e${exponent}`);
  if (direction === "lower" ? rounded >= value : rounded <= value) return rounded;
  const units = Math.round(Number(digits) * 100) + (direction === "lower" ? 1 : -1);
  return Number(`${units}e${Number(exponent) - 2}`);
}
