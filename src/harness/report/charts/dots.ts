/** A row a model, values along one axis: a dot for each seed, a bar for the interval. */
import type { Axis } from "./axis.ts";
import { channel } from "./axis.ts";
import { type Chart, type DataTable, hiddenNote, type LegendEntry, layered } from "./chart.ts";
import { nameAt, shortenTo } from "./names.ts";
import { vegaShape } from "./theme.ts";

export interface DotRow extends Pick<LegendEntry, "color" | "symbol"> {
  readonly label: string;
  /** One a seed, or a single estimate. */
  readonly dots: readonly { readonly value: number; readonly tip: string }[];
  readonly interval?: { readonly low: number; readonly high: number };
}

export interface DotPlot extends Pick<Chart, "id" | "title" | "description" | "size"> {
  readonly axis: Axis;
  readonly rows: readonly DotRow[];
  /** A vertical dashed line. */
  readonly mark?: number;
  readonly notes?: readonly string[];
  readonly table: DataTable;
}

const ROW_HEIGHT = 26;
const NAME_LENGTH = 26;

export function dotPlot({
  id,
  title,
  description,
  size,
  axis,
  rows,
  mark,
  notes = [],
  table,
}: DotPlot): Chart | undefined {
  const shows = ({ value }: { value: number }) => axis.scale === "linear" || value > 0;
  const kept = rows.filter(({ dots }) => dots.some(shows));
  if (kept.length === 0) return undefined;
  const hidden = rows.flatMap(({ dots }) => dots).filter((dot) => !shows(dot)).length;
  const data = kept.flatMap(({ dots, color, symbol }, row) =>
    dots.filter(shows).map(({ value, tip }) => ({ row, value, color, shape: vegaShape(symbol), tip })),
  );
  const bars = kept.flatMap(({ interval, color }, row) =>
    interval
      ? [
          {
            row,
            low: Math.max(axis.scale === "log" ? axis.domain[0] : interval.low, interval.low),
            high: interval.high,
            color,
          },
        ]
      : [],
  );
  const y = {
    field: "row",
    type: "ordinal" as const,
    title: null,
    scale: { domain: kept.map((_, row) => row) },
    axis: {
      labelExpr: nameAt(kept.map(({ label }) => shortenTo(label, NAME_LENGTH))),
      labelLimit: 170,
      grid: true,
      gridColor: "var(--grid)",
    },
  };
  const literal = { type: "nominal" as const, scale: null, legend: null };
  const color = { field: "color", ...literal };
  return {
    id,
    title,
    description,
    notes: [...notes, ...hiddenNote(hidden)],
    legend: [],
    size,
    spec: layered(size, kept.length * ROW_HEIGHT, [
      ...(mark === undefined
        ? []
        : [
            {
              data: { values: [{ value: mark }] },
              mark: { type: "rule" as const, color: "var(--muted)", strokeDash: [5, 4] },
              encoding: { x: channel("value", axis) },
            },
          ]),
      {
        data: { values: bars },
        mark: { type: "rule", strokeWidth: 2, opacity: 0.45 },
        encoding: { x: channel("low", axis), x2: { field: "high" }, y, color },
      },
      {
        data: { values: data },
        mark: { type: "point", filled: true, size: 60, opacity: 0.85 },
        encoding: {
          x: channel("value", axis),
          y,
          color,
          shape: { field: "shape", ...literal },
          tooltip: { field: "tip", type: "nominal" },
        },
      },
    ]),
    table,
  };
}
