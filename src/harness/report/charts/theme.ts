/**
 * Colours are the page's CSS variables, so that light, dark and print need no second drawing: SVG reads `var()` in its
 * colour attributes. A family keeps its colour and symbol in every chart.
 */
import type { Config } from "vega-lite";
import type { Series } from "../analysis/index.ts";
import type { LegendEntry } from "./chart.ts";

export const colors = {
  ink: "var(--ink)",
  muted: "var(--muted)",
  surface: "var(--surface)",
  floor: "var(--floor)",
  ceiling: "var(--ceiling)",
  alarm: "var(--alarm)",
  gan: ["var(--gan-1)", "var(--gan-2)", "var(--gan-3)"],
  diffusion: ["var(--diffusion-1)", "var(--diffusion-2)", "var(--diffusion-3)", "var(--diffusion-4)"],
} as const;

const symbols = {
  gan: ["diamond", "cross"],
  diffusion: ["circle", "square", "triangle", "cross"],
} as const;

/** Member `index` of a list, going round: more series than colours repeat them. */
const nth = <T>(list: readonly [T, ...T[]], index: number): T => list[index % list.length] ?? list[0];

export const colorOf = ({ family, index }: Pick<Series, "family" | "index">): string =>
  nth<string>(colors[family], index);

export const symbolOf = ({ family, index }: Pick<Series, "family" | "index">): LegendEntry["symbol"] =>
  nth<LegendEntry["symbol"]>(symbols[family], index);

/** Vega's name of a legend symbol. */
export const vegaShape = (symbol: LegendEntry["symbol"]): string =>
  symbol === "triangle" ? "triangle-up" : symbol;

/** Colour and symbol scales over `series`, for the field that holds their keys. */
export function seriesScales(series: readonly Series[]) {
  const domain = series.map(({ key }) => key);
  return {
    color: {
      field: "series",
      type: "nominal" as const,
      scale: { domain, range: series.map(colorOf) },
      legend: null,
    },
    shape: {
      field: "series",
      type: "nominal" as const,
      scale: { domain, range: series.map((one) => vegaShape(symbolOf(one))) },
      legend: null,
    },
  };
}

export const seriesLegend = (series: readonly Series[]): LegendEntry[] =>
  series.map((one) => ({ label: one.label, color: colorOf(one), symbol: symbolOf(one) }));

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

export const config: Config = {
  aria: false, // the figure carries label, description and table
  background: "transparent",
  font: FONT,
  padding: { left: 0, right: 8, top: 6, bottom: 2 },
  view: { stroke: null },
  axis: {
    domainColor: "var(--line)",
    gridColor: "var(--grid)",
    tickColor: "var(--line)",
    tickSize: 4,
    labelColor: colors.muted,
    labelFontSize: 11,
    labelPadding: 5,
    titleColor: colors.muted,
    titleFontSize: 11,
    titleFontWeight: "normal",
    titlePadding: 8,
  },
  axisY: { domain: false, ticks: false },
  axisX: { grid: false },
  line: { strokeWidth: 2, strokeJoin: "round" },
  text: { fontSize: 11, fill: colors.ink },
};
