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
  /** FID of the snapshot that validation images chose; older records have none. */
  readonly best?: OverSeeds;
  /** Share by which FID fell over the last third of training, the geometric mean of the seeds; below 0 where it rose. */
  readonly lastGain?: number;
  readonly progress: readonly ProgressPoint[];
  /** Share of final samples that are near-duplicates of training images, and of fresh real images. */
  readonly memorised?: OverSeeds;
  readonly freshMemorised?: OverSeeds;
}

/**
 * ln(FID two thirds through / FID at the end) of one training, the former between the snapshots beside it, linear in ln FID
 * over images seen; undefined where no snapshot is as early.
 */
export function lastThird(snapshots: readonly ScoredSnapshot[]): number | undefined {
  const points = snapshots.flatMap(({ imagesSeen, quality }) => {
    const value = metricValue(quality, RANKING);
    return value === undefined || value <= 0 ? [] : [{ at: imagesSeen, log: Math.log(value) }];
  });
  const end = points.at(-1);
  if (!end) return undefined;
  const two = (2 / 3) * end.at;
  const after = points.findIndex(({ at }) => at >= two);
  const [a, b] = [points[after - 1], points[after]!];
  if (!a) return undefined;
  return a.log + ((b.log - a.log) * (two - a.at)) / (b.at - a.at) - end.log;
}

/** One entry a model and size, models in the run's order, sizes ascending. */
export const trainingSets = derived((view: View): TrainingSet[] =>
  groupBy(view.records("data"), ({ model, trainImages }) => `${model} ${trainImages}`)
    .map(trainingSet)
    .toSorted((a, b) => orderOf(view, a.model) - orderOf(view, b.model) || a.trainImages - b.trainImages),
);

function trainingSet(group: readonly [DataRecord, ...DataRecord[]]): TrainingSet {
  const { model, trainImages } = group[0];
  const falls = group.flatMap(({ snapshots }) => lastThird(snapshots) ?? []);
  return {
    model,
    trainImages,
    seeds: group.length,
    diverged: group.filter(({ outcome }) => outcome === "diverged").length,
    final: overSeeds(
      seedValues(group, ({ snapshots }) => metricValue(snapshots.at(-1)?.quality, RANKING)),
      group.length,
    ),
    best: overSeeds(
      seedValues(group, ({ best }) => metricValue(best?.quality, RANKING)),
      group.length,
    ),
    lastGain: falls.length > 0 ? 1 - Math.exp(-mean(falls)) : undefined,
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
        ...(record.best
          ? [{ ...record.best, set: "best", imagesSeen: undefined, place: [...place, "best"] }]
          : []),
        ...copies,
      ];
      const { step } = divergence ?? {};
      const lost = { set: "snapshot", place: undefined, quality: undefined, step, imagesSeen };
      return (sets.length > 0 ? sets : [lost]).flatMap(({ quality, ...set }) =>
        c.metricRows(quality, divergence ?? NO_REASON).map((row) => {
          const validationFid =
            set.set === "snapshot" && row.metric === RANKING
              ? record.validation?.find(({ step }) => step === set.step)?.fid
              : undefined;
          const n = quality?.n;
          return { cell, model, trainImages, seed, outcome, validationFid, ...set, n, ...row };
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
        "snapshot; best: the snapshot that validation images chose, on fresh samples; copying: final samples against the training images; fresh_copying: as many real images that were not trained on",
      of: (row) => row.set,
    },
    step: column("training step of the snapshot; empty for copying", (row) => row.step),
    images_seen: { ...c.imagesSeen, meaning: "training images seen; empty for best" },
    validation_fid: column(
      "FID of the snapshot's samples against images that only choose",
      (row) => row.validationFid,
    ),
    n: c.n,
    ...c.metricColumns,
  }),
});

/** Of a training that has no snapshot, though its record names no divergence. */
const NO_REASON = { step: 0, reason: "no reason recorded" };
