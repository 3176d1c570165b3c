/** Claim 4: how well each model does as it is told. */
import { formatMs, formatNumber, formatPercent } from "../../../core/format.ts";
import { mean } from "../../../core/statistics/index.ts";
import { byModel, type Chart, colors, dots, plot } from "../../report/charts/index.ts";
import { charts, pictures, type Section } from "../../report/section.ts";
import { byKey, groupBy, highOf, inCsv, lowOf, shown, type View } from "../../tables/index.ts";
import { judged } from "../readout/claim.ts";
import { picture } from "../readout/pictures.ts";
import { stageTime } from "../readout/stage-time.ts";
import { controlClaim } from "./claim.ts";
import { inpainting } from "./holes.ts";
import {
  cas,
  casRows,
  control,
  type FilledHole,
  filledHoles,
  type SteeringPoint,
  steeringPoints,
} from "./tables.ts";

export function controlSection(view: View): Section {
  const strips = groupBy(view.records("control"), ({ model }) => model).flatMap(([first]) =>
    first.inpainting.map(({ mask, filled, grid }) => {
      const conditional = (view.model(first.model)?.classes ?? 0) > 0;
      const told = conditional && filled ? `, ${filled.told ? "told the label" : "told no label"}` : "";
      const title = view.title(first.model);
      return picture(
        `${title}, ${mask}${told}`,
        grid,
        `${title} fills the ${mask} of real images${told}. Rows`,
      );
    }),
  );
  return {
    id: "control",
    title: "Controllability",
    claim: controlClaim.text,
    verdict: judged(view, controlClaim),
    parts: [
      ...charts(guidanceChart(view)),
      ...charts(casChart(view)),
      ...charts(fillsChart(view)),
      ...charts(calibrationChart(view), holeTimeChart(view)),
      ...pictures("Holes filled", strips, "wide"),
    ],
    protocol: [
      "Labels are asked for as often as the training images have them, the same ones from the same seeds at every guidance weight; the classifier that judges them never saw a generator, and a second one of another architecture checks it.",
      "Guidance is epsilon = (1 + w) conditional - w unconditional (Ho & Salimans 2022): any w above 0 takes two network evaluations a step. A conditional GAN has no such weight and is one point. Where there are several weights, other samples choose one, against validation images: the highest accuracy among those that cover at most 0.05 less than the lowest weight. What they say is not reported as the model's.",
      "The classification accuracy score (Ravuri & Vinyals 2019) trains the judge's kind of classifier on generated images alone, under the labels that they were asked for, and tests it on real ones; the same classifier taught by as many real images stands beside it. Its interval is over the test images, not over trainings.",
      "Holes are filled in real images that are neither the reference nor trained on. A filled image should have its label still and be distributed as real images are; FID at this n is to be read beside that of the same images without holes. A conditional model that can do without its label fills each hole twice, told it and not: like pairs with like.",
      "The error against the truth, in the pixel range -1 to 1, is described and not judged: a draw from the true distribution is off by the square root of 2 times what the average of all draws is, so blur wins by it, and a perfect model may lose to the mean fill. To such a draw the truth is one more draw, so that two fills of one hole are as far apart as a fill and the truth. The times are those of this machine and stand in stage_time.csv.",
    ],
  };
}

const weightOf = ({ guidance }: SteeringPoint): string =>
  guidance === undefined ? "no guidance" : `w ${guidance}`;

const percent = (read: (point: SteeringPoint) => number) => (point: SteeringPoint) =>
  formatPercent(read(point));

/** Accuracy against coverage, a line over the weights; a model without guidance is one point. */
function guidanceChart(view: View): Chart | undefined {
  return plot({
    id: "guidance",
    title: "Accuracy and diversity over guidance",
    description:
      "Across: coverage of the samples. Up: share that the classifier gives the label asked for, the mean of the seeds; bars join their lowest and highest. A line runs over the guidance weights w, 0 being none; up and to the right is better.",
    size: "full",
    height: 300,
    rows: steeringPoints(view),
    columns: {
      ...shown(view, control, "model"),
      guidance: weightOf,
      "labels met": percent(({ labelsMet }) => labelsMet.value),
      lowest: percent(({ labelsMet }) => lowOf(labelsMet)),
      highest: percent(({ labelsMet }) => highOf(labelsMet)),
      "by the second classifier": percent(({ second }) => second.value),
      coverage: ({ coverage }) => coverage?.value,
      FID: ({ fid }) => fid?.value,
      "time per image": ({ milliseconds }) => formatMs(milliseconds.value),
      ...shown(view, control, "network_evaluations"),
      seeds: ({ rows }) => rows.length,
      "chosen for": ({ rows, choices }) =>
        rows[0]!.chosen === undefined ? "" : `${choices} of ${rows.length} seeds`,
    },
    source: inCsv(control, ({ model, guidance }) => ({ model, guidance })),
    draws: ({ coverage }) => coverage !== undefined,
    x: { title: "coverage", scale: "linear", of: ({ coverage }) => coverage!.value },
    y: { title: "labels met", scale: "linear", over: ({ labelsMet }) => labelsMet },
    label: (point) => (point.guidance === undefined ? view.title(point.model) : weightOf(point)),
    line: byModel(view),
  });
}

