/** Time of a network evaluation against its arithmetic, and what the fit predicts for sizes it has not seen. */
import type { Cell, Run } from "../../record/index.ts";
import {
  type CostFit,
  costFits,
  formatCount,
  formatMs,
  formatNumber,
  formatPercent,
} from "../analysis/index.ts";
import { logAxis } from "./axis.ts";
import { type Chart, inCsv } from "./chart.ts";
import { type PlotSeries, plot } from "./plot.ts";
import { colorOf, colors, symbolOf } from "./theme.ts";

export function costCharts(_run: Run, cells: readonly Cell[]): Chart[] {
  const fits = costFits(cells);
  return [timeChart(fits), predictionChart(fits)].flatMap((chart) => chart ?? []);
}

const look = (family: CostFit["family"]) => ({
  color: colorOf({ family, index: 0 }),
  symbol: symbolOf({ family, index: 0 }),
});
const familyTitle = { diffusion: "diffusion", gan: "GAN" } as const;
type Point = CostFit["points"][number];
const say = ({ variant, batch, milliseconds, predictedMs, heldOut }: Point) =>
  `${variant}, batch ${batch}\n${formatMs(milliseconds)} measured, ${formatMs(predictedMs)} by the fit${heldOut ? ", which has not seen it" : ""}`;

function timeChart(fits: readonly CostFit[]): Chart | undefined {
  const points = fits.flatMap((fit) => fit.points);
  return plot({
    id: "cost-fit",
    title: "Time of an evaluation against its arithmetic",
    description:
      "Median time of one evaluation of the sampling network for a whole batch, against its floating-point operations. Line: overhead + operations / rate, fitted to the marked sizes; crosses: sizes held out.",
    size: "half",
    height: 260,
    x: logAxis(
      "floating-point operations of a batch, log scale",
      points.map(({ flops }) => flops),
      "si",
    ),
    y: logAxis(
      "time of an evaluation, log scale",
      points.flatMap(({ low, high, predictedMs }) => [low, high, predictedMs]),
      "milliseconds",
    ),
    series: fits.flatMap((fit): PlotSeries[] => {
      const at = (point: Point) => ({
        x: point.flops,
        y: point.milliseconds,
        low: point.low,
        high: point.high,
        tip: say(point),
      });
      const line = fit.points.toSorted((a, b) => a.flops - b.flops);
      return [
        {
          label: familyTitle[fit.family],
          ...look(fit.family),
          joined: false,
          points: fit.points.filter(({ heldOut }) => !heldOut).map(at),
        },
        {
          label: `${familyTitle[fit.family]}, fit`,
          color: look(fit.family).color,
          symbol: "line",
          points: line.map((point) => ({ x: point.flops, y: point.predictedMs, tip: say(point) })),
        },
        {
          label: `${familyTitle[fit.family]}, held out`,
          color: look(fit.family).color,
          symbol: "cross",
          joined: false,
          points: fit.points.filter(({ heldOut }) => heldOut).map(at),
        },
      ];
    }),
    table: {
      sources: inCsv("cost_time", points, ({ model, variant, batch }) => ({ model, variant, batch })),
      columns: [
        "family",
        "size",
        "batch",
        "FLOPs of a batch",
        "measured",
        "low",
        "high",
        "by the fit",
        "held out",
      ],
      rows: points.map((point) => [
        familyTitle[point.family],
        point.variant,
        String(point.batch),
        formatCount(point.flops),
        formatMs(point.milliseconds),
        formatMs(point.low),
        formatMs(point.high),
        formatMs(point.predictedMs),
        point.heldOut ? "yes" : "",
      ]),
    },
  });
}

function predictionChart(fits: readonly CostFit[]): Chart | undefined {
  const held = fits.flatMap((fit) => fit.points.filter(({ heldOut }) => heldOut));
  const values = held.flatMap(({ milliseconds, predictedMs }) => [milliseconds, predictedMs]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return plot({
    id: "cost-held-out",
    title: "Predicted against measured",
    description: "Sizes that the fit has not seen; on the line it is right.",
    notes: fits.flatMap(({ family, heldOut }) =>
      heldOut
        ? [
            `${familyTitle[family]}: median error ${formatPercent(heldOut.median)}, largest ${formatPercent(heldOut.most)} of ${heldOut.n} sizes held out.`,
          ]
        : [],
    ),
    size: "half",
    height: 260,
    x: logAxis("measured, log scale", values, "milliseconds"),
    y: logAxis("predicted, log scale", values, "milliseconds"),
    series: [
      ...(held.length > 0
        ? [
            {
              label: "measured = predicted",
              color: colors.muted,
              symbol: "dashed" as const,
              points: [low, high].map((value) => ({ x: value, y: value, tip: "measured = predicted" })),
            },
          ]
        : []),
      ...fits.map(({ family, points }) => ({
        label: familyTitle[family],
        ...look(family),
        joined: false,
        points: points
          .filter(({ heldOut }) => heldOut)
          .map((point) => ({ x: point.milliseconds, y: point.predictedMs, tip: say(point) })),
      })),
    ],
    table: {
      sources: inCsv("cost_time", held, ({ model, variant, batch }) => ({ model, variant, batch })),
      columns: ["family", "size", "batch", "measured", "predicted", "predicted / measured"],
      rows: held.map((point) => [
        familyTitle[point.family],
        point.variant,
        String(point.batch),
        formatMs(point.milliseconds),
        formatMs(point.predictedMs),
        formatNumber(point.predictedMs / point.milliseconds),
      ]),
    },
  });
}
