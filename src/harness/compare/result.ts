/** What a comparison comes to: plain data that every output is made from, and that `--json` prints. */
import type { Detection } from "./detect.ts";
import type { Mismatch } from "./fingerprint.ts";
import type { Judged, Judgement } from "./judge.ts";
import { CONFIDENCE, type JudgeOptions } from "./options.ts";
import type { Snapshot, SnapshotRow } from "./snapshot.ts";
import type { TestName } from "./test.ts";

export const RESULT_VERSION = 1;

/** In the order in which they are told. */
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
export interface RowResult {
  readonly key: string;
  readonly metric: string;
  readonly class: SnapshotRow["class"];
  readonly direction: SnapshotRow["direction"];
  readonly verdict: Verdict;
  /** Medians over units, and how many there are. */
  readonly old?: { readonly value: number; readonly n: number };
  readonly now?: { readonly value: number; readonly n: number };
  readonly unit: string;
  readonly change?: {
    readonly scale: "ratio" | "difference";
    readonly value: number;
    readonly low?: number;
    readonly high?: number;
    readonly confidence?: number;
  };
  readonly p?: number;
  /** Adjusted for all metrics tested together. */
  readonly adjustedP?: number;
  readonly test?: TestName;
  readonly threshold?: {
    readonly value: number;
    readonly floor: number;
    readonly noise?: number;
    readonly nights?: number;
    readonly factor?: number;
  };
  readonly detects?: { readonly change: number } & Detection;
  readonly mismatches: readonly Mismatch[];
  readonly notes: readonly string[];
  /** Values in time order, and where those of the head begin. */
  readonly series: { readonly values: readonly number[]; readonly head: number };
  readonly steps: readonly StepResult[];
}

/** A lasting change of level in a history, and the commits among which its cause lies. */
export interface StepResult {
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

export interface RunLabel {
  /** As the user named it, or the night. */
  readonly label: string;
  readonly id: string;
  readonly suite: string;
  readonly command: string;
  readonly startedAt: string;
  readonly commit?: string;
  readonly machine: Readonly<Record<string, string>>;
}

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
  readonly history?: HistoryFacts;
}

export interface HistoryFacts {
  readonly nights: number;
  readonly baseline: {
    readonly night: number;
    readonly id: string;
    readonly reason?: string;
    readonly accepted?: string;
  };
  /** Every move of the baseline, the oldest first. */
  readonly accepts: readonly { readonly night: number; readonly reason: string; readonly at: string }[];
}

export const labelOf = (label: string, { run, commit, machine }: Snapshot): RunLabel => ({
  label,
  id: run.id,
  suite: run.suite,
  command: run.command,
  startedAt: run.startedAt,
  commit,
  machine,
});

/** The parts of a row that a judgement gives. */
export function judgedPart({ verdict, sample, test, adjustedP, threshold, detection }: Judged) {
  const { show, rule, baseCentre, headCentre, base, head } = sample;
  const { shift, interval } = test.change;
  return {
    verdict,
    old: { value: baseCentre, n: base.length },
    now: { value: headCentre, n: head.length },
    change: {
      scale: rule.scale,
      value: show(shift),
      ...(interval.defined
        ? { low: show(interval.low), high: show(interval.high), confidence: CONFIDENCE }
        : {}),
    },
    p: test.p,
    adjustedP,
    test: test.name,
    threshold: {
      value: show(threshold.value),
      floor: show(threshold.floor),
      ...(threshold.noise
        ? {
            noise: show(threshold.noise.deviation),
            nights: threshold.noise.nights,
            factor: threshold.factor!,
          }
        : {}),
    },
    detects: { change: rule.detect, ...detection },
    notes: sample.identical ? ["every value is the very same number"] : [],
  } satisfies Partial<RowResult>;
}

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
