/** What several training seeds say of one number: the one reduction over seeds of the report. */
import { plural } from "../../core/format.ts";
import { mean } from "../../core/statistics/index.ts";
import { groupBy } from "./view.ts";

export interface SeedValue {
  readonly seed: number;
  readonly value: number;
  /** Interval of this estimate alone, where it has one. */
  readonly low?: number;
  readonly high?: number;
}

export interface OverSeeds {
  /** Mean of the seeds that have a value. */
  readonly value: number;
  readonly bySeed: readonly SeedValue[];
  /** Seeds that were asked for; more than `bySeed` holds where a training failed or the number is undefined. */
  readonly of: number;
  /** Several seeds: the lowest and the highest. One seed: the interval of the estimate, if it has one. */
  readonly interval?: { readonly low: number; readonly high: number; readonly of: "seeds" | "confidence" };
}

/** Undefined for no value. `asked`: seeds that were asked for, where some of them have no value. */
export function overSeeds(bySeed: readonly SeedValue[], asked = 0): OverSeeds | undefined {
  const [first, ...others] = bySeed;
  if (!first) return undefined;
  const values = bySeed.map(({ value }) => value);
  const value = mean(values);
  const of = Math.max(asked, bySeed.length);
  if (others.length > 0)
    return {
      value,
      bySeed,
      of,
      interval: { low: Math.min(...values), high: Math.max(...values), of: "seeds" },
    };
  const { low, high } = first;
  return {
    value,
    bySeed,
    of,
    interval: low === undefined || high === undefined ? undefined : { low, high, of: "confidence" },
  };
}

/** `bySeed` of rows that hold a value; a row without one is left out. */
export const seedValues = <Row extends { readonly seed: number }>(
  rows: readonly Row[],
  read: (row: Row) => number | undefined,
): SeedValue[] =>
  rows.flatMap((row) => {
    const value = read(row);
    return value === undefined ? [] : [{ seed: row.seed, value }];
  });

/** `3 of 4`: seeds behind a mean, of those asked for. */
export const seedCount = ({
  bySeed,
  of,
}: Pick<OverSeeds, "of"> & { readonly bySeed: readonly unknown[] }): string => `${bySeed.length} of ${of}`;

/** `3 of 4 seeds`. */
export const seedsText = ({ bySeed, of }: Pick<OverSeeds, "bySeed" | "of">): string =>
  `${bySeed.length} of ${plural(of, "seed")}`;

/**
 * Each group of rows that have one key, with what its seeds say; groups without a value are there too. A row without a
 * value counts as a seed that was asked for; `askedOf` says how many were where rows of failed trainings are missing.
 */
export const byKey = <Row extends { readonly seed: number }>(
  rows: readonly Row[],
  keyOf: (row: Row) => unknown,
  read: (row: Row) => number | undefined,
  askedOf: (row: Row) => number = () => 0,
): (Row & { readonly rows: readonly Row[]; readonly reading: OverSeeds | undefined })[] =>
  groupBy(rows, keyOf).map((group) => ({
    ...group[0],
    rows: group,
    reading: overSeeds(
      seedValues(group, read),
      Math.max(askedOf(group[0]), new Set(group.map(({ seed }) => seed)).size),
    ),
  }));

/** Lowest and highest of a reading; its value where it has no interval. */
export const lowOf = ({ value, interval }: OverSeeds): number => interval?.low ?? value;
export const highOf = ({ value, interval }: OverSeeds): number => interval?.high ?? value;

/** The columns that stand under a chart for a number over seeds. */
export const seedColumns = <Row>(title: string, read: (row: Row) => OverSeeds | undefined) => ({
  [title]: (row: Row) => read(row)?.value,
  lowest: (row: Row) => read(row)?.interval?.low,
  highest: (row: Row) => read(row)?.interval?.high,
  seeds: (row: Row) => {
    const reading = read(row);
    return reading && seedCount(reading);
  },
});
