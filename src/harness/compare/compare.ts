/** Two runs, reading by reading. */
import { BenchError } from "../../core/errors.ts";
import { median } from "../../core/statistics/index.ts";
import { matcherOf } from "./fingerprint.ts";
import { judge, type Question } from "./judge.ts";
import { lossesOf, whyGone } from "./losses.ts";
import type { JudgeOptions } from "./options.ts";
import {
  type Comparison,
  inOrderOfNews,
  judgedPart,
  labelOf,
  RESULT_VERSION,
  type RowResult,
} from "./result.ts";
import type { Group } from "./sample.ts";
import { type Selection, selectionOf } from "./select.ts";
import type { Snapshot, SnapshotRow } from "./snapshot.ts";

export interface CompareRequest {
  readonly base: { readonly label: string; readonly snapshot: Snapshot };
  readonly head: { readonly label: string; readonly snapshot: Snapshot };
  readonly options: JudgeOptions;
  readonly select: Selection;
  readonly allowMismatch: boolean;
  readonly strict: boolean;
  /** Nights of a history that noise is taken from, the oldest first. */
  readonly nights?: readonly Snapshot[];
  /** What the readers of the folders had to leave out. */
  readonly notices: readonly string[];
}

/** @throws NOT_COMPARABLE where the runs have no reading in common, USAGE where the selection names none. */
export function compareRuns(request: CompareRequest): Comparison {
  const { options, allowMismatch, strict, nights } = request;
  const [base, head] = [request.base.snapshot, request.head.snapshot];
  const keys = [...new Set([...head.rows, ...base.rows].map(({ key }) => key))];
  const wanted = selectionOf(request.select, [...base.rows, ...head.rows]);
  const [before, after] = [rowsByKey(base), rowsByKey(head)];
  if (!keys.some((key) => before.has(key) && after.has(key)))
    throw new BenchError(
      "NOT_COMPARABLE",
      `${request.base.label} and ${request.head.label} have no reading in common: they ran other suites or other stages. ` +
        "Compare runs of one suite.",
    );
  const match = matcherOf(base, head, allowMismatch);
  const nightsOf = nights && nightsLike(head, nights);
  const fixed: RowResult[] = [];
  const open: {
    question: Question;
    rest: Omit<RowResult, keyof ReturnType<typeof judgedPart>>;
    notes: string[];
  }[] = [];
  for (const key of keys.filter(wanted)) {
    const [old, now] = [before.get(key), after.get(key)];
    if (!old || !now) {
      fixed.push(oneSided(key, old, now, base, head));
      continue;
    }
    const { mismatches, leftOut, ...values } = match(old, now);
    const series = seriesOf(values.base, values.head);
    const rest = { ...identity(now), mismatches, series, steps: [] };
    if (!allowMismatch && (mismatches.length > 0 || values.base.length === 0 || values.head.length === 0)) {
      const sides = { old: centreOf(old), now: centreOf(now), series: seriesOf(old.values, now.values) };
      fixed.push({ ...rest, ...sides, verdict: "not comparable", notes: [] });
      continue;
    }
    const groups = { base: [groupOf(values.base)], head: [groupOf(values.head)] };
    const history = nightsOf && { nights: nightsOf(now) };
    const question = { row: now, ...groups, ...history, history: false };
    const notes =
      leftOut.length > 0 && !allowMismatch ? [`left out, configured otherwise: ${leftOut.join(", ")}`] : [];
    open.push({ question, rest, notes });
  }
  const questions = open.map(({ question }) => question);
  const judged = judge(questions, options);
  const rows = open.map(({ rest, notes }, i): RowResult => {
    const part = judgedPart(judged[i]!);
    return { ...rest, ...part, notes: [...part.notes, ...notes] };
  });
  return {
    schemaVersion: RESULT_VERSION,
    kind: "compare",
    base: labelOf(request.base.label, base),
    head: labelOf(request.head.label, head),
    options,
    mismatchAllowed: allowMismatch,
    strict,
    rows: inOrderOfNews([...fixed, ...rows]),
    losses: lossesOf(base, head, wanted),
    notices: [
      ...request.notices,
      ...remarks(base, head),
      ...(nights ? [] : ["how much runs differ by themselves is unknown; --history DIR tells it"]),
    ],
  };
}

export const rowsByKey = (snapshot: Snapshot): Map<string, SnapshotRow> =>
  new Map(snapshot.rows.map((row) => [row.key, row]));

export const groupOf = (values: SnapshotRow["values"]): Group => ({
  values: values.map(([, unit, value]) => ({ unit, value })),
});

export const numbers = (values: SnapshotRow["values"]): number[] => values.map(([, , value]) => value);

export const centreOf = ({ values }: SnapshotRow) => ({ value: median(numbers(values)), n: values.length });

const seriesOf = (base: SnapshotRow["values"], head: SnapshotRow["values"]) => ({
  values: [...numbers(base), ...numbers(head)],
  head: base.length,
});

export const identity = ({ key, metric, direction, unitKind, ...row }: SnapshotRow) => ({
  key,
  metric,
  class: row.class,
  direction,
  unit: unitKind,
});

/** A reading that only one side has. */
export function oneSided(
  key: string,
  old: SnapshotRow | undefined,
  now: SnapshotRow | undefined,
  base: Snapshot,
  head: Snapshot,
): RowResult {
  const none = { mismatches: [], steps: [] };
  if (now)
    return {
      ...identity(now),
      ...none,
      verdict: "new",
      now: centreOf(now),
      notes: [],
      series: seriesOf([], now.values),
    };
  const gone = { verdict: "vanished" as const, old: centreOf(old!), notes: [whyGone(key, base, head)] };
  return { ...identity(old!), ...none, ...gone, series: seriesOf(old!.values, []) };
}

/** For a row of the head: medians of the nights that compare with it. */
function nightsLike(head: Snapshot, nights: readonly Snapshot[]): (row: SnapshotRow) => number[] {
  const prepared = nights.map((night) => ({ rows: rowsByKey(night), match: matcherOf(night, head) }));
  return (row) =>
    prepared.flatMap(({ rows, match }) => {
      const found = rows.get(row.key);
      if (!found) return [];
      const { mismatches, base } = match(found, row);
      return mismatches.length === 0 && base.length > 0 ? [median(numbers(base))] : [];
    });
}

function remarks(base: Snapshot, head: Snapshot): string[] {
  const said: string[] = [];
  if (base.run.id === head.run.id) said.push("base and head are the same run");
  for (const [side, { run }] of [
    ["base", base],
    ["head", head],
  ] as const)
    if (run.state !== "complete") said.push(`${side} is ${run.state}: not every cell of its plan is there`);
  return said;
}
