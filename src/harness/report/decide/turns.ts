/** What would change the answer: the values of each requirement at which another setting is chosen, the others fixed. */
import {
  type Candidate,
  type Choice,
  choose,
  type DecisionData,
  isSuited,
  keyOf,
  metricOf,
  passes,
  type Requirements,
} from "./choose.ts";

/** Values of one requirement under which the choice is the same: from `from` on, up to the next range. */
export interface Range {
  readonly from: number;
  readonly choice: Choice;
}

/** The neighbours of the range that holds the present requirement. */
export interface Turns {
  /** Stricter than `from`, the choice is the one given. */
  readonly tighter?: Range;
  /** From `from` on, the choice is the one given. */
  readonly looser?: Range;
}

/** The choice under every time budget, the other requirements fixed; from a budget of 0 on. */
export const choicesByBudget = (data: DecisionData, requirements: Requirements): Range[] =>
  rangesOf([0, ...timesOf(data, requirements)], (budgetMs) => choose(data, { ...requirements, budgetMs }));

/** A turn at infinity is that from any budget to none, which a setting without the percentile meets, too. */
export function budgetTurns(data: DecisionData, requirements: Requirements): Turns {
  const { budgetMs = Number.POSITIVE_INFINITY } = requirements;
  const levels = [0, ...timesOf(data, requirements), Number.POSITIVE_INFINITY];
  const ranges = rangesOf(levels, (level) =>
    choose(data, { ...requirements, budgetMs: Number.isFinite(level) ? level : undefined }),
  );
  return turnsOf(ranges, (ms) => ms <= budgetMs);
}

const timesOf = (data: DecisionData, requirements: Requirements): number[] =>
  distinct(choose(data, requirements).candidates.flatMap(({ ms }) => ms ?? []));

export function floorTurns(data: DecisionData, requirements: Requirements): Turns {
  const metric = metricOf(data, requirements.metric);
  if (!metric) return {};
  const { candidates } = choose(data, requirements);
  const values = distinct(candidates.flatMap(({ value }) => value ?? []));
  const strictestFirst =
    metric.direction === "higher"
      ? [Number.POSITIVE_INFINITY, ...values.reverse()]
      : [Number.NEGATIVE_INFINITY, ...values];
  const ranges = rangesOf(strictestFirst, (floor) => choose(data, { ...requirements, floor }));
  const { floor } = requirements;
  return turnsOf(ranges, (value) => floor === undefined || passes(metric, value, floor));
}

/** `levels` go from the strictest to the loosest; between two of them the choice does not change. */
const rangesOf = (levels: readonly number[], at: (level: number) => Choice): Range[] =>
  levels
    .map((from) => ({ from, choice: at(from) }))
    .filter(({ choice }, i, all) => i === 0 || keyOf(choice) !== keyOf(all[i - 1]!.choice));

/** `reached` tells whether the present requirement is at a level or looser; at the first it always is. */
function turnsOf(ranges: readonly Range[], reached: (level: number) => boolean): Turns {
  const now = ranges.findLastIndex(({ from }) => reached(from));
  const before = ranges[now - 1];
  return {
    tighter: before && { from: ranges[now]!.from, choice: before.choice },
    looser: ranges[now + 1],
  };
}

const distinct = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b);

interface VolumeTurn {
  readonly volume: number;
  readonly to: Candidate;
}

/**
 * Volumes at which another setting that qualifies becomes the cheapest: what costs more to train may cost less to serve.
 * None where the best is preferred, since volume plays no part then.
 */
export function volumeTurns(
  { chosen, meeting }: Choice,
  { prefer, volume }: Requirements,
): { readonly above?: VolumeTurn; readonly below?: VolumeTurn } {
  if (!chosen || prefer === "best") return {};
  const crossings = meeting
    .flatMap((to) => {
      const serving = (chosen.servingSeconds - to.servingSeconds) / 1000;
      const training = (to.trainSeconds ?? 0) - (chosen.trainSeconds ?? 0);
      const at = training / serving;
      return serving !== 0 && at > 0 && Number.isFinite(at) ? [{ volume: at, to }] : [];
    })
    .sort((a, b) => a.volume - b.volume);
  return {
    above: crossings.find((one) => one.volume >= volume),
    below: crossings.findLast((one) => one.volume < volume),
  };
}

export interface SamplerSteps {
  /** As `DDPM U-Net with ddim`. */
  readonly name: string;
  /** Step counts, ascending. */
  readonly measured: readonly number[];
  /** The fewest steps from which on the floor is met. */
  readonly enough?: number;
  /** The most steps that the budget allows. */
  readonly allowed?: number;
}

/** Step counts of each diffusion sampler against floor and budget. */
export function breakEvenSteps({ candidates }: Choice): SamplerSteps[] {
  const series = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const { onePass, title, sampler } = candidate.option;
    if (onePass || !isSuited(candidate)) continue;
    const name = `${title} with ${sampler}`;
    series.set(name, [...(series.get(name) ?? []), candidate]);
  }
  return [...series].map(([name, members]) => {
    const rising = members.toSorted((a, b) => a.option.steps - b.option.steps);
    const failing = rising.findLastIndex(({ meetsFloor }) => !meetsFloor);
    return {
      name,
      measured: rising.map(({ option }) => option.steps),
      enough: rising[failing + 1]?.option.steps,
      allowed: rising.findLast(({ meetsBudget }) => meetsBudget)?.option.steps,
    };
  });
}
