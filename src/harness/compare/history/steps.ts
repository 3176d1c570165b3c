/** Lasting changes of level in the nights of one reading, and the commits among which the cause of each lies. */

import { rng } from "../../../core/rng.ts";
import { findSteps, median } from "../../../core/statistics/index.ts";
import { numbers } from "../compare.ts";
import type { StepResult } from "../result.ts";
import type { Snapshot, SnapshotRow } from "../snapshot.ts";

export interface NightValue {
  /** Place in the history, from 0. */
  readonly night: number;
  readonly values: SnapshotRow["values"];
}

/** Chance of a step where there is none, for one reading, and shuffles that it is counted over. */
const SEARCH = { alpha: 0.01, shuffles: 499 };

/** Medians of the nights, and their steps with the place of each among them. */
export function stepsOf(
  row: SnapshotRow,
  values: readonly NightValue[],
  snapshots: readonly Snapshot[],
): { medians: number[]; steps: { index: number; step: StepResult }[] } {
  const medians = values.map(({ values }) => median(numbers(values)));
  const scaled = medians.every((value) => value > 0) ? medians.map(Math.log) : medians;
  const found = findSteps(scaled, rng(0).fold("steps").fold(row.key), SEARCH);
  const steps = found.map(({ index, p }, i) => {
    const level = (from: number, to?: number) => median(medians.slice(from, to));
    return {
      index,
      step: {
        night: values[index]!.night + 1,
        at: index,
        before: level(found[i - 1]?.index ?? 0, index),
        after: level(index, found[i + 1]?.index),
        p,
        suspects: suspects(snapshots[values[index - 1]!.night]!, snapshots[values[index]!.night]!),
      },
    };
  });
  return { medians, steps };
}

/** After the last commit of the old level, up to and including the first of the new one. */
function suspects(before: Snapshot, after: Snapshot): StepResult["suspects"] {
  return {
    after: before.commit,
    upTo: after.commit,
  };
}
