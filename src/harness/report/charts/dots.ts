/** Values along one axis, a line of dots a model: a dot for each seed, a bar for the interval. */
import { type DataTable, groupBy, numbers } from "../../tables/index.ts";
import { type AxisWish, axisFor, channel } from "./axis.ts";
import { type Chart, type ChartOf, hiddenNote, type Layer, layered, tipOf } from "./chart.ts";
import { nameAt, shortenTo } from "./names.ts";
import { vegaShape } from "./theme.ts";

interface Dots<Row> extends ChartOf<Row> {
  /** Numbers under the chart that are not the dots' own. */
  readonly table?: DataTable;
  readonly axis: AxisWish;
  value(row: Row): number | undefined;
  /** A bar over the dots of a line. */
  interval?(line: readonly [Row, ...Row[]]): { readonly low: number; readonly high: number } | undefined;
  /** Where a vertical dashed line stands. */
  readonly mark?: number;
}

const LINE_HEIGHT = 26;
const NAME_LENGTH = 26;

export function dots<Row>(wanted: Dots<NoInfer<Row>> & { readonly rows: readonly Row[] }): Chart | undefined {
  const { id, title, description, size = "half", rows, mark, notes = [] } = wanted;
  const behind = numbers(rows, wanted.columns, wanted.source);
  const all = rows.flatMap((row, i) => {
    const value = wanted.value(row);
    return value === undefined ? [] : [{ row, value, tip: tipOf(behind, i), look: wanted.line(row) }];
  });
  const shown = all.filter(({ value }) => wanted.axis.scale === "linear" || value > 0);
  const groups = groupBy(shown, ({ look }) => JSON.stringify(look));
  if (groups.length === 0) return undefined;
  const bars = groups.map((group) => {
    const [first, ...others] = group;
    return wanted.interval?.([first.row, ...others.map(({ row }) => row)]);
  });
  const axis = axisFor(wanted.axis, [
    ...shown.map(({ value }) => value),
    ...bars.flatMap((bar) => (bar ? [bar.low, bar.high] : [])),
    ...(mark === undefined ? [] : [mark]),
  ]);
  const bottom = axis.scale === "log" ? axis.domain[0] : Number.NEGATIVE_INFINITY;
  const data = groups.flatMap((group, line) =>
    group.map(({ value, tip, look: { color, symbol } }) => ({
      line,
      value,
      color,
      shape: vegaShape(symbol),
      tip,
    })),
  );
  const y = {
    field: "line",
    type: "ordinal" as const,
    title: null,
    scale: { domain: groups.map((_, line) => line) },
    axis: {
      labelExpr: nameAt(groups.map(([{ look }]) => shortenTo(look.label, NAME_LENGTH))),
      labelLimit: 170,
      grid: true,
      gridColor: "var(--grid)",
    },
  };
  const literal = { type: "nominal" as const, scale: null, legend: null };
  const color = { field: "color", ...literal };
  const markLayer: Layer[] =
    mark === undefined
      ? []
      : [
          {
            data: { values: [{ value: mark }] },
            mark: { type: "rule", color: "var(--muted)", strokeDash: [5, 4] },
            encoding: { x: channel("value", axis) },
          },
        ];
  return {
    id,
    title,
    description,
    notes: [...notes, ...hiddenNote(all.length - shown.length)],
    legend: [],
    size,
    spec: layered(size, groups.length * LINE_HEIGHT, [
      ...markLayer,
      {
        data: {
          values: bars.flatMap((bar, line) =>
            bar
              ? [{ line, low: Math.max(bottom, bar.low), high: bar.high, color: groups[line]![0].look.color }]
              : [],
          ),
        },
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
    table: wanted.table ?? behind,
  };
}
