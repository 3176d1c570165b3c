/** Whether a change of the size to detect would have been found, and if not, how many values it takes. */
import {
  attainableLevel,
  fewest,
  normalCdf,
  pairedPower,
  twoSamplePower,
} from "../../core/statistics/index.ts";
import type { JudgeOptions } from "./options.ts";
import type { Sample } from "./sample.ts";
import type { SnapshotRow } from "./snapshot.ts";
import { isPaired } from "./test.ts";
import { LEAST_NIGHTS, type Noise, thresholdOf } from "./threshold.ts";

export interface Need {
  /** Values on each side, or nights of the baseline. */
  readonly n: number;
  readonly of: "seeds" | "processes" | "nights" | "runs";
}

export interface Detection {
  /** Chance that a change of the size to detect is found by this many values. */
  readonly power: number;
  /** What gives the power asked for; absent where nothing does, or where the power suffices. */
  readonly needs?: Need;
}

export interface Situation {
  readonly row: SnapshotRow;
  readonly sample: Sample;
  readonly noise: Noise | undefined;
  readonly headNights: number;
  /** Whether the baseline is a history, which can have more nights. */
  readonly history: boolean;
  /** Metrics tested together. */
  readonly tests: number;
}

export function detectionOf(situation: Situation, options: JudgeOptions): Detection {
  const { row, sample, noise } = situation;
  const level = options.alpha / situation.tests;
  const units = { seed: "seeds", process: "processes", run: "runs" } as const;
  if (needsNights(situation)) return { power: 0, needs: { n: LEAST_NIGHTS, of: "nights" } };
  const paired = isPaired(row, sample, level);
  const deviation = paired ? sample.pairDeviation : sample.deviation;
  if (deviation === undefined) {
    const n = fewest((n) => attainableLevel(n, n, level), Number.MIN_VALUE, 60);
    return { power: 0, needs: n === undefined ? undefined : { n, of: units[row.unitKind] } };
  }
  const [n, m] = [sample.head.length, sample.base.length];
  const power = powerWith(situation, options, deviation, n, m, noise?.nights);
  if (power >= options.power) return { power };
  if (situation.history && row.class === "timing" && noise) {
    const nightly = m / noise.nights;
    const nights = fewest(
      (more) => powerWith(situation, options, deviation, n, Math.round(more * nightly), more),
      options.power,
      1000,
    );
    if (nights !== undefined) return { power, needs: { n: nights, of: "nights" } };
  }
  const more = fewest((n) => powerWith(situation, options, deviation, n, n, noise?.nights), options.power);
  return { power, needs: more === undefined ? undefined : { n: more, of: units[row.unitKind] } };
}

/** A timing against a history of a few nights cannot tell a slow night from a slow program. */
export const needsNights = ({ row, history, noise }: Situation): boolean =>
  history && row.class === "timing" && (noise?.nights ?? 1) < LEAST_NIGHTS;

/** The change must both be significant and lie beyond the threshold. */
function powerWith(
  { row, sample, noise, headNights, history, tests }: Situation,
  options: JudgeOptions,
  deviation: number,
  n: number,
  m: number,
  nights: number | undefined,
): number {
  const alpha = options.alpha / tests;
  const effect = sample.hide(sample.rule.detect);
  const night = noise?.deviation ?? 0;
  const significant = isPaired(row, sample, alpha)
    ? pairedPower(n, { effect, deviation, alpha })
    : twoSamplePower(n, m, { effect, deviation: Math.hypot(deviation, night), alpha });
  const known = noise && nights !== undefined ? { deviation: night, nights } : undefined;
  const compared = { base: history ? (nights ?? 1) : 1, head: headNights };
  const threshold = thresholdOf(sample, known, compared, tests, options).value;
  const error = Math.max(
    deviation * (isPaired(row, sample, alpha) ? Math.sqrt(1 / n) : Math.sqrt(1 / n + 1 / m)),
    known ? night * Math.sqrt(1 / compared.head + 1 / compared.base) : 0,
  );
  const beyond = error === 0 ? Number(effect > threshold) : normalCdf((effect - threshold) / error);
  return Math.min(significant, beyond);
}
