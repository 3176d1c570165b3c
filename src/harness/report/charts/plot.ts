/** Lines and points over two number axes: most charts of the report are one of these. */
import { groupBy, numbers, type OverSeeds } from "../../tables/index.ts";
import { type Axis, type AxisWish, axisFor, channel, shareOf } from "./axis.ts";
import {
  type Chart,
  type ChartOf,
  hiddenNote,
  type Layer,
  type LegendEntry,
  layered,
  tipOf,
} from "./chart.ts";
import { drawable, halo, hitArea, type Level, labels, lines } from "./marks.ts";
import { vegaShape } from "./theme.ts";

interface Place {
  readonly x: number;
  readonly y: number;
  /** An interval of y. */
  readonly low?: number;
  readonly high?: number;
  readonly tip: string;
  /** Stands beside the point. */
  readonly label?: string;
}

export interface PlotSeries extends LegendEntry {
  readonly points: readonly Place[];
  /** Whether a line joins the points, in their order. */
  readonly joined?: boolean;
  /** Whether the joining line goes by steps. */
  readonly stepped?: boolean;
  /** Whether the line is thin and faint, as one of several beside their mean. */
  readonly thin?: boolean;
  /** Left out of the legend, as where other words name it. */
  readonly unnamed?: boolean;
}

interface Plot<Row> extends ChartOf<Row> {
  /** Pixels; 260 where absent. */
  readonly height?: number;
  /** Whether a row is a point, where it has a value; every one where absent. */
  draws?(row: Row): boolean;
  readonly x: AxisWish & { of(row: Row): number };
  readonly y: AxisWish & (Measure<Row> | MeasureOverSeeds<Row>);
  /** Rows that are one line although they look alike others; by `line` where absent. */
  apart?(row: Row): unknown;
  /** Words beside a point. */
  label?(row: Row): string | undefined;
  /** Points that are drawn faintly. */
  faint?(row: Row): boolean;
  readonly joined?: boolean;
  readonly unnamed?: boolean;
  /** Of lines with one label, only the first stands in the legend. */
  readonly once?: boolean;
  /** Series that no row of numbers is behind, drawn under the others. */
  readonly extra?: readonly PlotSeries[];
  /** Horizontal lines with their names. */
  readonly levels?: readonly Level[];
  /** How intervals of y are drawn. */
  readonly interval?: "area" | "rule";
  /** Area of a point in square pixels; 0 for none. */
  readonly pointSize?: number;
}

interface Measure<Row> {
  of(row: Row): number | undefined;
  low?(row: Row): number | undefined;
  high?(row: Row): number | undefined;
}

interface MeasureOverSeeds<Row> {
  /** The mean is drawn with its interval. */
  over(row: Row): OverSeeds | undefined;
}

const MARKS = new Set<LegendEntry["symbol"]>(["circle", "square", "triangle", "diamond", "cross"]);

/** The chart, or none where no point can be shown; what a logarithmic axis cannot show is counted in a note. */
export function plot<Row>(wanted: Plot<NoInfer<Row>> & { readonly rows: readonly Row[] }): Chart | undefined {
  const { id, title, description, size = "half", height = 260, rows, levels = [], extra = [] } = wanted;
  const table = numbers(rows, wanted.columns, wanted.source);
  const placed = rows.flatMap((row, i) => {
    const value = wanted.draws?.(row) === false ? undefined : measured(wanted.y, row);
    if (!value) return [];
    const place = { ...value, x: wanted.x.of(row), tip: tipOf(table, i), label: wanted.label?.(row) };
    return [{ row, place, faint: wanted.faint?.(row) ?? false }];
  });
  const shows = ({ x, y }: Place) =>
    (wanted.x.scale === "linear" || x > 0) && (wanted.y.scale === "linear" || y > 0);
  const visible = placed.filter(({ place }) => shows(place));
  const series: PlotSeries[] = groupBy(visible, ({ row }) =>
    JSON.stringify([wanted.line(row), wanted.apart?.(row)]),
  ).map((group) => ({
    ...wanted.line(group[0].row),
    joined: wanted.joined,
    unnamed: wanted.unnamed,
    points: group.map(({ place }) => place),
  }));
  const drawn = [...extra.map((one) => ({ ...one, points: one.points.filter(shows) })), ...series].filter(
    ({ points }) => points.length > 0,
  );
  const places = drawn.flatMap(({ points }) => points);
  if (places.length === 0) return undefined;
  const x = axisFor(
    wanted.x,
    places.map((place) => place.x),
  );
  const y = axisFor(wanted.y, [
    ...places.flatMap((place) => [place.y, place.low ?? place.y, place.high ?? place.y]),
    ...levels.map(({ value }) => value),
  ]);
  const hidden = placed.length - visible.length + levels.length - drawable(levels, y).length;
  const faint = new Set(visible.flatMap((one) => (one.faint ? [one.place] : [])));
  return {
    id,
    title,
    description,
    notes: [...(wanted.notes ?? []), ...hiddenNote(hidden)],
    legend: legendOf(drawn, wanted.once),
    size,
    spec: layered(size, height, [
      ...lines(levels, y),
      ...drawn.flatMap((one) =>
        layersOf(one, { x, y, faint, interval: wanted.interval, pointSize: wanted.pointSize }),
      ),
      ...labels(levels, y, height),
      ...beside(places, x, y),
      hitArea(
        places.map(({ x, y, tip }) => ({ x, y, tip })),
        x,
        y,
      ),
    ]),
    table,
  };
}

