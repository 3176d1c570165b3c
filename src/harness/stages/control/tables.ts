/** How well models do as they are told: labels over guidance, holes filled, and what a classifier learns from their images. */
import type { Cas, ControlPoint, ControlRecord, Filled, Inpainting } from "../../record/index.ts";
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

export interface PointRow extends ControlPoint, Row {
  /** Whether the validation samples chose this weight; absent where they had none to choose. */
  readonly chosen?: boolean;
}

export interface HoleRow extends Inpainting, Row {
  /** The hole with what the model was told, where it could have been told otherwise: `centre`, `centre, no label`. */
  readonly hole: string;
}

interface CasRow extends Cas, Row, Pick<ControlRecord, "sampler" | "steps"> {}

/** One row a model, seed and guidance weight. */
export const pointRows = derived((view: View): PointRow[] =>
  view.done("control").flatMap(({ id: cell, record }) =>
    record.points.map((point) => {
      const { guidance } = point;
      const last = guidance === undefined ? "by-label" : `guidance-${guidance}`;
      const { chosenGuidance } = record;
      const chosen = chosenGuidance === undefined ? undefined : guidance === chosenGuidance;
      return { ...point, chosen, ...rowOf(cell, record, last) };
    }),
  ),
);

/** One row a model, seed, mask and, where the model can do without its label, whether it was told. */
export const holeRows = derived((view: View): HoleRow[] =>
  view.done("control").flatMap(({ id: cell, record }) =>
    record.inpainting.map((one) => {
      const conditional = (view.model(record.model)?.classes ?? 0) > 0;
      const unlabelled = conditional && one.filled?.told === false;
      const last = `fill-${one.mask}${unlabelled ? "-unlabelled" : ""}`;
      return {
        ...one,
        hole: unlabelled ? `${one.mask}, no label` : one.mask,
        ...rowOf(cell, record, last),
      };
    }),
  ),
);

/** One row a model and seed whose images taught a classifier. */
export const casRows = derived((view: View): CasRow[] =>
  view.done("control").flatMap(({ id: cell, record }) => {
    const { cas, sampler, steps } = record;
    return cas ? [{ ...cas, sampler, steps, ...rowOf(cell, record, "taught-classifier") }] : [];
  }),
);

export interface SteeringPoint extends PointRow {
  readonly rows: readonly PointRow[];
  readonly labelsMet: OverSeeds;
  readonly second: OverSeeds;
  readonly milliseconds: OverSeeds;
  /** Of the same samples; absent where they could not be computed. */
  readonly coverage?: OverSeeds;
  readonly fid?: OverSeeds;
  /** Seeds whose validation samples chose this weight. */
  readonly choices: number;
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
      choices: rows.filter(({ chosen }) => chosen).length,
    }))
    .toSorted((a, b) => orderOf(view, a.model) - orderOf(view, b.model)),
);

export interface FilledHole extends HoleRow {
  readonly rows: readonly HoleRow[];
  /** Over seeds; of one seed with the interval over images. */
  readonly errors: OverSeeds;
  readonly rightAfter: OverSeeds;
  readonly milliseconds: OverSeeds;
  /** What the filled images are like; absent where the run did not measure it. */
  readonly scores?: {
    /** Share that have their label still; of one seed with the interval over images. */
    readonly kept: OverSeeds;
    readonly fid: OverSeeds;
    /** Of the same images without holes: what is best at this n. */
    readonly real: { readonly kept: OverSeeds; readonly fid: OverSeeds };
    readonly diversity: OverSeeds;
    /** Diversity over error: 1 where the truth is one more draw. */
    readonly calibration: OverSeeds;
  };
}

type ScoredRow = HoleRow & { readonly filled: Filled };

/** Over the seeds, each with what it recorded. */
function scoresOf(rows: readonly HoleRow[]): FilledHole["scores"] {
  const scored = rows.filter((row): row is ScoredRow => row.filled !== undefined);
  if (scored.length === 0) return undefined;
  const over = (read: (row: ScoredRow) => number) => overSeeds(seedValues(scored, read))!;
  const share = (read: (row: ScoredRow) => Filled["accuracy"]) =>
    overSeeds(
      scored.map((row) => {
        const { value, low, high } = read(row);
        return { seed: row.seed, value, low, high };
      }),
    )!;
  return {
    kept: share(({ filled }) => filled.accuracy),
    fid: over(({ filled }) => filled.fid),
    real: {
      kept: share(({ filled }) => filled.real.accuracy),
      fid: over(({ filled }) => filled.real.fid),
    },
    diversity: over(({ filled }) => filled.diversity),
    calibration: over(({ filled, error }) => filled.diversity / error.value),
  };
}

