/** Training curves made small enough to draw, without hiding their spread. */
import type { Cell, Curve, Run } from "../../record/index.ts";
import { groupBy, records } from "./cells.ts";

/** Points a curve is reduced to. */
const BINS = 120;
/** With a larger share of values at or below zero than this, a logarithmic axis would show another curve. */
const LOG_TOLERANCE = 0.02;

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

export function groupOfQuantity(quantity: string): TrainingPanel["group"] {
  if (/gradient_?norm$/i.test(quantity)) return "gradient norm";
  return /loss$/i.test(quantity) ? "loss" : "other";
}

/** One panel a model and kind of quantity, models in the run's order; loss first. */
export function trainingPanels(run: Run, cells: readonly Cell[]): TrainingPanel[] {
  const trained = records(cells, "train");
  return run.models.flatMap(({ id, batch }) => {
    const curves = trained
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

type SeedCurve = { readonly seed: number; readonly curve: Curve };

function panelOf(
  model: string,
  group: TrainingPanel["group"],
  batch: number,
  members: readonly SeedCurve[],
): TrainingPanel {
  const values = members.flatMap(({ curve }) => curve.values);
  const notPositive = values.filter((value) => value <= 0).length;
  const log = notPositive <= LOG_TOLERANCE * values.length;
  return {
    model,
    group,
    quantities: groupBy(members, ({ curve }) => curve.quantity).map(([first]) => first!.curve.quantity),
    seeds: [...new Set(members.map(({ seed }) => seed))],
    scale: log ? "log" : "linear",
    hidden: log ? notPositive : 0,
    points: members.flatMap(({ seed, curve }) =>
      binned(curve, log).map(({ step, ...bin }) => ({
        quantity: curve.quantity,
        seed,
        step,
        imagesSeen: step * batch,
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
    const from = Math.floor((bin * shown.length) / count);
    const to = Math.floor(((bin + 1) * shown.length) / count);
    const held = shown.slice(from, to);
    const numbers = held.map(({ value }) => value);
    return {
      step: held.at(-1)!.step,
      mean: numbers.reduce((sum, value) => sum + value, 0) / numbers.length,
      low: Math.min(...numbers),
      high: Math.max(...numbers),
    };
  });
}

/**
 * Over the seeds that have a bin ending at the same step: mean of their means, and the lowest and highest of them. A
 * step that a single seed reached has no band, only its mean.
 */
export function overSeeds(
  points: readonly TrainingPoint[],
): (Omit<TrainingPoint, "seed"> & { seeds: number })[] {
  return groupBy(points, ({ quantity, step }) => JSON.stringify([quantity, step]))
    .map((group) => {
      const means = group.map(({ mean }) => mean);
      const { quantity, step, imagesSeen } = group[0]!;
      return {
        quantity,
        step,
        imagesSeen,
        seeds: group.length,
        mean: means.reduce((sum, value) => sum + value, 0) / means.length,
        low: Math.min(...means),
        high: Math.max(...means),
      };
    })
    .toSorted((a, b) => a.step - b.step);
}
