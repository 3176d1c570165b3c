/** Rows of a comparison: readings that one side lacks or that do not compare, and the others, judged together. */
import { median } from "../../core/statistics/index.ts";
import { type Judged, judge, type Question } from "./judge.ts";
import { whyGone } from "./losses.ts";
import type { JudgeOptions } from "./options.ts";
import { judgedPart, type RowResult } from "./result.ts";
import type { Snapshot, SnapshotRow } from "./snapshot.ts";
import { numbers } from "./values.ts";

/** A reading that both sides have, before its verdict. */
export interface OpenRow {
  readonly rest: Omit<RowResult, keyof ReturnType<typeof judgedPart>>;
  readonly notes: readonly string[];
  readonly question: Question;
  /** The nights since the last change of level, judged together where `question` finds no change; in a history only. */
  readonly since?: Question;
}

export const rowsByKey = (snapshot: Snapshot): Map<string, SnapshotRow> =>
  new Map(snapshot.rows.map((row) => [row.key, row]));

const centreOf = ({ values }: SnapshotRow) => ({ value: median(numbers(values)), n: values.length });

export const seriesOf = (base: SnapshotRow["values"], head: SnapshotRow["values"]) => ({
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

/** A reading whose values do not compare; `rest` says why. */
export const notComparable = (old: SnapshotRow, now: SnapshotRow, rest: OpenRow["rest"]): RowResult => ({
  ...rest,
  old: centreOf(old),
  now: centreOf(now),
  verdict: "not comparable",
  notes: [],
});

/** A reading that only one side has. */
export function oneSided(
  key: string,
  old: SnapshotRow | undefined,
  now: SnapshotRow | undefined,
  base: Snapshot,
  head: Snapshot,
): RowResult {
  const row = now ?? old!;
  return {
    ...identity(row),
    mismatches: [],
    steps: [],
    series: seriesOf(old?.values ?? [], now?.values ?? []),
    ...(now
      ? { verdict: "new", now: centreOf(now), notes: [] }
      : { verdict: "vanished", old: centreOf(row), notes: [whyGone(key, base, head)] }),
  };
}

/** Gives every open row its verdict. The others stay as they are, in their places. */
export function judgeRows(rows: readonly (RowResult | OpenRow)[], options: JudgeOptions): RowResult[] {
  const open = rows.filter((row) => "question" in row);
  const first = judge(
    open.map(({ question }) => question),
    options,
  );
  const again = open.filter(({ since }, i) => since && !isChange(first[i]!));
  const others = first.filter(({ values }) => !values.identical).length - again.length;
  const second = judge(
    again.map(({ since }) => since!),
    options,
    Math.max(0, others),
  );
  return rows.map((row) => {
    if (!("question" in row)) return row;
    const together = second[again.indexOf(row)];
    const isLater = together !== undefined && isChange(together);
    const part = judgedPart(isLater ? together : first[open.indexOf(row)]!);
    const since = isLater ? [`over the ${row.since!.head.length} nights since the last change of level`] : [];
    return { ...row.rest, ...part, notes: [...part.notes, ...since, ...row.notes] };
  });
}

const isChange = ({ verdict }: Judged): boolean => verdict === "regressed" || verdict === "improved";
