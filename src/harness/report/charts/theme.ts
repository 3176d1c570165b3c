/**
 * Colours are the page's CSS variables, so that light, dark and print need no second drawing: SVG reads `var()` in its
 * colour attributes. A model keeps its colour in every chart, warm for GANs and cool for diffusion; the symbol tells the
 * side, and with the line's pattern the sampler.
 */
import type { Config } from "vega-lite";
import { indexOf, isOnePass, seriesKey, seriesOf, sideOf, type View } from "../../tables/index.ts";
import type { LegendEntry, LineLook, Look } from "./chart.ts";

type Palette = readonly [string, ...string[]];

function palette(side: "gan" | "diffusion"): Palette {
  return [`var(--${side}-1)`, ...[2, 3, 4, 5, 6].map((i) => `var(--${side}-${i})`)];
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

/** Member `index` of a list, going round: more models than colours repeat them, with the next symbol for a one-pass model. */
const nth = <T>(list: readonly [T, ...T[]], index: number): T => list[index % list.length] ?? list[0];

export const colorAt = (side: "gan" | "diffusion", index: number): string => nth<string>(colors[side], index);

/** Colour, symbol and line pattern of a model, and of one of its samplers. */
export function lookOf(view: View, model: string, variant = 0): Look {
  const [side, index] = [sideOf(view, model), indexOf(view, model)];
  const round = Math.floor(index / colors[side].length);
  return {
    color: colorAt(side, index),
    symbol: nth<LegendEntry["symbol"]>(symbols[side], isOnePass(view, model) ? round : variant),
    dash: nth<readonly number[] | undefined>(dashes, variant),
  };
}

/** The line of a row: its model's. */
export const byModel =
  (view: View) =>
  ({ model }: { readonly model: string }): LineLook => ({ label: view.title(model), ...lookOf(view, model) });

/** The line of a row: its model's and sampler's. */
export const bySeries =
  (view: View) =>
  (row: { readonly model: string; readonly sampler: string }): LineLook => {
    const series = seriesOf(view).find(({ key }) => key === seriesKey(row));
    return { label: series?.label ?? view.title(row.model), ...lookOf(view, row.model, series?.variant) };
  };

/** Vega's name of a legend symbol. */
export const vegaShape = (symbol: LegendEntry["symbol"]): string =>
  symbol === "triangle" ? "triangle-up" : symbol;

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
