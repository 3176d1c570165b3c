/** What one chart is before it is drawn: words, a Vega-Lite specification and the table behind it. */
import type { TopLevelSpec } from "vega-lite";
import type { Setting } from "../analysis/index.ts";
import type { CsvName } from "../csv/index.ts";
import type { RowKey } from "../csv/rows.ts";

export interface LegendEntry {
  readonly label: string;
  readonly color: string;
  readonly symbol: "line" | "dashed" | "band" | "diamond" | "circle" | "square" | "triangle" | "cross";
  /** Whether the symbol stands on a line. */
  readonly line?: boolean;
  /** Pattern of the line; unbroken where absent. */
  readonly dash?: readonly number[];
}

export interface DataTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Where each row's numbers stand in full: the first line of a CSV file that holds every value of `key`. */
  readonly sources?: readonly (RowSource | undefined)[];
}

export interface RowSource {
  readonly csv: CsvName;
  readonly key: RowKey;
}

/** The rows' sources in one file. */
export const inCsv = <T>(csv: CsvName, items: readonly T[], keyOf: (item: T) => RowKey): RowSource[] =>
  items.map((item) => ({ csv, key: keyOf(item) }));

/** The columns that name a setting. */
export const settingOf = ({ model, sampler, steps }: Setting): RowKey => ({ model, sampler, steps });

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

/** Rows handed to Vega; field names are ours, values may be anything. */
export type Row = Readonly<Record<string, string | number>>;
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
