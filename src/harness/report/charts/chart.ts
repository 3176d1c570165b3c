/** What one chart is before it is drawn: words, a Vega-Lite specification and the table behind it. */
import type { TopLevelSpec } from "vega-lite";
import type { DataTable, Shown, SourceOf } from "../../tables/index.ts";

export interface LegendEntry {
  readonly label: string;
  readonly color: string;
  readonly symbol: "line" | "dashed" | "diamond" | "circle" | "square" | "triangle" | "cross";
  /** Whether the symbol stands on a line. */
  readonly line?: boolean;
  /** Pattern of the line; unbroken where absent. */
  readonly dash?: readonly number[];
}

/** How a model, or one of its samplers, looks in every chart. */
export type Look = Pick<LegendEntry, "color" | "symbol" | "dash">;

/** A line of a chart: what its points have in common. */
export type LineLook = Look & Pick<LegendEntry, "label">;

export interface Chart {
  /** Unique in the page; letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  /** What is drawn, with the units, in one sentence. Also what a screen reader hears. */
  readonly description: string;
  /** What the drawing leaves out or the reader should know. */
  readonly notes: readonly string[];
  readonly legend: readonly LegendEntry[];
  readonly size: "full" | "half" | "third";
  readonly spec: TopLevelSpec;
  readonly table: DataTable;
}

/** What every kind of chart is told of itself and of the rows behind it. `size` is `half` where absent. */
export interface ChartOf<Row>
  extends Pick<Chart, "id" | "title" | "description">,
    Partial<Pick<Chart, "size" | "notes">> {
  /** The rows of numbers behind the chart; each is drawn where it has a value. */
  readonly rows: readonly Row[];
  /** What of a row is shown under the chart, and under the pointer. */
  readonly columns: Shown<Row>;
  readonly source?: SourceOf<Row>;
  /** The line that a row's point belongs to; rows of one label and look share it. */
  line(row: Row): LineLook;
}

/** Rows handed to Vega; field names are ours, values may be anything. */
export type Datum = Readonly<Record<string, string | number>>;
export type Layer = Extract<TopLevelSpec, { layer: unknown[] }>["layer"][number];

/** Width in which the static drawing is laid out; the page redraws at the width there is. */
const STATIC_WIDTH = { full: 960, half: 470, third: 310 } as const;

export function layered(size: Chart["size"], height: number, layer: Layer[]): TopLevelSpec {
  return {
    width: STATIC_WIDTH[size],
    height,
    autosize: { type: "fit-x", contains: "padding", resize: true },
    layer,
  };
}

/** A sentence for values that a logarithmic axis cannot show; none where there are none. */
export function hiddenNote(hidden: number): string[] {
  if (hidden === 0) return [];
  const values = hidden === 1 ? "1 value at or below zero is" : `${hidden} values at or below zero are`;
  return [`${values} not drawn: the axis is logarithmic. The CSV files hold every value.`];
}

/** Numbers of one row that a tip shows, besides the name. */
const TIP_LINES = 6;

/** What is said under the pointer: the first cell of a row of numbers is its name, each further one has its heading. */
export const tipOf = ({ columns, rows }: DataTable, row: number): string => {
  const [name = "", ...cells] = rows[row] ?? [];
  const said = cells.flatMap((cell, i) => (cell === "" ? [] : [`${columns[i + 1]}: ${cell}`]));
  return [name, ...said.slice(0, TIP_LINES)].join("\n");
};
