/** Quality of every sampled set, and the modes that it reaches. */
import { baseName, type MetricValue, type Quality } from "../../record/index.ts";
import {
  derived,
  groupBy,
  type OverSeeds,
  overSeeds,
  RANKING,
  type Setting,
  settingKey,
  settingPart,
  table,
  type View,
} from "../../tables/index.ts";
import * as c from "../readout/columns.ts";

/** One metric of a setting, over its seeds. */
export interface Reading extends OverSeeds {
  readonly metric: string;
  readonly direction: MetricValue["direction"];
}

export interface QualityPoint extends Setting {
  readonly n: number;
  readonly readings: readonly Reading[];
  readonly undefinedMetrics: readonly { readonly metric: string; readonly why: string }[];
  /** Images assigned to each mode, summed over seeds, in the dataset's order. */
  readonly modeCounts: readonly number[];
}

/** One point a model, sampler and step count; models in the run's order, samplers as recorded, steps ascending. */
export const qualityPoints = derived((view: View): QualityPoint[] => {
  const scored = view
    .records("diversity")
    .flatMap(({ model, seed, settings }) => settings.map((quality) => ({ model, seed, quality })));
  return view.run.models.flatMap(({ id }) =>
    groupBy(
      scored.filter(({ model }) => model === id),
      ({ quality }) => quality.sampler,
    ).flatMap((sampler) =>
      groupBy(sampler, ({ model, quality }) => settingKey({ model, ...quality }))
        .map((group) => qualityPoint(id, group))
        .toSorted((a, b) => a.steps - b.steps),
    ),
  );
});

/** Scored sets of one setting as a point. */
export function qualityPoint(
  model: string,
  group: readonly [
    { readonly seed: number; readonly quality: Quality },
    ...{ readonly seed: number; readonly quality: Quality }[],
  ],
): QualityPoint {
  const { sampler, steps, n, modeCounts } = group[0].quality;
  const values = group.flatMap(({ seed, quality }) => quality.metrics.map((metric) => ({ seed, ...metric })));
  return {
    model,
    sampler,
    steps,
    n,
    readings: groupBy(values, ({ metric }) => metric).map((own) => ({
      metric: own[0].metric,
      direction: own[0].direction,
      ...overSeeds(own.map(({ seed, value, low, high }) => ({ seed, value, low, high })))!,
    })),
    undefinedMetrics: group.flatMap(({ quality }) => quality.undefinedMetrics),
    modeCounts: modeCounts.map((_, mode) =>
      group.reduce((sum, { quality }) => sum + (quality.modeCounts[mode] ?? 0), 0),
    ),
  };
}

/** A reading by its metric's base name. */
export const readingNamed = (point: QualityPoint | undefined, base: string): Reading | undefined =>
  point?.readings.find(({ metric }) => baseName(metric) === base);

/** Metrics in the order in which they were recorded, each once, defined or not. */
export const metricNames = (points: readonly QualityPoint[]): string[] => [
  ...new Set(
    points.flatMap(({ readings, undefinedMetrics }) =>
      [...readings, ...undefinedMetrics].map(({ metric }) => metric),
    ),
  ),
];

/** The model's setting of the lowest mean of the ranking metric, among those that `suits` accepts. */
export function bestSetting(
  view: View,
  model: string,
  suits: (point: QualityPoint) => boolean = () => true,
): { readonly point: QualityPoint; readonly reading: Reading } | undefined {
  return qualityPoints(view)
    .filter((point) => point.model === model && suits(point))
    .flatMap((point) => {
      const reading = readingNamed(point, RANKING);
      return reading ? [{ point, reading }] : [];
    })
    .toSorted((a, b) => a.reading.value - b.reading.value)[0];
}

/** Every scored set: the anchors (`real` the floor, `noise` the ceiling; no seed), then the models' settings. */
const scoredSets = derived((view: View) => [
  ...view.records("anchors").flatMap(({ real, noise }) => [
    { cell: undefined, place: undefined, model: "real", seed: undefined, quality: real },
    { cell: undefined, place: undefined, model: "noise", seed: undefined, quality: noise },
  ]),
  ...view.done("diversity").flatMap(({ id: cell, record: { model, seed, settings } }) =>
    settings.map((quality) => ({
      cell,
      place: ["diversity", model, settingPart(quality)],
      model,
      seed,
      quality,
    })),
  ),
]);

export const diversity = table({
  name: "diversity",
  describe:
    "Quality of each sampled set; one row a metric. The anchors come first: model `real` is the floor, `noise` the ceiling.",
  rows: (view: View) =>
    scoredSets(view).flatMap(({ quality, ...set }) => {
      const { sampler, steps, n } = quality;
      return c.metricRows(quality).map((row) => ({ ...set, sampler, steps, n, ...row }));
    }),
  columns: () => ({ ...c.scoredSet, ...c.metricColumns }),
});

export const modes = table({
  name: "modes",
  describe: "Images that the classifier assigns to each mode; one row a sampled set and mode, anchors first.",
  rows: (view: View) =>
    scoredSets(view).flatMap(({ model, seed, quality: { sampler, steps, n, modeCounts } }) =>
      modeCounts.map((count, i) => ({
        model,
        seed,
        sampler,
        steps,
        n,
        mode: view.run.dataset.modes[i] ?? String(i),
        count,
      })),
    ),
  columns: (column) => ({
    ...c.scoredSet,
    mode: column("name of the mode in the dataset", (row) => row.mode),
    count: column("images assigned to it", (row) => row.count, { unit: "images" }),
  }),
});
