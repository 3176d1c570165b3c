/** A comparison in words that every output shares. */
import { formatNumber, plural } from "../../../core/format.ts";
import type { Mismatch } from "../fingerprint.ts";
import {
  type Comparison,
  countOf,
  type LevelChange,
  type Loss,
  type RowResult,
  type RunLabel,
  verdicts,
} from "../result.ts";

const signed = (value: number, text: string): string => (value > 0 ? `+${text}` : text).replace("-", "−");

const inScale = (value: number, scale: "ratio" | "difference"): string =>
  scale === "ratio" ? signed(value, `${(value * 100).toFixed(1)}%`) : signed(value, formatNumber(value));

/** `+11.2% (+9.8% … +12.6%)`. */
export function changeText({ change }: RowResult): string {
  if (!change) return "";
  const { value, low, high, scale } = change;
  const interval =
    low === undefined || high === undefined ? "" : ` (${inScale(low, scale)} … ${inScale(high, scale)})`;
  return inScale(value, scale) + interval;
}

export const valueText = (side: RowResult["old"]): string => (side ? formatNumber(side.value) : "");

export const pText = ({ adjustedP }: RowResult): string =>
  adjustedP === undefined ? "" : adjustedP < 0.001 ? adjustedP.toExponential(0) : adjustedP.toFixed(3);

/** `5.0%, the floor`, or `6.2% = 3.4 x noise 1.8% (20 nights)`. */
export function thresholdText({ threshold, change }: RowResult): string {
  if (!threshold || !change) return "";
  const size = (value: number) => inScale(value, change.scale).replace("+", "");
  const { value, floor, noise, nights, factor } = threshold;
  if (noise === undefined) return `${size(value)}, the floor`;
  const source = `${formatNumber(factor!)} x noise ${size(noise)} (${plural(nights!, "night")})`;
  return value > floor ? `${size(value)} = ${source}` : `${size(value)}, the floor, above ${source}`;
}

/** `needs n >= 8 processes to find 10% in 95% of cases`. */
export function needsText({ detects, change }: RowResult, { options }: Pick<Comparison, "options">): string {
  if (!detects || !change) return "";
  const size = inScale(detects.change, change.scale).replace("+", "");
  const { needs } = detects;
  if (needs) return `needs n >= ${needs.n} ${needs.of} to find ${size} in ${options.power * 100}% of cases`;
  return detects.power >= options.power
    ? "beyond the threshold, but not significant"
    : `no n finds ${size} under so much noise`;
}

/** The verdict with what it lacks: `inconclusive (needs n >= 8 processes)`. */
export function verdictText({ verdict, detects }: RowResult): string {
  if (verdict !== "inconclusive" || !detects) return verdict;
  const { needs } = detects;
  return needs ? `inconclusive (needs n >= ${needs.n} ${needs.of})` : verdict;
}

export const mismatchText = (mismatches: readonly Mismatch[]): string =>
  mismatches.map(({ field, base, head }) => `${field} was ${base} and is ${head}`).join("; ");

/** Why the verdict is what it is, in one line. */
export function reasonText(row: RowResult, comparison: Pick<Comparison, "options">): string {
  const notes = row.notes.join("; ");
  const joined = (...parts: string[]) => parts.filter((part) => part !== "").join("; ");
  const forced = row.mismatches.length > 0 ? `compared all the same: ${mismatchText(row.mismatches)}` : "";
  switch (row.verdict) {
    case "not comparable":
      return joined(mismatchText(row.mismatches), notes);
    case "vanished":
    case "new":
      return notes;
    case "inconclusive":
      return joined(needsText(row, comparison), notes, forced);
    default:
      return joined(notes, forced);
  }
}

export function summaryText(comparison: Comparison): string {
  const counts = verdicts.flatMap((verdict) => {
    const count = countOf(comparison, verdict);
    return count === 0 ? [] : [`${count} ${verdict}`];
  });
  return `${plural(comparison.rows.length, "reading")}: ${counts.join(", ") || "none"}`;
}

/** `cell x failed: why`. */
export const lossText = ({ what, state, why }: Loss): string =>
  `${what} ${state === "failed" ? state : `is ${state}`}: ${why}`;

export const shortCommit = (commit: string | undefined): string => commit?.slice(0, 12) ?? "";

export const runText = ({ label, id, commit, suite }: RunLabel): string =>
  `${label} (run ${id}, suite ${suite}${commit ? `, commit ${shortCommit(commit)}` : ""})`;

/** `night 41: 0.52 to 0.61; suspects a1b2c3..d4e5f6`. */
export function levelChangeText({ night, before, after, suspects }: LevelChange): string {
  const range =
    suspects.after && suspects.upTo
      ? `; suspects ${shortCommit(suspects.after)}..${shortCommit(suspects.upTo)}`
      : suspects.upTo
        ? `; suspect: ${shortCommit(suspects.upTo)} or what is before it`
        : "; commits unknown";
  return `night ${night}: ${formatNumber(before)} to ${formatNumber(after)}${range}`;
}

/** The mark that `--allow-mismatch` leaves on every output; undefined where it changed nothing. */
export function mismatchMark({ mismatchAllowed, rows }: Comparison): string | undefined {
  const forced = rows.filter(({ mismatches }) => mismatches.length > 0);
  if (!mismatchAllowed || forced.length === 0) return undefined;
  const fields = [...new Set(forced.flatMap(({ mismatches }) => mismatches.map(({ field }) => field)))];
  return `Mismatch allowed: ${plural(forced.length, "reading")} compared although ${fields.join(", ")} differ. These verdicts say nothing about the code.`;
}
