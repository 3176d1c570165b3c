/** How well models do as they are told: labels over guidance, and holes filled. */
import type { ControlPoint, ControlRecord, Inpainting } from "../../record/index.ts";
import {
  byKey,
  derived,
  metricValue,
  type OverSeeds,
  orderOf,
  overSeeds,
  seedValues,
  settingPart,
  share,
  table,
  type View,
} from "../../tables/index.ts";
import * as c from "../readout/columns.ts";

interface Row {
  readonly cell: string;
  readonly place: readonly string[];
  readonly model: string;
  readonly seed: number;
}

/** What a row of a record is of; `last` ends its place. */
const rowOf = (cell: string, record: ControlRecord, last: string): Row => {
  const { model, seed } = record;
  return { cell, place: ["control", model, settingPart(record), last], model, seed };
};

export interface PointRow extends ControlPoint, Row {}
export interface HoleRow extends Inpainting, Row {}

/** One row a model, seed and guidance weight. */
export const pointRows = derived((view: View): PointRow[] =>
  view.done("control").flatMap(({ id: cell, record }) =>
    record.points.map((point) => {
      const { guidance } = point;
      const last = guidance === undefined ? "by-label" : `guidance-${guidance}`;
      return { ...point, ...rowOf(cell, record, last) };
    }),
  ),
);

/** One row a model, seed and mask. */
export const holeRows = derived((view: View): HoleRow[] =>
  view
    .done("control")
    .flatMap(({ id: cell, record }) =>
      record.inpainting.map((hole) => ({ ...hole, ...rowOf(cell, record, `fill-${hole.mask}`) })),
    ),
);

export interface SteeringPoint extends PointRow {
  readonly rows: readonly PointRow[];
  readonly labelsMet: OverSeeds;
  readonly second: OverSeeds;
  readonly milliseconds: OverSeeds;
  /** Of the same samples; absent where they could not be computed. */
  readonly coverage?: OverSeeds;
  readonly fid?: OverSeeds;
}

/** One point a model and guidance weight, models in the run's order. */
export const steeringPoints = derived((view: View): SteeringPoint[] =>
  byKey(
    pointRows(view),
    ({ model, guidance }) => `${model} ${guidance}`,
    ({ accuracy }) => accuracy.value,
  )
    .map(({ reading, rows, ...point }) => ({
      ...point,
      rows,
      labelsMet: reading!,
      second: overSeeds(seedValues(rows, (one) => one.secondAccuracy.value))!,
      milliseconds: overSeeds(seedValues(rows, (one) => one.millisecondsPerImage))!,
      coverage: overSeeds(seedValues(rows, ({ quality }) => metricValue(quality, "coverage"))),
      fid: overSeeds(seedValues(rows, ({ quality }) => metricValue(quality, "fid"))),
    }))
    .toSorted((a, b) => orderOf(view, a.model) - orderOf(view, b.model)),
);

export interface FilledHole extends HoleRow {
  readonly rows: readonly HoleRow[];
  /** Over seeds; of one seed with the interval over images. */
  readonly errors: OverSeeds;
  readonly rightAfter: OverSeeds;
  readonly milliseconds: OverSeeds;
}

/** One entry a mask and model, masks as recorded, models in the run's order. */
export const filledHoles = derived((view: View): FilledHole[] => {
  const rows = holeRows(view);
  const masks = [...new Set(rows.map(({ mask }) => mask))];
  return byKey(
    rows,
    ({ model, mask }) => `${model} ${mask}`,
    ({ accuracy }) => accuracy,
  )
    .map(({ reading, rows, ...hole }) => ({
      ...hole,
      rows,
      errors: overSeeds(rows.map(({ seed, error: { value, low, high } }) => ({ seed, value, low, high })))!,
      rightAfter: reading!,
      milliseconds: overSeeds(seedValues(rows, (one) => one.millisecondsPerImage))!,
    }))
    .toSorted(
      (a, b) =>
        masks.indexOf(a.mask) - masks.indexOf(b.mask) || orderOf(view, a.model) - orderOf(view, b.model),
    );
});

