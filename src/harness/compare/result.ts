/** The result of a comparison: plain data that every output is made from, and that `--json` prints. */
import type { Mismatch } from "./fingerprint.ts";
import type { Judged, Judgement } from "./judge.ts";
import { CONFIDENCE, type JudgeOptions } from "./options.ts";
import type { Snapshot, SnapshotRow } from "./snapshot.ts";

export const RESULT_VERSION = 1;

/** In the order in which outputs list them. */
export const verdicts = [
  "regressed",
  "vanished",
  "not comparable",
  "improved",
  "inconclusive",
  "new",
  "unchanged",
] as const satisfies readonly (Judgement | "vanished" | "not comparable" | "new")[];

export type Verdict = (typeof verdicts)[number];

/** One reading of both sides. Changes are shares of the baseline where `scale` is ratio, else in the metric's unit. */
export interface RowResult extends Partial<Omit<ReturnType<typeof judgedPart>, "verdict" | "notes">> {
  readonly key: string;
  readonly metric: string;
  readonly class: SnapshotRow["class"];
  readonly direction: SnapshotRow["direction"];
  readonly verdict: Verdict;
  readonly unit: string;
  readonly mismatches: readonly Mismatch[];
  readonly notes: readonly string[];
  /** Values in time order, and where those of the head begin. */
  readonly series: { readonly values: readonly number[]; readonly head: number };
  readonly steps: readonly LevelChange[];
}

/** A lasting change of level in a history, and the commits among which its cause lies. */
export interface LevelChange {
  /** First night of the new level, counted from 1 in the history. */
  readonly night: number;
  /** Its place in the row's series. */
  readonly at: number;
  readonly before: number;
  readonly after: number;
  readonly p?: number;
  readonly suspects: { readonly after?: string; readonly upTo?: string };
}

/** Something the head should have and has not. */
export interface Loss {
  readonly what: string;
  readonly state: "failed" | "skipped" | "unfinished" | "undefined" | "absent";
  readonly why: string;
}

/** A side of a comparison; `label` is as the user named it, or the night. */
export const labelOf = (
  label: string,
  { run: { id, suite, command, startedAt }, commit, machine }: Snapshot,
) => ({ label, id, suite, command, startedAt, commit, machine });

export type RunLabel = ReturnType<typeof labelOf>;

export interface Comparison {
  readonly schemaVersion: typeof RESULT_VERSION;
  readonly kind: "compare" | "history";
  readonly base: RunLabel;
  readonly head: RunLabel;
  readonly options: JudgeOptions;
  /** True where values were compared although their fingerprints differ. */
  readonly mismatchAllowed: boolean;
  readonly strict: boolean;
  readonly rows: readonly RowResult[];
  readonly losses: readonly Loss[];
  readonly notices: readonly string[];
  readonly history?: {
    readonly nights: number;
    readonly baseline: {
      readonly night: number;
      readonly id: string;
      readonly reason?: string;
      readonly accepted?: string;
    };
    /** Every move of the baseline, the oldest first. */
    readonly accepts: readonly { readonly night: number; readonly reason: string; readonly at: string }[];
  };
}

/** The parts of a row that a judgement gives. */
export function judgedPart({ verdict, values, test, adjustedP, threshold, detection }: Judged) {
  const { show, rule, baseCentre, headCentre, base, head } = values;
  const { shift, interval } = test.change;
  return {
    verdict,
    /** Medians over units, and how many there are. */
    old: { value: baseCentre, n: base.length },
    now: { value: headCentre, n: head.length },
    change: {
      scale: rule.scale,
      value: show(shift),
      ...(interval.defined && { low: show(interval.low), high: show(interval.high), confidence: CONFIDENCE }),
    },
    p: test.p,
    /** Adjusted for all metrics tested together. */
    adjustedP,
    test: test.name,
    threshold: {
      value: show(threshold.value),
      floor: show(threshold.floor),
      noise: threshold.noise && show(threshold.noise.deviation),
      nights: threshold.noise?.nights,
      factor: threshold.factor,
    },
    detects: { change: rule.detect, ...detection },
    notes: [
      ...(values.identical ? ["every value is the very same number"] : []),
      ...(isContrary(headCentre - baseCentre, shift)
        ? [
            `old and new are medians, the change is the ${test.name === "paired permutation" ? "median of their averages, seed by seed," : "median of all differences between the sides"}; they part where it is small against the spread`,
          ]
        : []),
    ],
  };
}

/** Whether the medians moved one way, or not at all, and the estimate of the change another. */
const isContrary = (moved: number, shift: number): boolean =>
  shift !== 0 && Math.sign(moved) !== Math.sign(shift);

/** Regressions first, the largest before the smaller; the rest by verdict and key. */
export function inOrderOfNews(rows: readonly RowResult[]): RowResult[] {
  const size = ({ change, threshold }: RowResult) =>
    change && threshold && threshold.value > 0 ? Math.abs(change.value) / threshold.value : 0;
  return rows.toSorted(
    (a, b) =>
      verdicts.indexOf(a.verdict) - verdicts.indexOf(b.verdict) ||
      (a.verdict === "regressed" || a.verdict === "improved" ? size(b) - size(a) : 0) ||
      (a.key < b.key ? -1 : 1),
  );
}

export const countOf = ({ rows }: Pick<Comparison, "rows">, verdict: Verdict): number =>
  rows.filter((row) => row.verdict === verdict).length;

/**
 * The exit codes that a comparison earns; the command decides which of them wins. 3: a regression. 4: something does not
 * compare or, where strict, is inconclusive. 5: something is lost.
 */
export function exitCodesOf(comparison: Comparison): (3 | 4 | 5)[] {
  const { losses, mismatchAllowed, strict } = comparison;
  const codes: (3 | 4 | 5)[] = [];
  if (losses.length > 0 || countOf(comparison, "vanished") > 0) codes.push(5);
  if (countOf(comparison, "regressed") > 0) codes.push(3);
  if (!mismatchAllowed && countOf(comparison, "not comparable") > 0) codes.push(4);
  if (strict && countOf(comparison, "inconclusive") > 0) codes.push(4);
  return codes;
}
