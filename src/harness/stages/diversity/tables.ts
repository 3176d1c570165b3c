/** Quality of every sampled set, and the modes that it reaches. */
import { baseName, type MetricValue, type Quality, type Side } from "../../record/index.ts";
import {
  derived,
  groupBy,
  type OverSeeds,
  overSeeds,
  RANKING,
  type Setting,
  seedsOfModel,
  settingKey,
  settingPart,
  sideOf,
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
  /** Seeds whose images were scored, of those asked for; a single metric may have fewer. */
  readonly scored: { readonly bySeed: readonly number[]; readonly of: number };
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
        .map((group) => qualityPoint(id, group, seedsOfModel(view, id).asked.length))
        .toSorted((a, b) => a.steps - b.steps),
    ),
  );
});

/** Scored sets of one setting as a point; `asked`: the training seeds that were asked for. */
export function qualityPoint(
  model: string,
  group: readonly [
    { readonly seed: number; readonly quality: Quality },
    ...{ readonly seed: number; readonly quality: Quality }[],
  ],
  asked = group.length,
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
      ...overSeeds(
        own.map(({ seed, value, low, high }) => ({ seed, value, low, high })),
        asked,
      )!,
    })),
    scored: { bySeed: group.map(({ seed }) => seed), of: asked },
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

/**
 * The model's setting of the lowest mean of the ranking metric, among those that `suits` accepts; of settings that fewer
 * seeds have a value of, none before one that more have.
 */
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
    .toSorted(
      (a, b) => b.reading.bySeed.length - a.reading.bySeed.length || a.reading.value - b.reading.value,
    )[0];
}

/** The side's setting of the lowest mean of the ranking metric. */
export const bestOfSide = (view: View, side: Side): QualityPoint | undefined =>
  view.run.models
    .filter(({ id }) => sideOf(view, id) === side)
    .flatMap(({ id }) => bestSetting(view, id) ?? [])
    .toSorted((a, b) => a.reading.value - b.reading.value)[0]?.point;

/** Every scored set: the anchors (`real` the floor, `noise` the ceiling; no seed), then the models' settings. */
export const scoredSets = derived((view: View) => [
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
    "Quality of each sampled set; one row a metric. The anchors come first: model `real` is the floor, `noise` the ceiling. A training that failed has one row without a value, at the end.",
  rows: (view: View) => [
    ...scoredSets(view).flatMap(({ quality, ...set }) => {
      const { sampler, steps, n } = quality;
      const labels = labelsOf(view, set.model);
      return c.metricRows(quality).map((row) => ({ ...set, sampler, steps, n, toldLabels: labels, ...row }));
    }),
    ...failedTrainings(view),
  ],
  columns: (column) => ({
    ...c.scoredSet,
    told_labels: column(
      "yes where the model is told the label of each image, drawn as often as in the data; empty for the anchors",
      (row) => row.toldLabels,
    ),
    ...c.metricColumns,
  }),
});

/** `yes` or `no`: whether a model is told labels; undefined for the anchors. */
export const labelsOf = (view: View, model: string): "yes" | "no" | undefined => {
  const facts = view.model(model);
  return facts && (facts.classes > 0 ? "yes" : "no");
};

/** What a row of quality was measured of. */
interface ScoredFrom {
  readonly cell: string | undefined;
  readonly place: readonly string[] | undefined;
  readonly model: string;
  readonly seed: number | undefined;
  readonly sampler: string | undefined;
  readonly steps: number | undefined;
  readonly n: number | undefined;
  readonly toldLabels: "yes" | "no" | undefined;
}

/** Trainings whose images nobody could score, where the run scores images. */
function failedTrainings(view: View) {
  if (!view.run.plan.some(({ kind }) => kind === "diversity")) return [];
  return view.run.models.flatMap(({ id: model }) => {
    const { diverged, lost } = seedsOfModel(view, model);
    const row = (seed: number, why: string): c.MetricRow & ScoredFrom => ({
      cell: undefined,
      place: undefined,
      model,
      seed,
      sampler: undefined,
      steps: undefined,
      n: undefined,
      toldLabels: labelsOf(view, model),
      metric: RANKING,
      why,
      lost: true,
    });
    return [
      ...diverged.map(({ seed, divergence }) =>
        row(seed, `training diverged${divergence ? `: ${divergence.reason}` : ""}`),
      ),
      ...lost.map((seed) => row(seed, "training failed")),
    ];
  });
}

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
