/** Lines and points over two number axes: most charts of the report are one of these. */
import type { Axis } from "./axis.ts";
import { channel } from "./axis.ts";
import { type Chart, type DataTable, hiddenNote, type Layer, type LegendEntry, layered } from "./chart.ts";
import { halo, hitArea, type Level, labels, lines } from "./marks.ts";
import { vegaShape } from "./theme.ts";

export interface PlotPoint {
  readonly x: number;
  readonly y: number;
  /** An interval of y. */
  readonly low?: number;
  readonly high?: number;
  /** What is said under the pointer; the first line is its name. */
  readonly tip: string;
  /** Stands beside the point. */
  readonly label?: string;
}

export interface PlotSeries extends LegendEntry {
  readonly points: readonly PlotPoint[];
  /** Whether a line joins the points, in order of x. */
  readonly joined?: boolean;
  /** Left out of the legend, as where other words name it. */
  readonly unnamed?: boolean;
}

export interface Plot extends Pick<Chart, "id" | "title" | "description" | "size"> {
  readonly height: number;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly PlotSeries[];
  /** Horizontal lines with their names. */
  readonly levels?: readonly Level[];
  /** How intervals of y are drawn. */
  readonly interval?: "area" | "rule";
  /** Area of a point in square pixels; 0 for none. */
  readonly pointSize?: number;
  readonly notes?: readonly string[];
  readonly table: DataTable;
}

const MARKS = new Set<LegendEntry["symbol"]>(["circle", "square", "triangle", "diamond", "cross"]);

/** The chart, or none where no point can be shown; what a logarithmic axis cannot show is counted in a note. */
export function plot(wanted: Plot): Chart | undefined {
  const { id, title, description, size, height, x, y, series, levels = [], notes = [], table } = wanted;
  const shows = (point: PlotPoint) =>
    (x.scale === "linear" || point.x > 0) && (y.scale === "linear" || point.y > 0);
  const all = series.flatMap(({ points }) => points);
  const drawn = series.map((one) => ({ ...one, points: one.points.filter(shows) }));
  const kept = drawn.filter(({ points }) => points.length > 0);
  if (kept.length === 0) return undefined;
  const hidden = all.length - kept.reduce((sum, { points }) => sum + points.length, 0);
  return {
    id,
    title,
    description,
    notes: [...notes, ...hiddenNote(hidden)],
    legend: kept.filter(({ unnamed }) => !unnamed).map(entryOf),
    size,
    spec: layered(size, height, [
      ...lines(levels, y),
      ...kept.flatMap((one) => layersOf(one, wanted)),
      ...labels(levels, y, height),
      ...beside(kept, x, y),
      hitArea(
        kept.flatMap(({ points }) => points.map(({ x, y, tip }) => ({ x, y, tip }))),
        x,
        y,
      ),
    ]),
    table,
  };
}

const entryOf = ({ label, color, symbol, dash, joined = true, points }: PlotSeries): LegendEntry => ({
  label,
  color,
  symbol,
  line: joined && points.length > 1,
  dash,
});

function layersOf(
  { points, color, symbol, dash, joined = true }: PlotSeries,
  { x, y, interval = "rule", pointSize = 45 }: Plot,
): Layer[] {
  const bottom = y.scale === "log" ? y.domain[0] : Number.NEGATIVE_INFINITY; // a logarithm has no place for 0
  const data = {
    values: points.map((point) => ({
      x: point.x,
      y: point.y,
      low: Math.max(bottom, point.low ?? point.y),
      high: Math.max(bottom, point.high ?? point.y),
    })),
  };
  const at = { x: channel("x", x), y: channel("y", y) };
  const range = { x: at.x, y: channel("low", y), y2: { field: "high" } };
  const withInterval = points.some(({ low }) => low !== undefined);
  return [
    ...(withInterval
      ? [
          interval === "area"
            ? { data, mark: { type: "area" as const, color, opacity: 0.16 }, encoding: range }
            : { data, mark: { type: "rule" as const, color, strokeWidth: 1, opacity: 0.7 }, encoding: range },
        ]
      : []),
    ...(joined && points.length > 1
      ? [
          {
            data,
            mark: {
              type: "line" as const,
              color,
              ...(dash ? { strokeDash: [...dash] } : symbol === "dashed" && { strokeDash: [5, 4] }),
            },
            encoding: at,
          },
        ]
      : []),
    ...(MARKS.has(symbol) && pointSize > 0
      ? [
          {
            data,
            mark: {
              type: "point" as const,
              filled: true,
              size: pointSize,
              opacity: 1,
              color,
              shape: vegaShape(symbol),
            },
            encoding: at,
          },
        ]
      : []),
  ];
}

/** Names of points, each where no earlier one stands. */
function beside(series: readonly PlotSeries[], x: Axis, y: Axis): Layer[] {
  const kept: { x: number; y: number; label: string }[] = [];
  for (const point of series.flatMap(({ points }) => points)) {
    if (point.label === undefined) continue;
    const clear = kept.every(
      (other) =>
        Math.abs(placeOn(x, point.x) - placeOn(x, other.x)) > LABEL_ROOM.x ||
        Math.abs(placeOn(y, point.y) - placeOn(y, other.y)) > LABEL_ROOM.y,
    );
    if (clear) kept.push({ x: point.x, y: point.y, label: point.label });
  }
  if (kept.length === 0) return [];
  return [
    {
      data: { values: kept },
      mark: { type: "text", align: "left", baseline: "bottom", dx: 5, dy: -4, ...halo },
      encoding: { x: channel("x", x), y: channel("y", y), text: { field: "label" } },
    },
  ];
}

/** Shares of an axis that a short label takes. */
const LABEL_ROOM = { x: 0.08, y: 0.06 } as const;

/** Where a value lies on its axis, 0 to 1. */
const placeOn = ({ scale, domain: [low, high] }: Axis, value: number): number =>
  scale === "log" ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
