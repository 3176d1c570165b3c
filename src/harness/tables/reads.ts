/** How a column of a table is compared between runs. */
import type { Change, MetricValue } from "../record/index.ts";

export type Direction = MetricValue["direction"];

/** `quality` comes from seeds, `timing` from a machine: their fingerprints are compared apart. */
export type ReadingClass = "quality" | "timing";

/** What repeats a reading: a training seed, a process, or nothing (`run`: one value a run). */
export type UnitKind = "seed" | "process" | "run";

/** A row that readings are made of: the cell it comes from, and how the keys of its readings begin. */
export interface ReadRow {
  readonly cell?: string;
  /** Absent for a row that is no reading. */
  readonly place?: readonly (string | number)[];
  readonly seed?: number;
  readonly process?: number;
}

/** How a column is compared. What depends on the row is a function of it. */
export interface Reads<Row> {
  /** Last part of the key; the column's name where absent. */
  readonly as?: string;
  readonly class?: ReadingClass;
  readonly direction?: Direction;
  /** Which of the run's two judges is part of the number. */
  readonly judge?: 1 | 2;
  readonly change?: Change;
  protocol?(row: Row): string;
  /** Whether a row is a reading; every one where absent. */
  when?(row: Row): boolean;
  /** The number compared, where it is not the column's own. */
  value?(row: Row): number | undefined;
}

export const share: Change = { scale: "difference", floor: 0.02, detect: 0.05 };
export const event: Change = { scale: "difference", floor: 0, detect: 0.5 };
