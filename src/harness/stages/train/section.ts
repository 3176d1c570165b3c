/** Training curves made small enough to draw, without hiding their spread. */
import { formatNumber } from "../../../core/format.ts";
import { mean } from "../../../core/statistics/index.ts";
import { type Curve, quantityText } from "../../record/index.ts";
import { type Chart, colors, hiddenNote, imagesSeenAxis, lookOf, plot } from "../../report/charts/index.ts";
import { groupBy, inCsv, type View } from "../../tables/index.ts";
import { training } from "./tables.ts";

/** Points a curve is reduced to. */
const BINS = 120;
/** With a larger share of values at or below zero than this, a logarithmic axis would show another curve. */
const LOG_TOLERANCE = 0.02;
/** Rows of numbers under a chart, about: the CSV file has every value. */
const SHOWN_ROWS = 20;

export interface TrainingPoint {
  readonly quantity: string;
  readonly seed: number;
  /** Training images seen at the bin's last step, and that step. */
  readonly imagesSeen: number;
  readonly step: number;
  /** Of the values in the bin. */
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface TrainingPanel {
  readonly model: string;
  readonly group: "loss" | "gradient norm" | "other";
  readonly quantities: readonly string[];
  readonly seeds: readonly number[];
  readonly scale: "log" | "linear";
  /** Values that a logarithmic axis cannot show and that are therefore left out of the drawing. */
  readonly hidden: number;
  readonly points: readonly TrainingPoint[];
}

function groupOfQuantity(quantity: string): TrainingPanel["group"] {
  if (/gradient_?norm$/i.test(quantity)) return "gradient norm";
  return /loss$/i.test(quantity) ? "loss" : "other";
}

/** One panel a model and kind of quantity, models in the run's order; loss first. */
export function trainingPanels(view: View): TrainingPanel[] {
  return view.run.models.flatMap(({ id, batch = 1 }) => {
    const curves = view
      .records("train")
      .filter(({ model }) => model === id)
      .flatMap(({ seed, curves }) => curves.map((curve) => ({ seed, curve })));
    return (["loss", "gradient norm", "other"] as const).flatMap((group) => {
      const members = curves.filter(
        ({ curve }) => groupOfQuantity(curve.quantity) === group && curve.values.length > 0,
      );
      return members.length > 0 ? [panelOf(id, group, batch, members)] : [];
    });
  });
}

function panelOf(
  model: string,
  group: TrainingPanel["group"],
  batch: number,
  members: readonly { readonly seed: number; readonly curve: Curve }[],
): TrainingPanel {
  const values = members.flatMap(({ curve }) => curve.values);
  const notPositive = values.filter((value) => value <= 0).length;
  const log = notPositive <= LOG_TOLERANCE * values.length;
  return {
    model,
    group,
    quantities: [...new Set(members.map(({ curve }) => curve.quantity))],
    seeds: [...new Set(members.map(({ seed }) => seed))],
    scale: log ? "log" : "linear",
    hidden: log ? notPositive : 0,
    points: members.flatMap(({ seed, curve }) =>
      binned(curve, log).map((bin) => ({
        quantity: curve.quantity,
        seed,
        imagesSeen: bin.step * batch,
        ...bin,
      })),
    ),
  };
}

/** Mean, lowest and highest value of up to `bins` runs of equally many values; with `positive`, of those above 0. */
export function binned(
  { steps, values }: Pick<Curve, "steps" | "values">,
  positive: boolean,
  bins = BINS,
): { step: number; mean: number; low: number; high: number }[] {
  const shown = values.flatMap((value, i) => (positive && value <= 0 ? [] : [{ value, step: steps[i]! }]));
  const count = Math.min(bins, shown.length);
  return Array.from({ length: count }, (_, bin) => {
    const held = shown.slice(
      Math.floor((bin * shown.length) / count),
      Math.floor(((bin + 1) * shown.length) / count),
    );
    const numbers = held.map(({ value }) => value);
    return {
      step: held.at(-1)!.step,
      mean: mean(numbers),
      low: Math.min(...numbers),
      high: Math.max(...numbers),
    };
  });
}

/** Over the seeds that have a bin ending at the same step: mean of their means, the lowest and the highest of them. */
function overSeedsOf(points: readonly TrainingPoint[]) {
  return groupBy(points, ({ step }) => step)
    .map((group) => {
      const means = group.map((point) => point.mean);
      const [low, high] =
        group.length > 1 ? [Math.min(...means), Math.max(...means)] : [group[0].low, group[0].high];
      return { ...group[0], mean: mean(means), low, high };
    })
    .toSorted((a, b) => a.step - b.step);
}

export const quantityWords = (quantity: string): string =>
  quantityText(quantity)?.title ?? quantity.replaceAll("_", " ");

export const trainingCharts = (view: View) =>
  trainingPanels(view).map((panel, index) => trainingChart(view, panel, index));

function trainingChart(view: View, panel: TrainingPanel, index: number): Chart | undefined {
  const { group, model, quantities, seeds, scale, points, hidden } = panel;
  const several = seeds.length > 1;
  // the model's own colour first, then two that belong to no model
  const palette = [lookOf(view, model).color, colors.ink, colors.muted];
  const lines = quantities.map((quantity, i) => ({
    label: quantityWords(quantity),
    color: palette[i % palette.length]!,
    symbol: "line" as const,
    points: overSeedsOf(points.filter((point) => point.quantity === quantity)).map((point) => ({
      x: point.imagesSeen,
      y: point.mean,
      low: point.low,
      high: point.high,
      tip: `${quantityWords(quantity)}\nstep ${point.step}: mean ${formatNumber(point.mean, 4)}, from ${formatNumber(point.low)} to ${formatNumber(point.high)}`,
    })),
  }));
  return plot({
    id: `training-${index}`,
    title: `${view.title(model)}: ${group === "other" ? "other quantities" : group}`,
    description: several
      ? `Over training images seen. Line: mean of ${seeds.length} seeds, each over neighbouring steps; band: their lowest and highest.`
      : "Over training images seen. Line: mean of neighbouring steps; band: their lowest and highest.",
    notes: hiddenNote(hidden),
    height: 220,
    rows: thinned(points),
    columns: {
      quantity: ({ quantity }) => quantityWords(quantity),
      seed: ({ seed }) => seed,
      step: ({ step }) => step,
      "images seen": ({ imagesSeen }) => imagesSeen,
      mean: (point) => point.mean,
      lowest: ({ low }) => low,
      highest: ({ high }) => high,
    },
    source: inCsv(training, ({ quantity, seed, step }) => ({ model, seed, quantity, step })),
    draws: () => false,
    extra: lines,
    interval: "area",
    x: imagesSeenAxis,
    y: { title: group === "other" ? "value" : group, scale, of: (point) => point.mean },
    line: () => lines[0]!,
  });
}

/** About SHOWN_ROWS points of each panel, the last of each curve among them. */
function thinned(points: TrainingPanel["points"]): TrainingPoint[] {
  const curves = new Set(points.map(({ quantity, seed }) => `${quantity} ${seed}`)).size;
  const every = Math.max(1, Math.floor(points.length / SHOWN_ROWS / Math.max(1, curves)));
  return points.filter((point, i) => {
    const next = points[i + 1];
    const last = !next || next.quantity !== point.quantity || next.seed !== point.seed;
    return last || i % every === 0;
  });
}
