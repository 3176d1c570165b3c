/** Whether time can be told from arithmetic: a cost model, fitted to some sizes and held against others. */
import { formatCount, formatMs, formatNumber, formatPercent, plural } from "../../../core/format.ts";
import type { Side } from "../../record/index.ts";
import { type Chart, colorAt, colors, type LineLook, plot } from "../../report/charts/index.ts";
import { charts, type Section } from "../../report/section.ts";
import { inCsv, shown, type View } from "../../tables/index.ts";
import { type CostFit, costFits, costTime, type FittedPoint, fittedPoints } from "./tables.ts";

export function costSection(view: View): Section {
  const fits = costFits(view);
  return {
    id: "cost",
    title: "Cost model",
    introduction: fits.map(fitWords).join(" "),
    parts: charts(timeChart(view), predictionChart(view)),
    protocol: [
      "Each size of a family's network is evaluated repeatedly for some seconds; its time is the median, its bar the quartiles. The fit minimises relative errors and leaves the held-out sizes alone.",
      "The time of a request is about that of its evaluations; multiply by the steps.",
    ],
  };
}

function fitWords({ side, overheadMs, msPerFlop, heldOut }: CostFit): string {
  const rate = msPerFlop > 0 ? `${formatNumber(1 / (msPerFlop * 1e6))} GFLOP/s` : "no measurable rate";
  const error = heldOut
    ? `median error ${formatPercent(heldOut.median)} and largest ${formatPercent(heldOut.most)} over ${plural(heldOut.n, "size")} that the fit has not seen`
    : "not held against any size";
  return `${side === "gan" ? "GAN" : "Diffusion"}: ${formatMs(overheadMs)} per evaluation and ${rate}, ${error}.`;
}

const titles = { diffusion: "diffusion", gan: "GAN" } as const;

const look = (side: Side): LineLook => ({
  label: titles[side],
  color: colorAt(side, 0),
  symbol: side === "gan" ? "diamond" : "circle",
});

const fromCostTime = inCsv(costTime, ({ model, variant, batch }: FittedPoint) => ({ model, variant, batch }));

/** What of a size stands in both charts. */
const sizeColumns = {
  size: ({ variant, batch }: FittedPoint) => `${variant}, batch ${batch}`,
  family: ({ side }: FittedPoint) => titles[side],
};

function timeChart(view: View): Chart | undefined {
  return plot({
    id: "cost-fit",
    title: "Time of an evaluation against its arithmetic",
    description:
      "Median time of one evaluation of the sampling network for a whole batch, against its floating-point operations. Line: overhead + operations / rate, fitted to the marked sizes; crosses: sizes held out.",
    rows: fittedPoints(view),
    columns: {
      ...sizeColumns,
      "FLOPs of a batch": ({ flops }) => formatCount(flops),
      ...shown(view, costTime, "median_ms", "low_ms", "high_ms", "predicted_ms"),
      "held out": ({ heldOut }) => (heldOut ? "yes" : ""),
    },
    source: fromCostTime,
    x: {
      title: "floating-point operations of a batch",
      scale: "log",
      labels: "si",
      of: ({ flops }) => flops,
    },
    y: {
      title: "time of an evaluation",
      scale: "log",
      labels: "milliseconds",
      of: ({ milliseconds }) => milliseconds,
      low: ({ low }) => low,
      high: ({ high }) => high,
    },
    joined: false,
    line: ({ side, heldOut }) =>
      heldOut ? { ...look(side), label: `${titles[side]}, held out`, symbol: "cross" } : look(side),
    extra: costFits(view).map(({ side, points }) => ({
      ...look(side),
      label: `${titles[side]}, fit`,
      symbol: "line",
      points: points
        .toSorted((a, b) => a.flops - b.flops)
        .map(({ flops, predictedMs }) => ({
          x: flops,
          y: predictedMs,
          tip: `${titles[side]}, fit\n${formatMs(predictedMs)}`,
        })),
    })),
  });
}

function predictionChart(view: View): Chart | undefined {
  const held = fittedPoints(view).filter(({ heldOut }) => heldOut);
  const values = held.flatMap(({ milliseconds, predictedMs }) => [milliseconds, predictedMs]);
  return plot({
    id: "cost-held-out",
    title: "Predicted against measured",
    description: "Sizes that the fit has not seen; on the line it is right.",
    notes: costFits(view).flatMap(({ side, heldOut }) =>
      heldOut
        ? [
            `${titles[side]}: median error ${formatPercent(heldOut.median)}, largest ${formatPercent(heldOut.most)} of ${heldOut.n} sizes held out.`,
          ]
        : [],
    ),
    rows: held,
    columns: {
      ...sizeColumns,
      measured: ({ milliseconds }) => formatMs(milliseconds),
      predicted: ({ predictedMs }) => formatMs(predictedMs),
      "predicted / measured": ({ predictedMs, milliseconds }) => formatNumber(predictedMs / milliseconds),
    },
    source: fromCostTime,
    x: { title: "measured", scale: "log", labels: "milliseconds", of: ({ milliseconds }) => milliseconds },
    y: { title: "predicted", scale: "log", labels: "milliseconds", of: ({ predictedMs }) => predictedMs },
    joined: false,
    line: ({ side }) => look(side),
    extra: [
      {
        label: "measured = predicted",
        color: colors.muted,
        symbol: "dashed",
        points: (held.length > 0 ? [Math.min(...values), Math.max(...values)] : []).map((value) => ({
          x: value,
          y: value,
          tip: "measured = predicted",
        })),
      },
    ],
  });
}
