/** Which readings are compared: fewer tests ask less of each. */
import { BenchError } from "../../core/errors.ts";
import { knownWords } from "../../core/suggest.ts";
import type { ReadingClass } from "./readings.ts";
import type { SnapshotRow } from "./snapshot.ts";

export interface Selection {
  /** Keys, with * for any text; all where there are none. */
  readonly patterns: readonly string[];
  readonly only?: ReadingClass;
}

/** Whether a key is selected. @throws USAGE for a pattern that no reading fits. */
export function selectionOf(
  { patterns, only }: Selection,
  rows: readonly SnapshotRow[],
): (key: string) => boolean {
  const classes = new Map(rows.map((row) => [row.key, row.class]));
  const tests = patterns.map((pattern) => {
    const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
    const test = new RegExp(`^${escaped}$`);
    if (![...classes.keys()].some((key) => test.test(key)))
      throw new BenchError(
        "USAGE",
        `--metric ${pattern} fits no reading${knownWords(pattern, shown([...classes.keys()]))}`,
      );
    return test;
  });
  return (key) =>
    (only === undefined || (classes.get(key) ?? only) === only) &&
    (tests.length === 0 || tests.some((test) => test.test(key)));
}

/** A message is no catalogue. */
const shown = (keys: readonly string[]): string[] => {
  const sorted = [...new Set(keys)].sort();
  return sorted.length > 12 ? [...sorted.slice(0, 12), `… (${sorted.length} in all, in --json)`] : sorted;
};
