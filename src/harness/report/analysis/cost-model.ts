/**
 * Time of a network evaluation from its arithmetic: overhead + FLOPs / rate, fitted to some sizes of a family's network
 * and held against others.
 */
import { median } from "../../../core/statistics/index.ts";
import type { Cell, CostPoint } from "../../record/index.ts";
import { groupBy, records } from "./cells.ts";

export interface CostFit {
  readonly family: CostPoint["family"];
  /** Milliseconds of an evaluation however small. */
  readonly overheadMs: number;
  /** Milliseconds per floating-point operation. */
  readonly msPerFlop: number;
  readonly points: readonly (CostPoint & { readonly flops: number; readonly predictedMs: number })[];
  /** Median and largest |predicted / measured - 1| of the sizes that were held out; absent without any. */
  readonly heldOut?: { readonly median: number; readonly most: number; readonly n: number };
}

/** A fit a family; none where fewer than two different amounts of arithmetic are to be fitted to. */
export function costFits(cells: readonly Cell[]): CostFit[] {
  const points = records(cells, "cost").flatMap((record) => record.points);
  return groupBy(points, ({ family }) => family).flatMap((group) => {
    const timed = group.map((point) => ({ ...point, flops: point.flopsPerEvaluation * point.batch }));
    const fit = fitLine(
      timed
        .filter(({ heldOut }) => !heldOut)
        .map(({ flops, milliseconds }) => ({ x: flops, y: milliseconds })),
    );
    if (!fit) return [];
    const predicted = timed.map((point) => ({
      ...point,
      predictedMs: fit.intercept + fit.slope * point.flops,
    }));
    const errors = predicted
      .filter(({ heldOut }) => heldOut)
      .map(({ predictedMs, milliseconds }) => Math.abs(predictedMs / milliseconds - 1));
    return [
      {
        family: group[0]!.family,
        overheadMs: fit.intercept,
        msPerFlop: fit.slope,
        points: predicted,
        heldOut:
          errors.length > 0
            ? { median: median(errors), most: Math.max(...errors), n: errors.length }
            : undefined,
      },
    ];
  });
}

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