const guidance = {
  meaning: "w of classifier-free guidance; empty for a model that has none",
  of: (row: Pick<ControlPoint, "guidance">) => row.guidance,
};

const asked = { protocol: () => "share classified as asked", change: share, direction: "higher" } as const;

export const control = table({
  name: "control",
  describe: "Samples asked for by label; one row a model, seed and guidance weight.",
  rows: pointRows,
  columns: (column) => ({
    model: c.model,
    seed: c.seed,
    guidance,
    sampler: column(c.sampler.meaning, ({ quality }) => quality.sampler),
    steps: column(c.steps.meaning, ({ quality }) => quality.steps),
    network_evaluations: c.networkEvaluations,
    n: column(c.n.meaning, ({ quality }) => quality.n, { unit: "images" }),
    accuracy: column(
      "share of samples that the classifier gives the label asked for",
      (row) => row.accuracy.value,
      { reads: { ...asked, judge: 1 } },
    ),
    accuracy_low: column("lower end of its Wilson interval", (row) => row.accuracy.low),
    accuracy_high: column("upper end of its Wilson interval", (row) => row.accuracy.high),
    second_accuracy: column(
      "the same by the second classifier, whose architecture is another",
      (row) => row.secondAccuracy.value,
      { reads: { ...asked, judge: 2 } },
    ),
    second_accuracy_low: column("lower end of its Wilson interval", (row) => row.secondAccuracy.low),
    second_accuracy_high: column("upper end of its Wilson interval", (row) => row.secondAccuracy.high),
    confidence: column("confidence of the interval", (row) => row.accuracy.confidence),
  }),
});

export const controlQuality = table({
  name: "control_quality",
  describe: "Quality of the samples asked for by label; one row a model, seed, guidance weight and metric.",
  rows: (view: View) =>
    pointRows(view).flatMap(({ cell, place, model, seed, guidance, quality }) =>
      c.metricRows(quality).map((row) => ({ cell, place, model, seed, guidance, n: quality.n, ...row })),
    ),
  columns: () => ({ model: c.model, seed: c.seed, guidance, n: c.n, ...c.metricColumns }),
});

export const controlLabels = table({
  name: "control_labels",
  describe: "Labels asked for and met; one row a model, seed, guidance weight and label.",
  rows: (view: View) =>
    pointRows(view).flatMap(({ model, seed, guidance, perLabel }) =>
      perLabel.map((counts, i) => ({
        model,
        seed,
        guidance,
        label: view.run.dataset.classes[i] ?? String(i),
        ...counts,
      })),
    ),
  columns: (column) => ({
    model: c.model,
    seed: c.seed,
    guidance,
    label: column("name of the class in the dataset", (row) => row.label),
    asked: column("samples asked for with it", (row) => row.asked, { unit: "images" }),
    right: column("of them, those that the classifier gives it", (row) => row.right, { unit: "images" }),
  }),
});

export const inpainting = table({
  name: "inpainting",
  describe: "Holes in test images, filled; one row a model, seed and mask. Times stand in stage_time.csv.",
  rows: holeRows,
  columns: (column) => ({
    model: c.model,
    seed: c.seed,
    mask: column("kind of hole", (row) => row.mask, { title: "hole" }),
    missing: column("share of pixels that are missing", (row) => row.missing, { unit: "share" }),
    images: column("test images filled", (row) => row.images, { unit: "images" }),
    network_evaluations: c.networkEvaluations,
    rmse: column(
      "root mean squared error of the missing pixels, pixel range -1 to 1",
      (row) => row.error.value,
      { reads: { protocol: ({ images }) => `n ${images}, missing pixels` } },
    ),
    rmse_low: column("lower end of its bootstrap interval over images", (row) => row.error.low),
    rmse_high: column("upper end of its bootstrap interval over images", (row) => row.error.high),
    confidence: column("confidence of the interval", (row) => row.error.confidence),
    mean_fill_rmse: column(
      "the same with the hole filled by the training images' mean",
      (row) => row.meanFillError,
      { title: "mean fill" },
    ),
    accuracy: column(
      "share of filled images that the classifier gives the true label",
      (row) => row.accuracy,
      { reads: { ...asked, judge: 1 } },
    ),
  }),
});
