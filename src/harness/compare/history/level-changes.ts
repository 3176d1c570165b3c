/** Lasting changes of level in the nights of one reading, and the commits among which the cause of each lies. */
import { rng } from "../../../core/rng.ts";
import { findSteps, median } from "../../../core/statistics/index.ts";
import type { LevelChange } from "../result.ts";
import type { Snapshot, SnapshotRow } from "../snapshot.ts";
import { numbers } from "../values.ts";

export interface NightValues {
  /** Place in the history, from 0. */
  readonly night: number;
  readonly values: SnapshotRow["values"];
}

/** Chance of finding a change where there is none, for one reading, and the number of shuffles that estimate it. */
const SEARCH = { alpha: 0.01, shuffles: 499 };

/** Medians of the nights, and the changes of their level; `at` of a change is its place among the nights. */
export function levelChangesOf(
  key: string,
  nights: readonly NightValues[],
  snapshots: readonly Snapshot[],
): { medians: number[]; changes: LevelChange[] } {
  const medians = nights.map(({ values }) => median(numbers(values)));
  const scaled = medians.every((value) => value > 0) ? medians.map(Math.log) : medians;
  const found = findSteps(scaled, rng(0).fold("steps").fold(key), SEARCH);
  const commitOf = (place: number) => snapshots[nights[place]!.night]!.commit;
  const changes = found.map(({ index, p }, i) => ({
    night: nights[index]!.night + 1,
    at: index,
    before: median(medians.slice(found[i - 1]?.index ?? 0, index)),
    after: median(medians.slice(index, found[i + 1]?.index)),
    p,
    suspects: { after: commitOf(index - 1), upTo: commitOf(index) },
  }));
  return { medians, changes };
}
