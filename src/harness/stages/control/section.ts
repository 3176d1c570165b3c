/** Claim 4: how well each model does as it is told. */
import { formatMs, formatPercent } from "../../../core/format.ts";
import { byModel, type Chart, dots, plot } from "../../report/charts/index.ts";
import { charts, pictures, type Section } from "../../report/section.ts";
import { groupBy, highOf, inCsv, lowOf, numbers, shown, type View } from "../../tables/index.ts";
import { judged } from "../readout/claim.ts";
import { picture } from "../readout/pictures.ts";
import { stageTime } from "../readout/stage-time.ts";
import { controlClaim } from "./claim.ts";
import { control, filledHoles, inpainting, type SteeringPoint, steeringPoints } from "./tables.ts";

export function controlSection(view: View): Section {
  const strips = groupBy(view.records("control"), ({ model }) => model).flatMap(([first]) =>
    first.inpainting.map(({ mask, grid }) => {
      const title = view.title(first.model);
      return picture(`${title}, ${mask}`, grid, `${title} fills the ${mask} of test images. Rows`);
    }),
  );
  return {
    id: "control",
    title: "Controllability",
    claim: controlClaim.text,
    verdict: judged(view, controlClaim),
    parts: [
      ...charts(guidanceChart(view)),
      ...charts(holesChart(view), holeTimeChart(view)),
      ...pictures("Holes filled", strips, "wide"),
    ],
    protocol: [
      "Labels are asked for as often as the training images have them, the same ones from the same seeds at every guidance weight; the classifier that judges them never saw a generator, and a second one of another architecture checks it.",
      "Guidance is epsilon = (1 + w) conditional - w unconditional (Ho & Salimans 2022): any w above 0 takes two network evaluations a step. A conditional GAN has no such weight and is one point.",
      "Holes are filled in test images and compared with the truth, in the pixel range -1 to 1; the mean fill is the error that a model without any knowledge makes. The times are those of this machine and stand in stage_time.csv.",
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
    },
    source: inCsv(control, ({ model, guidance }) => ({ model, guidance })),
    draws: ({ coverage }) => coverage !== undefined,
    x: { title: "coverage", scale: "linear", of: ({ coverage }) => coverage!.value },
    y: { title: "labels met", scale: "linear", over: ({ labelsMet }) => labelsMet },
    label: (point) => (point.guidance === undefined ? view.title(point.model) : weightOf(point)),
    line: byModel(view),
  });
}

/** The line of a model's hole. */
const byHole = (view: View) => (hole: { readonly model: string; readonly mask: string }) => ({
  ...byModel(view)(hole),
  label: `${view.title(hole.model)}, ${hole.mask}`,
});

/** Error in the holes over that of filling them with the mean: below 1 a model knows more than the average image. */
function holesChart(view: View): Chart | undefined {
  const holes = filledHoles(view);
  const line = byHole(view);
  const bars = new Map(
    holes.map((hole) => {
      const { errors, meanFillError: mean } = hole;
      return [line(hole).label, { low: lowOf(errors) / mean, high: highOf(errors) / mean }] as const;
    }),
  );
  return dots({
    id: "holes",
    title: "Holes filled",
    description:
      "Root mean squared error of the missing pixels over that of filling the hole with the training images' mean. Of several seeds a dot each and their range; of one the 95% interval over images.",
    rows: holes.flatMap(({ rows }) => rows),
    columns: {
      hole: (row) => line(row).label,
      seed: ({ seed }) => seed,
      error: ({ error }) => error.value,
      "mean fill": ({ meanFillError }) => meanFillError,
    },
    table: numbers(
      holes,
      {
        ...shown(view, inpainting, "model", "mask", "missing", "images"),
        error: ({ errors }) => errors.value,
        low: ({ errors }) => lowOf(errors),
        high: ({ errors }) => highOf(errors),
        ...shown(view, inpainting, "mean_fill_rmse"),
        "right class after": ({ rightAfter }) => formatPercent(rightAfter.value),
        ...shown(view, inpainting, "network_evaluations"),
        seeds: ({ rows }) => rows.length,
      },
      inCsv(inpainting, ({ model, mask }) => ({ model, mask })),
    ),
    axis: { title: "error / error of the mean fill", scale: "log" },
    value: ({ error, meanFillError }) => error.value / meanFillError,
    interval: ([first]) => bars.get(line(first).label),
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
      ...shown(view, inpainting, "model", "mask"),
      "time per image": ({ milliseconds }) => formatMs(milliseconds.value),
      ...shown(view, inpainting, "network_evaluations"),
    },
    source: inCsv(stageTime, ({ model, mask }) => ({ model, setting: `mask=${mask}` })),
    axis: { title: "time per image", scale: "log", labels: "milliseconds" },
    value: ({ milliseconds }) => milliseconds.value,
    line: byHole(view),
  });
}
