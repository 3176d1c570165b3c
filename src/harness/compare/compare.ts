/** Two runs, reading by reading. */
import { BenchError } from "../../core/errors.ts";
import { median } from "../../core/statistics/index.ts";
import { matcherOf } from "./fingerprint.ts";
import { lossesOf } from "./losses.ts";
import type { JudgeOptions } from "./options.ts";
import { type Comparison, inOrderOfNews, labelOf, RESULT_VERSION, type RowResult } from "./result.ts";
import { identity, judgeRows, notComparable, type OpenRow, oneSided, rowsByKey, seriesOf } from "./rows.ts";
import { type Selection, selectionOf } from "./select.ts";
import type { Snapshot, SnapshotRow } from "./snapshot.ts";
import { numbers } from "./values.ts";

export interface CompareRequest {
  readonly base: { readonly label: string; readonly snapshot: Snapshot };
  readonly head: { readonly label: string; readonly snapshot: Snapshot };
  readonly options: JudgeOptions;
  readonly select: Selection;
  readonly allowMismatch: boolean;
  readonly strict: boolean;
  /** Nights of a history, the oldest first, whose differences are the noise. */
  readonly nights?: readonly Snapshot[];
  /** What could not be read from the run folders. */
  readonly notices: readonly string[];
}

/** @throws NOT_COMPARABLE where the runs have no reading in common, USAGE where a pattern of the selection fits none */
export function compareRuns(request: CompareRequest): Comparison {
  const { options, allowMismatch, strict, nights } = request;
  const [base, head] = [request.base.snapshot, request.head.snapshot];
  const wanted = selectionOf(request.select, [...base.rows, ...head.rows]);
  const [before, after] = [rowsByKey(base), rowsByKey(head)];
  if (![...before.keys()].some((key) => after.has(key)))
    throw new BenchError(
      "NOT_COMPARABLE",
      `${request.base.label} and ${request.head.label} have no reading in common: they ran other suites or other stages. ` +
        "Compare runs of one suite.",
    );
  const open = openerOf(base, head, allowMismatch, nights);
  const keys = [...new Set([...after.keys(), ...before.keys()])].filter(wanted);
  const rows = keys.map((key) => {
    const [old, now] = [before.get(key), after.get(key)];
    return old && now ? open(old, now) : oneSided(key, old, now, base, head);
  });
  return {
    schemaVersion: RESULT_VERSION,
    kind: "compare",
    base: labelOf(request.base.label, base),
    head: labelOf(request.head.label, head),
    options,
    mismatchAllowed: allowMismatch,
    strict,
    rows: inOrderOfNews(judgeRows(rows, options)),
    losses: lossesOf(base, head, wanted),
    notices: [
      ...request.notices,
      ...remarks(base, head),
      ...(nights ? [] : ["how much runs differ by themselves is unknown; --history DIR tells it"]),
    ],
  };
}

/** Opens the row of a reading that both runs have. */
function openerOf(base: Snapshot, head: Snapshot, allowMismatch: boolean, nights?: readonly Snapshot[]) {
  const match = matcherOf(base, head, allowMismatch);
  const nightsOf = nights && nightsLike(head, nights);
  return (old: SnapshotRow, now: SnapshotRow): RowResult | OpenRow => {
    const { mismatches, leftOut, ...values } = match(old, now);
    const rest = { ...identity(now), mismatches, series: seriesOf(values.base, values.head), steps: [] };
    if (!allowMismatch && (mismatches.length > 0 || values.base.length === 0 || values.head.length === 0))
      return notComparable(old, now, { ...rest, series: seriesOf(old.values, now.values) });
    const isLeftOut = leftOut.length > 0 && !allowMismatch;
    return {
      rest,
      notes: isLeftOut ? [`left out because they are configured differently: ${leftOut.join(", ")}`] : [],
      question: {
        row: now,
        base: [values.base],
        head: [values.head],
        nights: nightsOf?.(now),
        history: false,
      },
    };
  };
}

/** For a row of the head, the medians of the nights that compare with it. */
function nightsLike(head: Snapshot, nights: readonly Snapshot[]): (row: SnapshotRow) => number[] {
  const prepared = nights.map((night) => ({ rows: rowsByKey(night), match: matcherOf(night, head) }));
  return (row) =>
    prepared.flatMap(({ rows, match }) => {
      const old = rows.get(row.key);
      if (!old) return [];
      const { mismatches, base } = match(old, row);
      return mismatches.length === 0 && base.length > 0 ? [median(numbers(base))] : [];
    });
}

function remarks(base: Snapshot, head: Snapshot): string[] {
  const unfinished = Object.entries({ base, head }).filter(([, { run }]) => run.state !== "complete");
  return [
    ...(base.run.id === head.run.id ? ["base and head are the same run"] : []),
    ...unfinished.map(([side, { run }]) => `${side} is ${run.state}: not every cell of its plan is there`),
  ];
}
