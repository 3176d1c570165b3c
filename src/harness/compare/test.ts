/** The test of one reading, chosen by its unit of repetition and the number of values, never by the values themselves. */
import {
  hodgesLehmann,
  isEnumerable,
  leastPairedP,
  MOST_PAIRS,
  mannWhitney,
  pairedShift,
  permutationTest,
  type Shift,
  signFlipTest,
} from "../../core/statistics/index.ts";
import { CONFIDENCE } from "./options.ts";
import type { SnapshotRow } from "./snapshot.ts";
import type { Values } from "./values.ts";

export type TestName = "permutation" | "paired permutation" | "Mann-Whitney";

export interface TestResult {
  readonly name: TestName;
  /** Two-sided, not yet adjusted for other metrics. */
  readonly p: number;
  /** On the rule's scale. */
  readonly change: Shift;
}

/**
 * Timing: Mann & Whitney's test, in which a disturbed process counts as one value. Quality: an exact permutation test
 * of means; paired where the seeds are the same on both sides and enough for pairs to reach `level`, the level of the
 * first step of Holm's procedure. Without pairs, the test of equal seeds is only less sensitive.
 */
export function testOf(row: Pick<SnapshotRow, "class">, values: Values, level: number): TestResult {
  const { base, head, pairs } = values;
  if (isPaired(row, values, level))
    return {
      name: "paired permutation",
      p: signFlipTest(pairs),
      change: pairedShift(pairs, CONFIDENCE),
    };
  const change = hodgesLehmann(base, head, CONFIDENCE);
  if (row.class === "quality" && isEnumerable(base.length, head.length))
    return { name: "permutation", p: permutationTest(base, head), change };
  return { name: "Mann-Whitney", p: mannWhitney(base, head).p, change };
}

export function isPaired(row: Pick<SnapshotRow, "class">, values: Values, level: number): boolean {
  const { base, head, pairs } = values;
  const same = pairs.length === base.length && pairs.length === head.length;
  return row.class === "quality" && same && pairs.length <= MOST_PAIRS && leastPairedP(pairs.length) <= level;
}
