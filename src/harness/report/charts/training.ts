/** Loss, gradient norm and what else was recorded over training images seen, one panel a model and kind of quantity. */

import type { Cell, Run } from "../../record/index.ts";
import { quantityText } from "../../record/quantities.ts";
import {
  familyOf,
  formatNumber,
  indexOf,
  overSeeds,
  type TrainingPanel,
  titleOf,
  trainingPanels,
} from "../analysis/index.ts";
import { type Axis, linearDomain, logAxis } from "./axis.ts";
import { type Chart, hiddenNote, inCsv } from "./chart.ts";
import { type PlotSeries, plot } from "./plot.ts";
import { colorOf, colors } from "./theme.ts";

export function trainingCharts(run: Run, cells: readonly Cell[]): Chart[] {
  return trainingPanels(run, cells).flatMap((panel, index) => trainingChart(run, panel, index) ?? []);
}

const words = (quantity: string): string => quantityText(quantity)?.title ?? quantity.replaceAll("_", " ");

function trainingChart(run: Run, panel: TrainingPanel, index: number): Chart | undefined {
  const { group, quantities, seeds, scale, points } = panel;
  const last = Math.max(...points.map(({ imagesSeen }) => imagesSeen));
  const x: Axis = { title: "training images seen", scale: "linear", domain: [0, last], labels: "si" };
  const values = points.flatMap(({ low, high }) => [low, high]);
  const title = `${group === "other" ? "value" : group}${scale === "log" ? ", log scale" : ""}`;
  const y: Axis = scale === "log" ? logAxis(title, values) : { title, scale, domain: linearDomain(values) };
  const modelTitle = titleOf(run, panel.model);
  const several = seeds.length > 1;
  return plot({
    id: `training-${index}`,
    title: `${modelTitle}: ${group === "other" ? "other quantities" : group}`,
    description: several
      ? `Over training images seen. Line: mean of ${seeds.length} seeds, each over neighbouring steps; band: their lowest and highest.`
      : "Over training images seen. Line: mean of neighbouring steps; band: their lowest and highest.",
    notes: hiddenNote(panel.hidden),
    size: "half",
    height: 220,
    x,
    y,
    interval: "area",
    series: quantities.map((quantity, i) => quantitySeries(run, panel, quantity, i)),
    table: {
      columns: ["quantity", "seed", "step", "images seen", "mean", "lowest", "highest"],
      rows: everyNth(points, 20).map((point) => [
        words(point.quantity),
        String(point.seed),
        String(point.step),
        formatNumber(point.imagesSeen, 6),
        formatNumber(point.mean, 4),
        formatNumber(point.low, 4),
        formatNumber(point.high, 4),
      ]),
      sources: inCsv("training", everyNth(points, 20), ({ seed, step, quantity }) => ({
        model: panel.model,
        seed,
        quantity,
        step,
      })),
    },
  });
}

/** Colours of a panel's quantities: the model's own first, then two that belong to no model. */
function quantityColor(run: Run, model: string, i: number): string {
  const own = colorOf({ family: familyOf(run, model) ?? "diffusion", index: indexOf(run, model) });
  return [own, colors.ink, colors.muted][i % 3]!;
}

function quantitySeries(
  run: Run,
  { model, points, seeds }: TrainingPanel,
  quantity: string,
  i: number,
): PlotSeries {
  const own = points.filter((point) => point.quantity === quantity);
  const drawn = seeds.length > 1 ? overSeeds(own) : own.map((point) => ({ ...point, seeds: 1 }));
  return {
    label: words(quantity),
    color: quantityColor(run, model, i),
    symbol: "line",
    points: drawn.map((point) => ({
      x: point.imagesSeen,
      y: point.mean,
      low: point.low,
      high: point.high,
      tip: [
        words(quantity),
        `step ${point.step}, ${formatNumber(point.imagesSeen, 6)} images`,
        `mean ${formatNumber(point.mean, 4)}, from ${formatNumber(point.low)} to ${formatNumber(point.high)}${point.seeds > 1 ? ` over ${point.seeds} seeds` : ""}`,
      ].join("\n"),
    })),
  };
}

/** About `count` members of each curve, its last included: the table under the chart; the CSV has every value. */
function everyNth(points: TrainingPanel["points"], count: number): TrainingPanel["points"] {
  const perCurve = Math.max(1, Math.floor(points.length / count / Math.max(1, curves(points))));
  return points.filter((point, i) => {
    const next = points[i + 1];
    const last = !next || next.quantity !== point.quantity || next.seed !== point.seed;
    return last || i % perCurve === 0;
  });
}

const curves = (points: TrainingPanel["points"]): number =>
  new Set(points.map(({ quantity, seed }) => `${quantity} ${seed}`)).size;
