/** Which readings are compared. The fewer are tested together, the smaller a change that each test can find. */
import { usageError } from "../../core/errors.ts";
import { knownWords } from "../../core/suggest.ts";
import type { ReadingClass } from "../tables/index.ts";
import type { SnapshotRow } from "./snapshot.ts";

export interface Selection {
  /** Keys, with * for any text; all where there are none. */
  readonly patterns: readonly string[];
  readonly only?: ReadingClass;
}

/** True for a key that is selected. @throws USAGE for a pattern that fits no reading */
export function selectionOf(
  { patterns, only }: Selection,
  rows: readonly SnapshotRow[],
): (key: string) => boolean {
  const classes = new Map(rows.map((row) => [row.key, row.class]));
  const tests = patterns.map((pattern) => {
    const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
    const test = new RegExp(`^${escaped}$`);
    if (![...classes.keys()].some((key) => test.test(key)))
      throw usageError(
        `--metric ${pattern} fits no reading${knownWords(pattern, shown([...classes.keys()]))}`,
      );
    return test;
  });
  return (key) =>
    (only === undefined || (classes.get(key) ?? only) === only) &&
    (tests.length === 0 || tests.some((test) => test.test(key)));
}

/** The first keys, and how many there are: a message holds at most 12. */
const shown = (keys: readonly string[]): string[] => {
  const sorted = [...new Set(keys)].sort();
  return sorted.length > 12 ? [...sorted.slice(0, 12), `… (${sorted.length} in total, in --json)`] : sorted;
};
