/**
 * What a run says that can be compared: named, directed readings, each with the unit that repeats it. A column of a table
 * makes them (`Column.reads`).
 */
import { baseName, type Change } from "../record/index.ts";
import type { Direction, ReadingClass, ReadRow, UnitKind } from "./reads.ts";
import type { Column, Table } from "./table.ts";
import type { View } from "./view.ts";

/** One value of one reading. */
export interface Reading {
  /** Stage, what was measured, metric: the same in every run of a suite, e.g. `latency/ddpm/ddim-50/batch-1/request_ms`. */
  readonly key: string;
  readonly metric: string;
  readonly class: ReadingClass;
  readonly direction: Direction;
  /** What was computed from what: values compare where these agree. */
  readonly protocol: string;
  /** First 16 hex digits of the judge's weights, where a classifier is part of the number. */
  readonly classifier?: string;
  /** What a two-sided metric should be: its value for real images. */
  readonly target?: number;
  /** How much of a change matters; absent: a ratio, with the limits that the comparison is given. */
  readonly change?: Change;
  readonly unitKind: UnitKind;
  /** Unique among the values of the reading in one run: `seed 0`, `process 3`. */
  readonly unit: string;
  readonly value: number;
  /** Id of the cell that it comes from. */
  readonly cell: string;
}

/** A metric that a cell asked for and that has no value. */
export interface Missing {
  readonly key: string;
  readonly unit: string;
  readonly why: string;
}

/** A part of a key: no slash, no blank. */
const part = (text: string | number): string => String(text).replace(/[\s/]+/g, "-");

export const keyOf = (...parts: readonly (string | number)[]): string => parts.map(part).join("/");

/** `ddim-50`, or `one-pass` for a generator without steps: a setting as a part of a key. */
export const settingPart = ({ sampler, steps }: { sampler: string; steps: number }): string =>
  sampler === "none" ? "one-pass" : `${sampler}-${steps}`;

/** The row of a metric, whose name, direction and protocol are the row's own. */
export interface NamedRow {
  readonly metric: string;
  readonly direction?: Direction;
  readonly protocol?: string;
  /** Why the metric is undefined. */
  readonly why?: string;
}

type Placed = ReadRow & Required<Pick<ReadRow, "cell" | "place">>;

const isPlaced = (row: ReadRow): row is Placed => row.cell !== undefined && row.place !== undefined;

const isMetricRow = (row: ReadRow): row is NamedRow & ReadRow => "metric" in row;

/** Readings of a run, and what should be one and has no value. */
export function readingsOf(
  view: View,
  tables: readonly Table[],
): { readonly readings: Reading[]; readonly missing: Missing[] } {
  const judges = view.records("classifier").map(({ weights }) => weights.slice(0, 16));
  const real = view.records("anchors")[0]?.real.metrics;
  const changes = new Map(view.run.metrics.map(({ name, change }) => [name, change]));
  const readings: Reading[] = [];
  const missing: Missing[] = [];
  const add = (table: Table, name: string, { of, reads }: Column<unknown>, row: Placed) => {
    if (reads?.when?.(row) === false) return;
    const named = isMetricRow(row) ? row : undefined;
    const metric = reads?.as ?? named?.metric ?? name;
    const key = keyOf(...row.place, metric);
    const unit = unitOf(row);
    const value = reads?.value ? reads.value(row) : of(row);
    if (typeof value !== "number") {
      if (named?.why !== undefined) missing.push({ key, unit: unit.unit, why: named.why });
      return;
    }
    const direction = reads?.direction ?? named?.direction ?? "lower";
    readings.push({
      key,
      metric,
      class: reads?.class ?? (table.timing ? "timing" : "quality"),
      direction,
      protocol: reads?.protocol?.(row) ?? named?.protocol ?? "",
      classifier: reads?.judge && judges[reads.judge - 1],
      target: direction === "two-sided" ? real?.find((entry) => entry.metric === metric)?.value : undefined,
      change: reads?.change ?? changes.get(baseName(metric)),
      ...unit,
      value,
      cell: row.cell,
    });
  };
  for (const table of tables) {
    const columns = Object.entries<Column<unknown>>(table.columns).filter(([, { reads }]) => reads);
    if (columns.length === 0) continue;
    for (const row of table.rows(view) as readonly ReadRow[])
      if (isPlaced(row)) for (const [name, column] of columns) add(table, name, column, row);
  }
  return { readings, missing };
}

function unitOf({ seed, process }: ReadRow): Pick<Reading, "unitKind" | "unit"> {
  if (seed !== undefined) return { unitKind: "seed", unit: `seed ${seed}` };
  if (process !== undefined) return { unitKind: "process", unit: `process ${process}` };
  return { unitKind: "run", unit: "run" };
}
