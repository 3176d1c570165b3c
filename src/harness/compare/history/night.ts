/** The latest night of a history against the nights since the baseline, and lasting changes of level in the nights. */
import { badHistory } from "../../../core/errors.ts";
import type { CompareRequest } from "../compare.ts";
import { type Match, matcherOf } from "../fingerprint.ts";
import { lossesOf } from "../losses.ts";
import { type Comparison, inOrderOfNews, labelOf, RESULT_VERSION, type RowResult } from "../result.ts";
import { identity, judgeRows, notComparable, type OpenRow, oneSided, rowsByKey } from "../rows.ts";
import { selectionOf } from "../select.ts";
import type { Snapshot, SnapshotRow } from "../snapshot.ts";
import { levelChangesOf, type NightValues } from "./level-changes.ts";
import type { History } from "./parse.ts";

/** Nights that a night is judged against: the latest of those on the baseline's level. */
const MOST_NIGHTS = 30;

export type NightRequest = Pick<
  CompareRequest,
  "options" | "select" | "allowMismatch" | "strict" | "notices"
>;

const earlierNights = (nights: readonly Snapshot[], head: Snapshot, allowMismatch: boolean) =>
  nights.map((snapshot, night) => ({
    /** Place in the history, from 0. */
    night,
    snapshot,
    rows: rowsByKey(snapshot),
    match: matcherOf(snapshot, head, allowMismatch),
  }));

type Earlier = ReturnType<typeof earlierNights>[number];

/** @throws BAD_HISTORY for a history without a night */
export function judgeLatest({ nights, accepts, notices }: History, request: NightRequest): Comparison {
  const { options, allowMismatch, strict } = request;
  const tonight = nights.length - 1;
  const snapshots = nights.map(({ snapshot }) => snapshot);
  const head = snapshots[tonight];
  if (!head) throw badHistory("the history holds no night. Add one with bench history add DIR RUN.");
  const indexOf = (id: string) => snapshots.findIndex(({ run }) => run.id === id);
  const accepted = accepts.at(-1);
  const start = accepted ? indexOf(accepted.night) : 0;
  const earlier = earlierNights(snapshots.slice(0, tonight), head, allowMismatch);
  const since = earlier.slice(start);
  const rowsNow = rowsByKey(head);
  const keys = new Set([...rowsNow.keys(), ...since.flatMap(({ rows }) => [...rows.keys()])]);
  const compared = [...head.rows, ...since.flatMap(({ snapshot }) => snapshot.rows)];
  const wanted = selectionOf(request.select, compared);
  const rows = [...keys].filter(wanted).map((key) => {
    const now = rowsNow.get(key);
    const latest = since.findLast(({ rows }) => rows.has(key));
    return now && latest
      ? openRow(now, earlier, start, snapshots, allowMismatch)
      : oneSided(key, latest?.rows.get(key), now, latest?.snapshot ?? head, head);
  });
  return {
    schemaVersion: RESULT_VERSION,
    kind: "history",
    base: labelOf(
      since.length > 1 ? `nights ${start + 1} to ${tonight}` : `night ${start + 1}`,
      snapshots[start]!,
    ),
    head: labelOf(`night ${tonight + 1}`, head),
    options,
    mismatchAllowed: allowMismatch,
    strict,
    rows: inOrderOfNews(judgeRows(rows, options)),
    losses: lossesOf(since.at(-1)?.snapshot ?? head, head, wanted),
    notices: [
      ...notices,
      ...request.notices,
      ...(since.length === 0 ? ["this night is the baseline: there is nothing to judge it against"] : []),
      ...(head.run.state === "complete" ? [] : [`the night's run is ${head.run.state}`]),
    ],
    history: {
      nights: nights.length,
      baseline: {
        night: start + 1,
        id: snapshots[start]!.run.id,
        reason: accepted?.reason,
        accepted: accepted?.at,
      },
      accepts: accepts.map(({ night, reason, at }) => ({ night: indexOf(night) + 1, reason, at })),
    },
  };
}

/**
 * The row of a reading that tonight and an earlier night have. Nights that compare with tonight are cut at the changes of
 * their level: the baseline is the level at `start`, and the nights since the last change may be judged together.
 */
function openRow(
  now: SnapshotRow,
  earlier: readonly Earlier[],
  start: number,
  snapshots: readonly Snapshot[],
  allowMismatch: boolean,
): RowResult | OpenRow {
  const matched = earlier.flatMap(({ night, rows, match }) => {
    const old = rows.get(now.key);
    return old ? [{ night, old, ...match(old, now) }] : [];
  });
  const like = matched.filter(
    ({ mismatches, base, head }) =>
      (allowMismatch || mismatches.length === 0) && base.length > 0 && head.length > 0,
  );
  const tonight = like.at(-1)?.head ?? now.values;
  const nights = [
    ...like.map(({ night, base }): NightValues => ({ night, values: base })),
    { night: snapshots.length - 1, values: tonight },
  ];
  const { medians, changes } = levelChangesOf(now.key, nights, snapshots);
  const latest = matched.findLast(({ night }) => night >= start)!;
  const rest = {
    ...identity(now),
    mismatches: latest.mismatches,
    steps: changes,
    series: { values: medians, head: medians.length - 1 },
  };
  const first = like.findIndex(({ night }) => night >= start);
  if (first < 0) return notComparable(latest.old, now, rest);
  const inBaseline = changes.filter(({ at }) => at > first);
  const end = Math.min(inBaseline[0]?.at ?? like.length, like.length);
  const base = like.slice(Math.max(first, end - MOST_NIGHTS), end).map(({ base }) => base);
  const last = inBaseline.at(-1);
  const level = last ? nights.slice(last.at).map(({ values }) => values) : [];
  const question = { row: now, base, history: true };
  const others = matched.length - like.length;
  return {
    rest: { ...rest, mismatches: allowMismatch ? latest.mismatches : [] },
    notes:
      others > 0 ? [`${others} of ${matched.length} earlier nights do not compare (${fields(matched)})`] : [],
    question: { ...question, head: [tonight] },
    since: level.length > 1 ? { ...question, head: level } : undefined,
  };
}

const fields = (matched: readonly ReturnType<Match>[]): string =>
  [...new Set(matched.flatMap(({ mismatches }) => mismatches.map(({ field }) => field)))].join(", ");