/** What a row's point shows; undefined for a row without a value. */
function measured<Row>(
  y: Measure<Row> | MeasureOverSeeds<Row>,
  row: Row,
): Omit<Place, "x" | "tip"> | undefined {
  if (!("over" in y)) {
    const value = y.of(row);
    return value === undefined ? undefined : { y: value, low: y.low?.(row), high: y.high?.(row) };
  }
  const reading = y.over(row);
  return reading && { y: reading.value, low: reading.interval?.low, high: reading.interval?.high };
}

const legendOf = (drawn: readonly PlotSeries[], once = false): LegendEntry[] =>
  drawn
    .filter(({ unnamed }) => !unnamed)
    .filter(({ label }, i, all) => !once || all.findIndex((one) => one.label === label) === i)
    .map(({ label, color, symbol, dash, joined = true, points }) => {
      return { label, color, symbol, line: joined && points.length > 1, dash };
    });

interface Drawing {
  readonly x: Axis;
  readonly y: Axis;
  readonly faint: ReadonlySet<Place>;
  readonly interval?: "area" | "rule";
  readonly pointSize?: number;
}

const FAINT = 0.45;

function layersOf(
  { points, color, symbol, dash, joined = true, stepped, thin }: PlotSeries,
  drawing: Drawing,
): Layer[] {
  const { interval = "rule", pointSize = 45, faint } = drawing;
  const bottom = drawing.y.scale === "log" ? drawing.y.domain[0] : Number.NEGATIVE_INFINITY; // a logarithm has no place for 0
  const data = {
    values: points.map((point) => ({
      x: point.x,
      y: point.y,
      low: Math.max(bottom, point.low ?? point.y),
      high: Math.max(bottom, point.high ?? point.y),
      opacity: faint.has(point) ? FAINT : 1,
    })),
  };
  const at = { x: channel("x", drawing.x), y: channel("y", drawing.y) };
  const range = { x: at.x, y: channel("low", drawing.y), y2: { field: "high" } };
  const layers: Layer[] = [];
  if (points.some(({ low }) => low !== undefined))
    layers.push(
      interval === "area"
        ? { data, mark: { type: "area", color, opacity: 0.16 }, encoding: range }
        : { data, mark: { type: "rule", color, strokeWidth: 1, opacity: 0.7 }, encoding: range },
    );
  if (joined && points.length > 1) {
    const strokeDash = dash ? [...dash] : symbol === "dashed" ? [5, 4] : undefined;
    const step = stepped ? { interpolate: "step-after" as const, strokeWidth: 1.25, opacity: 0.6 } : {};
    const width = thin ? { strokeWidth: 1, opacity: FAINT } : {};
    layers.push({
      data,
      mark: { type: "line", color, ...(strokeDash && { strokeDash }), ...step, ...width },
      encoding: at,
    });
  }
  if (MARKS.has(symbol) && pointSize > 0)
    layers.push({
      data,
      mark: { type: "point", filled: true, size: pointSize, color, shape: vegaShape(symbol) },
      encoding: { ...at, opacity: { field: "opacity", type: "quantitative", scale: null } },
    });
  return layers;
}

/** Names of points, each where no earlier one stands. */
function beside(places: readonly Place[], x: Axis, y: Axis): Layer[] {
  const kept: { x: number; y: number; label: string }[] = [];
  for (const point of places) {
    if (point.label === undefined) continue;
    const clear = kept.every(
      (other) =>
        Math.abs(shareOf(x, point.x) - shareOf(x, other.x)) > LABEL_ROOM.x ||
        Math.abs(shareOf(y, point.y) - shareOf(y, other.y)) > LABEL_ROOM.y,
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
