/** The table that the decision is computed from: every setting with its times, quality and cost, and the metrics. */
import type { Cell, Run } from "../../record/index.ts";
import type { DecisionData, Metric, Option, Timing, Value } from "../assets/decide.js";
import { groupBy, records } from "./cells.ts";
import { formatDate } from "./format.ts";
import { type LatencyRow, latencyRows, sharedBatches } from "./latency.ts";
import { RANKING } from "./options.ts";
import {
  type Anchors,
  anchorsAt,
  baseName,
  metricText,
  metricWord,
  type QualityPoint,
  qualityPoints,
  type Reading,
  readingNamed,
} from "./quality.ts";
import { describeSetting, settingKey, titleOf } from "./settings.ts";

/** Where a number stands in the CSV files, by table and the values that tell its row. */
export type RowOf = (
  table: "latency" | "diversity" | "training_time",
  key: Readonly<Record<string, string | number>>,
) => string | undefined;

/** The floor asked for by default lies this far from real images to noise. */
const FLOOR_SHARE = 0.1;

/** Levels that a request budget may be held at. */
const levels = ["p50", "p95", "p99"] as const;

/** Settings with a time and a quality. What has only one of them cannot be chosen, and is not listed. */
export function decisionData(run: Run, cells: readonly Cell[], rowOf: RowOf = () => undefined): DecisionData {
  const rows = latencyRows(run.models, cells);
  const points = qualityPoints(run.models, cells);
  const byKey = new Map(groupBy(rows, settingKey).map((group) => [settingKey(group[0]!), group]));
  const options = points.flatMap((point): Option[] => {
    const timed = byKey.get(settingKey(point));
    return timed ? [optionOf(run, cells, point, timed, rowOf)] : [];
  });
  const price = priceOf(run);
  return {
    run: `${run.dataset.name}, ${run.suite}, ${formatDate(run.startedAt)}`,
    options,
    metrics: metricsOf(cells, points),
    batches: sharedBatches(rows),
    price,
  };
}

function optionOf(
  run: Run,
  cells: readonly Cell[],
  point: QualityPoint,
  timed: readonly LatencyRow[],
  rowOf: RowOf,
): Option {
  const { model, sampler, steps } = point;
  const facts = run.models.find(({ id }) => id === model);
  const trainSeconds = trainingSeconds(run, cells, model);
  const quality = point.readings
    .filter(({ direction }) => direction !== "two-sided")
    .map((reading) => [baseName(reading.metric), qualityValue(reading, point, rowOf)] as const);
  return {
    name: describeSetting(run, point),
    model,
    title: titleOf(run, model),
    family: facts?.teacher === undefined ? (facts?.family ?? "diffusion") : "distilled",
    sampler,
    steps,
    conditional: (facts?.classes ?? 0) > 0,
    trainSeconds,
    ...linked("trainRow", rowOf("training_time", { model })),
    timings: Object.fromEntries(timed.map((row) => [row.batch, timingOf(row, rowOf)])),
    quality: Object.fromEntries(quality),
  };
}

function timingOf(row: LatencyRow, rowOf: RowOf): Timing {
  const { model, sampler, steps, batch, percentiles, imagesPerSecond, n } = row;
  const high = levels.flatMap((level) => {
    const { interval } = percentiles[level];
    return interval.defined ? [[level, interval.high] as const] : [];
  });
  return {
    ms: Object.fromEntries(levels.map((level) => [level, percentiles[level].value])),
    highMs: Object.fromEntries(high),
    secondsPerImage: 1 / imagesPerSecond,
    requests: n,
    ...linked("row", rowOf("latency", { model, sampler, steps, batch })),
  };
}

function qualityValue(
  { metric, value, interval, bySeed }: Reading,
  point: QualityPoint,
  rowOf: RowOf,
): Value {
  const { model, sampler, steps } = point;
  return {
    value,
    interval,
    bySeed,
    ...linked("row", rowOf("diversity", { model, sampler, steps, metric })),
  };
}

const linked = <Name extends string>(name: Name, row: string | undefined) =>
  (row === undefined ? {} : { [name]: row }) as { [key in Name]?: string };

/** Mean over seeds; a distilled model needs its teacher's training too. Undefined where one of them is not recorded. */
function trainingSeconds(run: Run, cells: readonly Cell[], model: string): number | undefined {
  const own = records(cells, "train").filter((record) => record.model === model);
  if (own.length === 0) return undefined;
  const seconds = own.reduce((sum, record) => sum + record.seconds, 0) / own.length;
  const teacher = run.models.find(({ id }) => id === model)?.teacher;
  if (teacher === undefined || teacher === model) return seconds;
  const taught = trainingSeconds(run, cells, teacher);
  return taught === undefined ? undefined : seconds + taught;
}

/** Metrics that say which way is better; the ranking one first. */
function metricsOf(cells: readonly Cell[], points: readonly QualityPoint[]): Metric[] {
  const n = points[0]?.n;
  const anchors = n === undefined ? undefined : anchorsAt(cells, n);
  const directions = new Map<string, "lower" | "higher">();
  for (const { readings } of points)
    for (const { metric, direction } of readings)
      if (direction !== "two-sided") directions.set(baseName(metric), direction);
  return [...directions]
    .toSorted(([a], [b]) => Number(b === RANKING) - Number(a === RANKING))
    .map(([name, direction]) => ({
      name,
      title: metricText(name).title,
      word: metricWord(name),
      direction,
      ...floorFor(name, cells, anchors),
    }));
}

/** The floor that distillation was held to, where this is its metric; else a tenth of the way from real to noise. */
function floorFor(name: string, cells: readonly Cell[], anchors: Anchors | undefined): Partial<Metric> {
  const real = readingNamed(anchors?.floor, name)?.value;
  const noise = readingNamed(anchors?.ceiling, name)?.value;
  const scale = { real, noise };
  const set = records(cells, "distill").find(({ floor }) => baseName(floor.metric) === name)?.floor;
  if (set) return { ...scale, floor: lenient(set.value, set.direction), rule: set.rule };
  if (real === undefined || noise === undefined || real === noise) return scale;
  const floor = Number((real + FLOOR_SHARE * (noise - real)).toPrecision(2));
  return { ...scale, floor, rule: "a tenth of the way from real images to noise, in two digits" };
}

/**
 * The value in three significant digits, rounded to the side that asks less, so that what set a floor still meets it.
 * `direction` says which values are better.
 */
export function lenient(value: number, direction: "lower" | "higher"): number {
  const [digits, exponent] = value.toExponential(2).split("e");
  const rounded = Number(`${digits}e${exponent}`);
  if (direction === "lower" ? rounded >= value : rounded <= value) return rounded;
  const units = Math.round(Number(digits) * 100) + (direction === "lower" ? 1 : -1);
  return Number(`${units}e${Number(exponent) - 2}`);
}

/** `price` of the suite file, where it has one. */
function priceOf(run: Run): DecisionData["price"] {
  const { price } = run.config;
  if (typeof price !== "object" || price === null || !("perHour" in price)) return undefined;
  const { perHour } = price;
  const currency = "currency" in price ? price.currency : undefined;
  return typeof perHour === "number" && perHour > 0
    ? { perHour, currency: typeof currency === "string" ? currency : "USD" }
    : undefined;
}
