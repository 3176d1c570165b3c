/**
 * Colours are the page's CSS variables, so that light, dark and print need no second drawing: SVG reads `var()` in its
 * colour attributes. A model keeps its colour in every chart, warm for GANs and cool for diffusion; the symbol tells the
 * family, and with the line's pattern the sampler.
 */
import type { Config } from "vega-lite";
import type { Run } from "../../record/index.ts";
import { familyOf, indexOf, type Series } from "../analysis/index.ts";
import type { LegendEntry } from "./chart.ts";

type Palette = readonly [string, ...string[]];

function palette(family: "gan" | "diffusion"): Palette {
  return [`var(--${family}-1)`, ...[2, 3, 4, 5, 6].map((i) => `var(--${family}-${i})`)];
}

export const colors = {
  ink: "var(--ink)",
  muted: "var(--muted)",
  surface: "var(--surface)",
  floor: "var(--floor)",
  ceiling: "var(--ceiling)",
  alarm: "var(--alarm)",
  gan: palette("gan"),
  diffusion: palette("diffusion"),
} as const;

const symbols = { gan: ["diamond", "cross"], diffusion: ["circle", "square", "triangle"] } as const;

/** Line patterns of a model's samplers. */
const dashes = [undefined, [7, 3], [2, 3]] as const;

/** Member `index` of a list, going round: more models than colours repeat them, with the next symbol for a GAN. */
const nth = <T>(list: readonly [T, ...T[]], index: number): T => list[index % list.length] ?? list[0];

type Look = Pick<Series, "family" | "index"> & Partial<Pick<Series, "variant">>;

export const colorOf = ({ family, index }: Look): string => nth<string>(colors[family], index);

export function symbolOf({ family, index, variant = 0 }: Look): LegendEntry["symbol"] {
  const place = family === "gan" ? Math.floor(index / colors.gan.length) : variant;
  return nth<LegendEntry["symbol"]>(symbols[family], place);
}

export const dashOf = ({ variant = 0 }: Look): readonly number[] | undefined =>
  nth<readonly number[] | undefined>(dashes, variant);

/** Colour, symbol and line pattern of a model, and of one of its samplers. */
export function lookOf(run: Run, model: string, variant = 0): Pick<LegendEntry, "color" | "symbol" | "dash"> {
  const look = { family: familyOf(run, model) ?? "diffusion", index: indexOf(run, model), variant } as const;
  const dash = dashOf(look);
  return { color: colorOf(look), symbol: symbolOf(look), dash };
}

/** Vega's name of a legend symbol. */
export const vegaShape = (symbol: LegendEntry["symbol"]): string =>
  symbol === "triangle" ? "triangle-up" : symbol;

/** Colour, symbol and line pattern scales over `series`, for the field that holds their keys. */
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
    strokeDash: {
      field: "series",
      type: "nominal" as const,
      scale: { domain, range: series.map((one) => [...(dashOf(one) ?? [1, 0])]) },
      legend: null,
    },
  };
}

export const seriesLegend = (series: readonly Series[]): LegendEntry[] =>
  series.map((one) => {
    const dash = dashOf(one);
    const look = { color: colorOf(one), symbol: symbolOf(one), line: one.family === "diffusion" };
    return { label: one.label, ...look, dash };
  });

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
