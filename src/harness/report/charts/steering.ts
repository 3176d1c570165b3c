/** Labels met against diversity over guidance weights, and errors in filled holes. */
import type { Cell, Run } from "../../record/index.ts";
import {
  filledHoles,
  formatMs,
  formatNumber,
  formatPercent,
  type ModelSteering,
  modelSteering,
  type Span,
  type SteeringPoint,
  titleOf,
} from "../analysis/index.ts";
import { linearDomain, logAxis } from "./axis.ts";
import { type Chart, inCsv } from "./chart.ts";
import { dotPlot } from "./dots.ts";
import { plot } from "./plot.ts";
import { lookOf } from "./theme.ts";

const weightOf = ({ guidance }: SteeringPoint): string =>
  guidance === undefined ? "no guidance" : `w ${guidance}`;

/** Accuracy against coverage, a line over the weights; a model without guidance is one point. */
export function guidanceChart(run: Run, cells: readonly Cell[]): Chart | undefined {
  const models = modelSteering(run, cells).filter(({ points }) => points.some(({ coverage }) => coverage));
  const all = models.flatMap(({ points }) => points);
  const coverages = all.flatMap(({ coverage }) => coverage?.value ?? []);
  return plot({
    id: "guidance",
    title: "Accuracy and diversity over guidance",
    description:
      "Across: coverage of the samples. Up: share that the classifier gives the label asked for, the mean of the seeds; bars join their lowest and highest. A line runs over the guidance weights w, 0 being none; up and to the right is better.",
    size: "full",
    height: 300,
    x: { title: "coverage", scale: "linear", domain: linearDomain(coverages) },
    y: {
      title: "labels met",
      scale: "linear",
      domain: linearDomain(all.flatMap(({ accuracy }) => [accuracy.low, accuracy.high])),
    },
    series: models.map(({ model, points }) => ({
      label: titleOf(run, model),
      ...lookOf(run, model),
      points: points.flatMap((point) =>
        point.coverage
          ? [
              {
                x: point.coverage.value,
                y: point.accuracy.value,
                ...(point.accuracy.n > 1 && { low: point.accuracy.low, high: point.accuracy.high }),
                label: point.guidance === undefined ? titleOf(run, model) : weightOf(point),
                tip: `${titleOf(run, model)}, ${weightOf(point)}\n${formatPercent(point.accuracy.value)} of labels met, ${formatPercent(point.secondAccuracy.value)} by the second classifier\ncoverage ${formatNumber(point.coverage.value)}`,
              },
            ]
          : [],
      ),
    })),
    table: steeringTable(run, models),
  });
}

function steeringTable(run: Run, models: readonly ModelSteering[]) {
  const number = (span: Span | undefined) => (span ? formatNumber(span.value) : "");
  return {
    sources: models.flatMap(({ model, points }) =>
      inCsv("control", points, ({ guidance }) => ({ model, guidance })),
    ),
    columns: [
      "model",
      "guidance",
      "labels met",
      "lowest",
      "highest",
      "by the second classifier",
      "coverage",
      "FID",
      "time per image",
      "network evaluations",
      "seeds",
    ],
    rows: models.flatMap(({ model, points }) =>
      points.map((point) => [
        titleOf(run, model),
        weightOf(point),
        formatPercent(point.accuracy.value),
        formatPercent(point.accuracy.low),
        formatPercent(point.accuracy.high),
        formatPercent(point.secondAccuracy.value),
        number(point.coverage),
        number(point.fid),
        formatMs(point.millisecondsPerImage.value),
        String(point.networkEvaluations),
        String(point.accuracy.n),
      ]),
    ),
  };
}

/** Error in the holes over that of filling them with the mean: below 1 a model knows more than the average image. */
export function holesChart(run: Run, cells: readonly Cell[]): Chart | undefined {
  const holes = filledHoles(run, cells);
  const name = ({ model, mask }: (typeof holes)[number]) => `${titleOf(run, model)}, ${mask}`;
  const ratios = holes.flatMap(({ error, meanFillError }) =>
    [error.value, error.low, error.high].map((value) => value / meanFillError),
  );
  return dotPlot({
    id: "holes",
    title: "Holes filled",
    description:
      "Root mean squared error of the missing pixels over that of filling the hole with the training images' mean. Of several seeds a dot each and their range; of one the 95% interval over images.",
    size: "half",
    axis: logAxis("error / error of the mean fill, log scale", [...ratios, 1]),
    mark: 1,
    rows: holes.map((one) => ({
      label: name(one),
      ...lookOf(run, one.model),
      interval: { low: one.error.low / one.meanFillError, high: one.error.high / one.meanFillError },
      dots: one.errors.map((error) => ({
        value: error / one.meanFillError,
        tip: `${name(one)}\nerror ${formatNumber(error)}, mean fill ${formatNumber(one.meanFillError)}`,
      })),
    })),
    table: {
      sources: inCsv("inpainting", holes, ({ model, mask }) => ({ model, mask })),
      columns: [
        "model",
        "hole",
        "missing",
        "images",
        "error",
        "low",
        "high",
        "mean fill",
        "right class after",
        "network evaluations",
        "seeds",
      ],
      rows: holes.map((one) => [
        titleOf(run, one.model),
        one.mask,
        formatPercent(one.missing),
        String(one.images),
        formatNumber(one.error.value),
        formatNumber(one.error.low),
        formatNumber(one.error.high),
        formatNumber(one.meanFillError),
        formatPercent(one.accuracy.value),
        String(one.networkEvaluations),
        String(one.errors.length),
      ]),
    },
  });
}

/** Wall-clock of filling one image's hole. */
export function holeTimeChart(run: Run, cells: readonly Cell[]): Chart | undefined {
  const holes = filledHoles(run, cells);
  const name = ({ model, mask }: (typeof holes)[number]) => `${titleOf(run, model)}, ${mask}`;
  return dotPlot({
    id: "hole-time",
    title: "Time to fill a hole",
    description:
      "Wall-clock of one image, the mean of the seeds: a GAN searches its latents, diffusion samples under the mask.",
    size: "half",
    axis: logAxis(
      "time per image, log scale",
      holes.map(({ millisecondsPerImage }) => millisecondsPerImage.value),
      "milliseconds",
    ),
    rows: holes.map((one) => ({
      label: name(one),
      ...lookOf(run, one.model),
      dots: [
        {
          value: one.millisecondsPerImage.value,
          tip: `${name(one)}\n${formatMs(one.millisecondsPerImage.value)} an image`,
        },
      ],
    })),
    table: {
      sources: inCsv("stage_time", holes, ({ model, mask }) => ({ model, setting: `mask=${mask}` })),
      columns: ["model", "hole", "time per image", "network evaluations"],
      rows: holes.map((one) => [
        titleOf(run, one.model),
        one.mask,
        formatMs(one.millisecondsPerImage.value),
        String(one.networkEvaluations),
      ]),
    },
  });
}
