/** Quality and copying against training-set size. */
import { mean } from "../../../core/statistics/index.ts";
import type { DataRecord, ScoredSnapshot } from "../../record/index.ts";
import {
  derived,
  groupBy,
  metricValue,
  type OverSeeds,
  orderOf,
  overSeeds,
  RANKING,
  seedValues,
  table,
  type View,
} from "../../tables/index.ts";
import * as c from "../readout/columns.ts";

export interface ProgressPoint {
  readonly step: number;
  readonly imagesSeen: number;
  /** Mean of the seeds' seconds of training until then. */
  readonly seconds: number;
  readonly reading: OverSeeds;
}

/** The ranking metric over training: one point a step that any seed reached, steps ascending. */
export function progressOf(
  trainings: readonly { readonly seed: number; readonly snapshots: readonly ScoredSnapshot[] }[],
): ProgressPoint[] {
  const scored = trainings.flatMap(({ seed, snapshots }) =>
    snapshots.flatMap(({ quality, ...snapshot }) => {
      const value = metricValue(quality, RANKING);
      return value === undefined ? [] : [{ ...snapshot, seed, value }];
    }),
  );
  return groupBy(scored, ({ step }) => step)
    .map((group) => ({
      step: group[0].step,
      imagesSeen: group[0].imagesSeen,
      seconds: mean(group.map(({ seconds }) => seconds)),
      reading: overSeeds(group.map(({ seed, value }) => ({ seed, value })))!,
    }))
    .toSorted((a, b) => a.step - b.step);
}

export interface TrainingSet {
  readonly model: string;
  readonly trainImages: number;
  readonly seeds: number;
  readonly diverged: number;
  /** FID of the final weights; a training that diverged has none. */
  readonly final?: OverSeeds;
  readonly progress: readonly ProgressPoint[];
  /** Share of final samples that are near-duplicates of training images, and of fresh real images. */
  readonly memorised?: OverSeeds;
  readonly freshMemorised?: OverSeeds;
}

/** One entry a model and size, models in the run's order, sizes ascending. */
export const trainingSets = derived((view: View): TrainingSet[] =>
  groupBy(view.records("data"), ({ model, trainImages }) => `${model} ${trainImages}`)
    .map(trainingSet)
    .toSorted((a, b) => orderOf(view, a.model) - orderOf(view, b.model) || a.trainImages - b.trainImages),
);

function trainingSet(group: readonly [DataRecord, ...DataRecord[]]): TrainingSet {
  const { model, trainImages } = group[0];
  return {
    model,
    trainImages,
    seeds: group.length,
    diverged: group.filter(({ outcome }) => outcome === "diverged").length,
    final: overSeeds(
      seedValues(group, ({ snapshots }) => metricValue(snapshots.at(-1)?.quality, RANKING)),
      group.length,
    ),
    progress: progressOf(group),
    memorised: overSeeds(seedValues(group, ({ copying }) => metricValue(copying, "memorisation"))),
    freshMemorised: overSeeds(
      seedValues(group, ({ freshCopying }) => metricValue(freshCopying, "memorisation")),
    ),
  };
}

/** The final samples' quality and copying are compared. */
export const data = table({
  name: "data",
  describe:
    "Quality and copying by training-set size; one row a model, size, seed, set and metric. A training that diverged has one row without a value.",
  rows: (view: View) =>
    view.done("data").flatMap(({ id: cell, record }) => {
      const { model, trainImages, seed, outcome, snapshots, imagesSeen, divergence } = record;
      const place = ["data", model, `images-${trainImages}`];
      const final = snapshots.at(-1);
      const copies = [
        { set: "copying", quality: record.copying, place: [...place, "copying"] },
        { set: "fresh_copying", quality: record.freshCopying, place: undefined },
      ].flatMap(({ quality, ...set }) => (quality ? [{ ...set, quality, step: undefined, imagesSeen }] : []));
      const sets = [
        ...snapshots.map((one) => ({ ...one, set: "snapshot", place: one === final ? place : undefined })),
        ...copies,
      ];
      const { step } = divergence ?? {};
      const lost = { set: "snapshot", place: undefined, quality: undefined, step, imagesSeen };
      return (sets.length > 0 ? sets : [lost]).flatMap(({ quality, ...set }) =>
        c.metricRows(quality, divergence ?? NO_REASON).map((row) => {
          return { cell, model, trainImages, seed, outcome, ...set, n: quality?.n, ...row };
        }),
      );
    }),
  columns: (column) => ({
    model: c.model,
    train_images: column("different training images", (row) => row.trainImages, { unit: "images" }),
    seed: c.seed,
    outcome: c.outcome,
    set: {
      meaning:
        "snapshot; copying: final samples against the training images; fresh_copying: as many real images that were not trained on",
      of: (row) => row.set,
    },
    step: column("training step of the snapshot; empty for copying", (row) => row.step),
    images_seen: c.imagesSeen,
    n: c.n,
    ...c.metricColumns,
  }),
});

/** Of a training that has no snapshot, though its record names no divergence. */
const NO_REASON = { step: 0, reason: "no reason recorded" };
