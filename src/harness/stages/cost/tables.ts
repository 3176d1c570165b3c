/**
 * Time of a network evaluation from its arithmetic: overhead + FLOPs / rate, fitted to some sizes of a side's network
 * and held against others.
 */
import { median } from "../../../core/statistics/index.ts";
import type { CostPoint, Side } from "../../record/index.ts";
import { derived, groupBy, table, type View } from "../../tables/index.ts";
import * as c from "../readout/columns.ts";

/** A timed size, and what the fit to its side's sizes says of it. */
export interface FittedPoint extends CostPoint {
  /** Of the whole batch. */
  readonly flops: number;
  readonly predictedMs: number;
}

export interface CostFit {
  readonly side: Side;
  /** Milliseconds of an evaluation however small. */
  readonly overheadMs: number;
  /** Milliseconds per floating-point operation. */
  readonly msPerFlop: number;
  readonly points: readonly FittedPoint[];
  /** Median and largest |predicted / measured - 1| of the sizes that were held out; absent without any. */
  readonly heldOut?: { readonly median: number; readonly most: number; readonly n: number };
}

/** A fit a side; none where fewer than two different amounts of arithmetic are to be fitted to. */
export const costFits = derived((view: View): CostFit[] =>
  groupBy(
    view.records("cost").flatMap(({ points }) => points),
    ({ side }) => side,
  ).flatMap((group) => {
    const timed = group.map((point) => ({ ...point, flops: point.flopsPerEvaluation * point.batch }));
    const fit = fitLine(
      timed
        .filter(({ heldOut }) => !heldOut)
        .map(({ flops, milliseconds }) => ({ x: flops, y: milliseconds })),
    );
    if (!fit) return [];
    const points = timed.map((point) => ({
      ...point,
      predictedMs: fit.intercept + fit.slope * point.flops,
    }));
    const errors = points
      .filter(({ heldOut }) => heldOut)
      .map(({ predictedMs, milliseconds }) => Math.abs(predictedMs / milliseconds - 1));
    return [
      {
        side: group[0].side,
        overheadMs: fit.intercept,
        msPerFlop: fit.slope,
        points,
        heldOut:
          errors.length > 0
            ? { median: median(errors), most: Math.max(...errors), n: errors.length }
            : undefined,
      },
    ];
  }),
);

/**
 * y = intercept + slope x by least squares of the relative errors, sum (predicted / y - 1)^2, neither below 0. Undefined
 * with fewer than two different x.
 */
export function fitLine(
  points: readonly { readonly x: number; readonly y: number }[],
): { intercept: number; slope: number } | undefined {
  if (new Set(points.map(({ x }) => x)).size < 2) return undefined;
  // with u = 1/y and v = x/y: intercept u + slope v = 1
  let [uu, uv, vv, u1, v1] = [0, 0, 0, 0, 0];
  for (const { x, y } of points) {
    const [u, v] = [1 / y, x / y];
    uu += u * u;
    uv += u * v;
    vv += v * v;
    u1 += u;
    v1 += v;
  }
  const determinant = uu * vv - uv * uv;
  const free = { intercept: (u1 * vv - v1 * uv) / determinant, slope: (v1 * uu - u1 * uv) / determinant };
  if (free.intercept < 0) return { intercept: 0, slope: v1 / vv };
  return free.slope < 0 ? { intercept: u1 / uu, slope: 0 } : free;
}

export const fittedPoints = (view: View): FittedPoint[] => costFits(view).flatMap(({ points }) => points);

export const costTime = table({
  name: "cost_time",
  describe:
    "Time of one network evaluation over sizes of each family's network; one row a size and batch. Differs between runs of one seed.",
  timing: true,
  rows: fittedPoints,
  columns: (column) => ({
    model: c.model,
    family: column("diffusion or gan", ({ side }) => side),
    variant: column("what was changed", (row) => row.variant, { title: "size" }),
    batch: column("images an evaluation", (row) => row.batch),
    parameters: column("parameters of the sampling network", (row) => row.parameters, { unit: "parameters" }),
    flops_per_evaluation: column("of one image", (row) => row.flopsPerEvaluation, { unit: "FLOPs" }),
    median_ms: column("median evaluation of the whole batch", (row) => row.milliseconds, {
      unit: "ms",
      title: "measured",
    }),
    low_ms: column("lower quartile", (row) => row.low, { unit: "ms", title: "low" }),
    high_ms: column("upper quartile", (row) => row.high, { unit: "ms", title: "high" }),
    samples: column("timed evaluations", (row) => row.samples),
    held_out: column("1 where the cost model was not fitted to it, else 0", (row) => Number(row.heldOut)),
    predicted_ms: column(
      "overhead + operations / rate, as fitted to the other sizes of the family",
      (row) => row.predictedMs,
      { unit: "ms", title: "by the fit" },
    ),
  }),
});

/** Every timed size, fitted or not. */
export const evaluations = table({
  name: "evaluations",
  describe: "Time of one network evaluation.",
  timing: true,
  internal: true,
  rows: (view: View) =>
    view.done("cost").flatMap(({ id: cell, record }) =>
      record.points.map((point) => ({
        ...point,
        cell,
        place: ["cost", point.model, point.variant, `batch-${point.batch}`],
      })),
    ),
  columns: (column) => ({
    evaluation_ms: column("median evaluation of the whole batch", (row) => row.milliseconds, {
      unit: "ms",
      reads: { protocol: () => "median" },
    }),
  }),
});
