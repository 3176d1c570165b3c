/** The latest night of a history against the nights since the baseline, and the steps that the nights show. */
import { BenchError } from "../../../core/errors.ts";
import { type CompareRequest, centreOf, groupOf, identity, oneSided, rowsByKey } from "../compare.ts";
import { type Matched, matcherOf } from "../fingerprint.ts";
import { type Judged, judge, type Question } from "../judge.ts";
import { lossesOf } from "../losses.ts";
import {
  type Comparison,
  inOrderOfNews,
  judgedPart,
  labelOf,
  RESULT_VERSION,
  type RowResult,
} from "../result.ts";
import { selectionOf } from "../select.ts";
import type { Snapshot, SnapshotRow } from "../snapshot.ts";
import type { History } from "./parse.ts";
import { type NightValue, stepsOf } from "./steps.ts";

/** Nights that a night is judged against: the latest of the level that the baseline has. */
const MOST_NIGHTS = 30;

export type NightRequest = Pick<
  CompareRequest,
  "options" | "select" | "allowMismatch" | "strict" | "notices"
>;

/** @throws BAD_HISTORY for a history without a night. */
export function judgeLatest({ nights, accepts, notices }: History, request: NightRequest): Comparison {
  const { options, allowMismatch, strict } = request;
  const tonight = nights.length - 1;
  const snapshots = nights.map(({ snapshot }) => snapshot);
  const head = snapshots[tonight];
  if (!head)
    throw new BenchError(
      "BAD_HISTORY",
      "the history holds no night. Add one with bench history add DIR RUN.",
    );
  const indexOf = (id: string) => snapshots.findIndex(({ run }) => run.id === id);
  const accepted = accepts.at(-1);
  const start = accepted ? indexOf(accepted.night) : 0;
  const earlier = snapshots.slice(0, tonight).map(
    (snapshot, night): Earlier => ({
      night,
      snapshot,
      rows: rowsByKey(snapshot),
      match: matcherOf(snapshot, head, allowMismatch),
    }),
  );
  const since = earlier.slice(start);
  const rowsNow = rowsByKey(head);
  const everKeys = new Set([...rowsNow.keys(), ...since.flatMap(({ rows }) => [...rows.keys()])]);
  const wanted = selectionOf(request.select, [
    ...head.rows,
    ...since.flatMap(({ snapshot }) => snapshot.rows),
  ]);
  const fixed: RowResult[] = [];
  const open: Open[] = [];
  for (const key of [...everKeys].filter(wanted)) {
    const now = rowsNow.get(key);
    const latest = since.findLast(({ rows }) => rows.has(key));
    if (!now || !latest) {
      fixed.push(oneSided(key, latest?.rows.get(key), now, latest?.snapshot ?? head, head));
      continue;
    }
    const found = openRow(now, earlier, start, { ...head, night: tonight }, snapshots, allowMismatch);
    if ("verdict" in found) fixed.push(found);
    else open.push(found);
  }
  const previous = since.at(-1)?.snapshot ?? head;
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
    rows: inOrderOfNews([...fixed, ...judgeOpen(open, options)]),
    losses: lossesOf(previous, head, wanted),
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

interface Earlier {
  readonly night: number;
  readonly snapshot: Snapshot;
  readonly rows: ReadonlyMap<string, SnapshotRow>;
  readonly match: (base: SnapshotRow, head: SnapshotRow) => Matched;
}

interface Open {
  readonly rest: Omit<RowResult, keyof ReturnType<typeof judgedPart>>;
  readonly notes: readonly string[];
  /** This night alone against the baseline's level. */
  readonly alone: Question;
  /** All nights since the last step, where there is one. */
  readonly since: Question | undefined;
}

/** What of a reading's history compares with tonight's value, cut at its steps; or that nothing does. */
function openRow(
  now: SnapshotRow,
  earlier: readonly Earlier[],
  start: number,
  head: Snapshot & { readonly night: number },
  snapshots: readonly Snapshot[],
  allowMismatch: boolean,
): RowResult | Open {
  const matched = earlier.flatMap(({ night, rows, match }) => {
    const old = rows.get(now.key);
    return old ? [{ night, old, ...match(old, now) }] : [];
  });
  const like = matched.filter(
    ({ mismatches, base, head }) =>
      (allowMismatch || mismatches.length === 0) && base.length > 0 && head.length > 0,
  );
  const values = like.map(({ night, base }): NightValue => ({ night, values: base }));
  const tonight = like.at(-1)?.head ?? now.values;
  values.push({ night: head.night, values: tonight });
  const { medians, steps } = stepsOf(now, values, snapshots);
  const first = like.findIndex(({ night }) => night >= start);
  const latest = matched.findLast(({ night }) => night >= start)!;
  const rest = {
    ...identity(now),
    mismatches: latest.mismatches,
    steps: steps.map(({ step }) => step),
    series: { values: medians, head: medians.length - 1 },
  };
  if (first < 0) {
    const sides = { old: centreOf(latest.old), now: centreOf(now) };
    return { ...rest, ...sides, verdict: "not comparable", notes: [] };
  }
  const inBaseline = steps.filter(({ index }) => index > first);
  const end = Math.min(inBaseline[0]?.index ?? like.length, like.length);
  const base = like.slice(Math.max(first, end - MOST_NIGHTS), end).map(({ base }) => groupOf(base));
  const last = inBaseline.at(-1)?.index;
  const level = last === undefined ? [] : values.slice(last).map(({ values }) => groupOf(values));
  const question = { row: now, base, history: true };
  const others = matched.length - like.length;
  return {
    rest: { ...rest, mismatches: allowMismatch ? latest.mismatches : [] },
    notes:
      others > 0 ? [`${others} of ${matched.length} earlier nights do not compare (${fields(matched)})`] : [],
    alone: { ...question, head: [groupOf(tonight)] },
    since: level.length > 1 ? { ...question, head: level } : undefined,
  };
}

const fields = (matched: readonly Matched[]): string =>
  [...new Set(matched.flatMap(({ mismatches }) => mismatches.map(({ field }) => field)))].join(", ");

/** Tonight first; where that tells nothing new, the nights since the last step together, of which there are more. */
function judgeOpen(open: readonly Open[], options: CompareRequest["options"]): RowResult[] {
  const nights = open.map(({ alone }) => alone);
  const alone = judge(nights, options);
  const told = ({ verdict }: Judged) => verdict === "regressed" || verdict === "improved";
  const again = open.flatMap(({ since }, i) => (since && !told(alone[i]!) ? [{ since, i }] : []));
  const tested = alone.filter(({ sample }) => !sample.identical).length;
  const questions = again.map(({ since }) => since);
  const together = judge(questions, options, Math.max(0, tested - again.length));
  const better = new Map(again.map(({ i }, j) => [i, together[j]!]));
  return open.map(({ rest, notes }, i) => {
    const level = better.get(i);
    const chosen = level && told(level) ? level : alone[i]!;
    const part = judgedPart(chosen);
    const since =
      level && chosen === level ? [`over the ${open[i]!.since!.head.length} nights since the last step`] : [];
    return { ...rest, ...part, notes: [...part.notes, ...since, ...notes] };
  });
}
