/** Whether a change of the size to detect would have been found, and if not, how many values it takes. */
import {
  attainableLevel,
  fewest,
  normalCdf,
  pairedPower,
  twoSamplePower,
} from "../../core/statistics/index.ts";
import type { JudgeOptions } from "./options.ts";
import type { SnapshotRow } from "./snapshot.ts";
import { isPaired } from "./test.ts";
import { LEAST_NIGHTS, type Noise, thresholdOf } from "./threshold.ts";
import type { Values } from "./values.ts";

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
  readonly values: Values;
  readonly noise: Noise | undefined;
  readonly headNights: number;
  /** Whether the baseline is a history, which can have more nights. */
  readonly history: boolean;
  /** Metrics tested together. */
  readonly tests: number;
}

export function detectionOf(situation: Situation, options: JudgeOptions): Detection {
  const { row, values, noise, history } = situation;
  const level = options.alpha / situation.tests;
  const units = { seed: "seeds", process: "processes", run: "runs" } as const;
  const unit = units[row.unitKind];
  if (needsNights(situation)) return { power: 0, needs: { n: LEAST_NIGHTS, of: "nights" } };
  const deviation = isPaired(row, values, level) ? values.pairDeviation : values.deviation;
  if (deviation === undefined) {
    const n = fewest((n) => attainableLevel(n, n, level), Number.MIN_VALUE, 60);
    return { power: 0, needs: n === undefined ? undefined : { n, of: unit } };
  }
  const powerWith = powerOf(situation, options, deviation);
  const [n, m] = [values.head.length, values.base.length];
  const power = powerWith(n, m, noise?.nights);
  if (power >= options.power) return { power };
  if (history && row.class === "timing" && noise) {
    const perNight = m / noise.nights;
    const nights = fewest((count) => powerWith(n, Math.round(count * perNight), count), options.power, 1000);
    if (nights !== undefined) return { power, needs: { n: nights, of: "nights" } };
  }
  const more = fewest((n) => powerWith(n, n, noise?.nights), options.power);
  return { power, needs: more === undefined ? undefined : { n: more, of: unit } };
}

/** A timing against a history of a few nights cannot tell a slow night from a slow program. */
export const needsNights = ({ row, history, noise }: Situation): boolean =>
  history && row.class === "timing" && (noise?.nights ?? 1) < LEAST_NIGHTS;

/**
 * The chance that a change of the size to detect is both significant and beyond the threshold, for n values of the head, m of
 * the baseline, and the nights that noise is known from. `deviation` is that of one value, or of one pair.
 */
function powerOf(
  { row, values, noise, headNights, history, tests }: Situation,
  options: JudgeOptions,
  deviation: number,
) {
  const alpha = options.alpha / tests;
  const effect = values.hide(values.rule.detect);
  const night = noise?.deviation ?? 0;
  const paired = isPaired(row, values, alpha);
  return (n: number, m: number, nights: number | undefined): number => {
    const significant = paired
      ? pairedPower(n, { effect, deviation, alpha })
      : twoSamplePower(n, m, { effect, deviation: Math.hypot(deviation, night), alpha });
    const known = noise && nights !== undefined ? { deviation: night, nights } : undefined;
    const compared = { base: history ? (nights ?? 1) : 1, head: headNights };
    const threshold = thresholdOf(values, known, compared, tests, options).value;
    const error = Math.max(
      deviation * Math.sqrt(paired ? 1 / n : 1 / n + 1 / m),
      known ? night * Math.sqrt(1 / compared.head + 1 / compared.base) : 0,
    );
    const beyond = error === 0 ? Number(effect > threshold) : normalCdf((effect - threshold) / error);
    return Math.min(significant, beyond);
  };
}
