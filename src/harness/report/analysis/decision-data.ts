/** The table that the decision is computed from: every setting with its times, quality and cost, and the metrics. */
import { plural } from "../../../core/format.ts";
import { mean } from "../../../core/statistics/index.ts";
import { baseName } from "../../record/index.ts";
import { type Anchors, anchorsAt } from "../../stages/anchors/tables.ts";
import { diversity, type QualityPoint, qualityPoints, readingNamed } from "../../stages/diversity/tables.ts";
import { percentileGaps, percentileInterval, percentileOf } from "../../stages/latency/percentiles.ts";
import { type LatencyRow, latency, latencyRows, sharedBatches } from "../../stages/latency/tables.ts";
import { trainingTime } from "../../stages/train/tables.ts";
import {
  decides,
  describeSetting,
  FLOOR_SHARE,
  groupBy,
  isOnePass,
  metricTitle,
  metricValue,
  metricWord,
  priceOf,
  RANKING,
  type RowLink,
  seedsOfModel,
  settingColumns,
  settingKey,
  sideOf,
  usableTrainings,
  type View,
} from "../../tables/index.ts";
import type { BySeed, DecisionData, Metric, Option, Timing, Value } from "../decide/index.ts";

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
    missing: missingModels(view, points, options),
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
    .map(({ metric, value, interval, bySeed, of }) => {
      const row = rowOf(diversity.name, { ...settingColumns(point), metric });
      const confirmed = confirmedBy(view, point, baseName(metric));
      return [baseName(metric), { value, interval, bySeed, of, confirmed, row }] as const;
    });
  const spent = trainingSpent(view, model);
  return {
    name: describeSetting(view, point),
    model,
    title: view.title(model),
    kind: facts?.teacher === undefined ? sideOf(view, model) : "distilled",
    onePass: isOnePass(view, model),
    sampler,
    steps,
    conditional: (facts?.classes ?? 0) > 0,
    trainings: facts?.trained ? usableTrainings(seedsOfModel(view, model)) : undefined,
    trainSeconds: spent?.seconds,
    trainBySeed: spent?.bySeed,
    trainRow: rowOf(trainingTime.name, { model }),
    timings: Object.fromEntries(timed.map((row) => [row.batch, timingOf(row, rowOf)])),
    quality: Object.fromEntries(quality),
  };
}

/** What each judge that confirms makes of a setting's images; absent where there is none. */
function confirmedBy(view: View, point: QualityPoint, metric: string): Value["confirmed"] {
  const key = settingKey(point);
  const scored = view.records("diversity").flatMap(({ model, seed, settings }) =>
    settings
      .filter(({ sampler, steps }) => settingKey({ model, sampler, steps }) === key)
      .flatMap((quality) =>
        (quality.confirmed ?? []).flatMap((by) => {
          const value = metricValue({ ...quality, ...by }, metric);
          return value === undefined ? [] : [{ judge: by.judge, seed, value }];
        }),
      ),
  );
  if (scored.length === 0) return undefined;
  return groupBy(scored, ({ judge }) => judge).map((group) => ({
    judge: group[0].judge,
    value: mean(group.map(({ value }) => value)),
    bySeed: group.map(({ seed, value }) => ({ seed, value })),
  }));
}

function timingOf(row: LatencyRow, rowOf: RowLink): Timing {
  const { batch, percentiles, imagesPerSecond, byProcess } = row;
  const known = <T>(read: (level: (typeof levels)[number]) => T | undefined) =>
    Object.fromEntries(
      levels.flatMap((level) => {
        const value = read(level);
        return value === undefined ? [] : [[level, value] as const];
      }),
    );
  return {
    ms: { ...known((level) => percentileOf(row, level)?.value), p50: percentiles.p50.value },
    lowMs: known((level) => percentileInterval(row, level)?.low),
    highMs: known((level) => percentileInterval(row, level)?.high),
    needs: known((level) => (percentileOf(row, level) ? undefined : percentileGaps(row, [level])[0])),
    secondsPerImage: 1 / imagesPerSecond,
    byProcess,
    row: rowOf(latency.name, { ...settingColumns(row), batch }),
  };
}

/**
 * Seconds of training for one usable model: all trainings, the failed ones too, over those that are usable. By seed each
 * training has its own, with its share of the failed ones. A distilled model's include its teacher's. Undefined where one
 * of them was not recorded.
 */
function trainingSpent(
  view: View,
  model: string,
): { readonly seconds: number; readonly bySeed: readonly BySeed[] } | undefined {
  const seeds = seedsOfModel(view, model);
  const { trained, diverged, lost } = seeds;
  const recorded = [...trained, ...diverged];
  if (trained.length === 0) return undefined;
  const each = mean(recorded.map(({ seconds }) => seconds));
  const failed = [...diverged.map(({ seconds }) => seconds), ...lost.map(() => each)];
  const repeated = failed.reduce((sum, seconds) => sum + seconds, 0) / trained.length;
  const own = trained.map(({ seed, seconds }) => ({ seed, value: seconds + repeated }));
  const teacher = view.model(model)?.teacher;
  const taught = teacher === undefined || teacher === model ? undefined : trainingSpent(view, teacher);
  if (teacher !== undefined && teacher !== model && !taught) return undefined;
  const bySeed = own.map(({ seed, value }) => {
    const before = taught?.bySeed.find((one) => one.seed === seed)?.value ?? taught?.seconds ?? 0;
    return { seed, value: value + before };
  });
  return { seconds: mean(own.map(({ value }) => value)) + (taught?.seconds ?? 0), bySeed };
}

/** Models of which no setting can be chosen, where others can. */
function missingModels(
  view: View,
  points: readonly QualityPoint[],
  options: readonly Option[],
): DecisionData["missing"] {
  if (options.length === 0) return [];
  return view.run.models
    .filter(({ id }) => !options.some(({ model }) => model === id))
    .map(({ id, title, trained }) => {
      const { usable, of } = usableTrainings(seedsOfModel(view, id));
      if (trained && of > 0 && usable === 0)
        return { title, why: `${plural(of, "training")}, none of them usable` };
      const scored = points.some(({ model }) => model === id);
      return { title, why: scored ? "its requests were not timed" : "its images were not scored" };
    });
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

/** The floor that the suite states in the metric's own unit; else a tenth of the way from real images to noise. */
function floorFor(view: View, name: string, anchors: Anchors | undefined): Partial<Metric> {
  const real = readingNamed(anchors?.floor, name)?.value;
  const noise = readingNamed(anchors?.ceiling, name)?.value;
  const scale = { real, noise };
  const stated = statedFloor(view, name);
  if (stated !== undefined) return { ...scale, floor: stated, floorRule: "set by the suite" };
  if (real === undefined || noise === undefined || real === noise) return scale;
  const floor = Number((real + FLOOR_SHARE * (noise - real)).toPrecision(2));
  return { ...scale, floor, floorRule: "a tenth of the way from real images to noise" };
}

/**
 * The value of `stages.distill.floor`. A floor that is a multiple of the teacher's best is no floor for a decision: it
 * would hold one family to what the other happened to score.
 */
function statedFloor({ run: { config } }: View, name: string): number | undefined {
  const { distill } = (config.stages ?? {}) as {
    readonly distill?: { readonly metric?: string; readonly floor?: { readonly value?: number } };
  };
  const { metric, floor } = distill ?? {};
  return metric !== undefined && baseName(metric) === name ? floor?.value : undefined;
}
