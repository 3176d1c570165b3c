/** The test of one reading, chosen by what repeats it and by how many values there are, never by the values. */
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
import type { Sample } from "./sample.ts";
import type { SnapshotRow } from "./snapshot.ts";

export type TestName = "permutation" | "paired permutation" | "Mann-Whitney";

export interface TestResult {
  readonly name: TestName;
  /** Two-sided, not yet adjusted for other metrics. */
  readonly p: number;
  /** On the sample's scale. */
  readonly change: Shift;
}

/**
 * Timing: Mann & Whitney's test, for which a process that was disturbed counts as one. Quality: an exact permutation test
 * of means; paired where the seeds are the same on both sides and enough for pairs to reach `level`, the level of the
 * first step of Holm's procedure. Without pairs the test of equal seeds only errs on the side of no change.
 */
export function testOf(row: Pick<SnapshotRow, "class">, sample: Sample, level: number): TestResult {
  const { base, head, pairs } = sample;
  if (isPaired(row, sample, level))
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

export function isPaired(row: Pick<SnapshotRow, "class">, sample: Sample, level: number): boolean {
  const { base, head, pairs } = sample;
  const same = pairs.length === base.length && pairs.length === head.length;
  return row.class === "quality" && same && pairs.length <= MOST_PAIRS && leastPairedP(pairs.length) <= level;
}