/** One entry a hole and model, masks as recorded, models in the run's order, told its label before not. */
export const filledHoles = derived((view: View): FilledHole[] => {
  const rows = holeRows(view);
  const masks = [...new Set(rows.map(({ mask }) => mask))];
  return byKey(
    rows,
    ({ model, hole }) => `${model} ${hole}`,
    ({ accuracy }) => accuracy,
  )
    .map(({ reading, rows, ...hole }) => ({
      ...hole,
      rows,
      errors: overSeeds(rows.map(({ seed, error: { value, low, high } }) => ({ seed, value, low, high })))!,
      rightAfter: reading!,
      scores: scoresOf(rows),
      milliseconds: overSeeds(seedValues(rows, (one) => one.millisecondsPerImage))!,
    }))
    .toSorted(
      (a, b) =>
        masks.indexOf(a.mask) - masks.indexOf(b.mask) || orderOf(view, a.model) - orderOf(view, b.model),
    );
});

/** The column of the weight. */
export const guidance = {
  meaning: "w of classifier-free guidance; empty for a model that has none",
  of: (row: Pick<ControlPoint, "guidance">) => row.guidance,
};

/** How a share of images that have their label is compared. */
export const askedShare = {
  protocol: () => "share classified as asked",
  change: share,
  direction: "higher",
} as const;

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
      { reads: { ...askedShare, judge: 1 } },
    ),
    accuracy_low: column("lower end of its Wilson interval", (row) => row.accuracy.low),
    accuracy_high: column("upper end of its Wilson interval", (row) => row.accuracy.high),
    second_accuracy: column(
      "the same by the second classifier, whose architecture is another",
      (row) => row.secondAccuracy.value,
      { reads: { ...askedShare, judge: 2 } },
    ),
    second_accuracy_low: column("lower end of its Wilson interval", (row) => row.secondAccuracy.low),
    second_accuracy_high: column("upper end of its Wilson interval", (row) => row.secondAccuracy.high),
    confidence: column("confidence of the interval", (row) => row.accuracy.confidence),
    validation_n: column(
      "other samples, which only choose the weight; empty where there is none to choose",
      (row) => row.validation?.quality.n,
      { unit: "images" },
    ),
    validation_accuracy: column(
      "share of those that have the label asked for",
      (row) => row.validation?.accuracy.value,
    ),
    validation_coverage: column("their coverage of validation images", (row) =>
      metricValue(row.validation?.quality, "coverage"),
    ),
    chosen: column("yes where they chose this weight, else no", ({ chosen }) =>
      chosen === undefined ? undefined : chosen ? "yes" : "no",
    ),
  }),
});

export const cas = table({
  name: "cas",
  describe:
    "Classification accuracy score: classifiers that learned from generated images alone, tested on real ones; one row a model and seed.",
  rows: casRows,
  columns: (column) => ({
    model: c.model,
    seed: c.seed,
    sampler: c.sampler,
    steps: c.steps,
    n: column("images that the classifier learned from", (row) => row.n, { unit: "images" }),
    images_seen: column("training images that it saw, repeats counted", (row) => row.imagesSeen, {
      unit: "images",
      title: "images seen",
    }),
    tested: column("real images that it was tested on, of the reference", (row) => row.tested, {
      unit: "images",
    }),
    accuracy: column("share of them classified rightly", (row) => row.accuracy.value, {
      unit: "share",
      title: "taught by the model",
      reads: {
        direction: "higher",
        change: share,
        protocol: ({ n, imagesSeen, tested }) => `n ${n}, ${imagesSeen} images seen, ${tested} tested`,
      },
    }),
    accuracy_low: column("lower end of its Wilson interval", (row) => row.accuracy.low),
    accuracy_high: column("upper end of its Wilson interval", (row) => row.accuracy.high),
    real_accuracy: column(
      "the same by a classifier that learned from as many real training images",
      (row) => row.real.value,
      { unit: "share", title: "taught by real images" },
    ),
    real_accuracy_low: column("lower end of its Wilson interval", (row) => row.real.low),
    real_accuracy_high: column("upper end of its Wilson interval", (row) => row.real.high),
    confidence: column("confidence of the intervals", (row) => row.accuracy.confidence),
  }),
});