/** What a classifier knows of real images that has seen a model's alone. */
function casChart(view: View): Chart | undefined {
  const rows = casRows(view);
  const models = byKey(
    rows,
    ({ model }) => model,
    ({ accuracy }) => accuracy.value,
  );
  const bars = new Map(
    models.map(({ model, reading, rows: [first, ...others] }) => [
      model,
      others.length > 0 ? reading!.interval : first!.accuracy,
    ]),
  );
  return dots({
    id: "cas",
    title: "A classifier taught by generated images",
    description:
      "Share of real images that it classifies rightly. Dashed: taught by as many real images, the mean of the trainings. Of several seeds a dot each and their range; of one the 95% interval over test images.",
    rows,
    columns: {
      ...shown(view, cas, "model", "seed", "sampler", "steps", "n", "images_seen", "accuracy"),
      low: ({ accuracy }) => formatPercent(accuracy.low),
      high: ({ accuracy }) => formatPercent(accuracy.high),
      ...shown(view, cas, "real_accuracy", "tested"),
    },
    source: inCsv(cas, ({ model, seed }) => ({ model, seed })),
    axis: { title: "real images classified rightly", scale: "linear" },
    value: ({ accuracy }) => accuracy.value,
    interval: ([{ model }]) => bars.get(model),
    mark: rows.length > 0 ? mean(rows.map(({ real }) => real.value)) : undefined,
    line: byModel(view),
  });
}

/** The line of a model's hole. */
const byHole = (view: View) => (hole: { readonly model: string; readonly hole: string }) => ({
  ...byModel(view)(hole),
  label: `${view.title(hole.model)}, ${hole.hole}`,
});

const holeOf = inCsv<FilledHole>(inpainting, ({ model, mask, filled }) => ({
  model,
  mask,
  told: filled && (filled.told ? "yes" : "no"),
}));

type ScoredHole = FilledHole & Required<Pick<FilledHole, "scores">>;

const scoredHoles = (view: View): ScoredHole[] =>
  filledHoles(view).filter((hole): hole is ScoredHole => hole.scores !== undefined);

/** What filled images should be: of their label, and distributed as real images are. */
function fillsChart(view: View): Chart | undefined {
  const holes = scoredHoles(view);
  const [first] = holes;
  if (!first) return undefined;
  const share = (read: (hole: ScoredHole) => number) => (hole: ScoredHole) => formatPercent(read(hole));
  const whole = { x: first.scores.real.fid.value, y: first.scores.real.kept.value };
  return plot({
    id: "fills",
    title: "Holes filled: label kept, and FID",
    description:
      "Across: FID of the filled images. Up: share that the classifier gives the true label still, the mean of the seeds; bars join their lowest and highest, of one seed they are the 95% interval over images. Up and to the left is better. Square: the same images without holes.",
    size: "full",
    height: 280,
    rows: holes,
    columns: {
      ...shown(view, inpainting, "model"),
      hole: ({ hole }) => hole,
      ...shown(view, inpainting, "told", "missing", "images"),
      "label kept": share(({ scores }) => scores.kept.value),
      lowest: share(({ scores }) => lowOf(scores.kept)),
      highest: share(({ scores }) => highOf(scores.kept)),
      FID: ({ scores }) => scores.fid.value,
      "FID of whole images": ({ scores }) => scores.real.fid.value,
      diversity: ({ scores }) => scores.diversity.value,
      error: ({ errors }) => errors.value,
      ...shown(view, inpainting, "mean_fill_rmse", "network_evaluations"),
      seeds: ({ rows }) => rows.length,
    },
    source: holeOf,
    x: { title: "FID of the filled images", scale: "log", of: ({ scores }) => scores.fid.value },
    y: { title: "label kept", scale: "linear", over: ({ scores }) => scores.kept },
    joined: false,
    pointSize: 70,
    label: ({ hole }) => hole,
    line: byModel(view),
    extra: [
      {
        label: "without holes",
        color: colors.floor,
        symbol: "square",
        points: [
          {
            ...whole,
            tip: `the same images without holes\nFID ${formatNumber(whole.x)}, label ${formatPercent(whole.y)}`,
          },
        ],
      },
    ],
  });
}

/** How far fills of one hole lie apart, over how far they lie from the truth. */
function calibrationChart(view: View): Chart | undefined {
  const holes = scoredHoles(view);
  const line = byHole(view);
  const intervals = new Map(
    holes.map((hole) => [
      line(hole).label,
      hole.rows.length > 1 ? hole.scores.calibration.interval : undefined,
    ]),
  );
  return dots({
    id: "calibration",
    title: "Diversity of fills over their error",
    description:
      "Root mean squared difference of two fills of one hole over that of a fill and the truth, a dot a seed. Dashed: 1, as where the truth is one more draw. Below it fills are too sure, above it too varied.",
    rows: holes.flatMap(({ rows }) => rows),
    columns: {
      hole: (row) => line(row).label,
      ...shown(view, inpainting, "seed", "diversity", "rmse", "fills", "repeated"),
    },
    axis: { title: "diversity / error", scale: "linear" },
    value: ({ filled, error }) => filled && filled.diversity / error.value,
    interval: ([first]) => intervals.get(line(first).label),
    mark: 1,
    line,
  });
}

/** Wall-clock of filling one image's hole. */
function holeTimeChart(view: View): Chart | undefined {
  return dots({
    id: "hole-time",
    title: "Time to fill a hole",
    description:
      "Wall-clock per image, the mean of the seeds: a GAN searches its latents, diffusion samples under the mask.",
    rows: filledHoles(view),
    columns: {
      ...shown(view, inpainting, "model"),
      hole: ({ hole }) => hole,
      "time per image": ({ milliseconds }) => formatMs(milliseconds.value),
      ...shown(view, inpainting, "network_evaluations"),
    },
    source: inCsv(stageTime, ({ model, hole }) => ({ model, setting: `mask=${hole}` })),
    axis: { title: "time per image", scale: "log", labels: "milliseconds" },
    value: ({ milliseconds }) => milliseconds.value,
    line: byHole(view),
  });
}
