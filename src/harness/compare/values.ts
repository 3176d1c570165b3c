/** The values of one reading on both sides, on the scale on which changes are judged. */
import { median, robustDeviation, variance } from "../../core/statistics/index.ts";
import { ruleOf } from "./metrics.ts";
import type { JudgeOptions } from "./options.ts";
import type { SnapshotRow } from "./snapshot.ts";

/** Values of one run or night, each with its cell and its unit. */
type Night = SnapshotRow["values"];

export interface Sides {
  readonly row: SnapshotRow;
  /** Runs or nights of the baseline, and those that are judged; each with at least one value. */
  readonly base: readonly Night[];
  readonly head: readonly Night[];
}

export const numbers = (night: Night): number[] => night.map(([, , value]) => value);

/** The quality of a seed is equal in every night and counts once; a timing is measured anew in every night. */
export function valuesOf({ row, base, head }: Sides, options: JudgeOptions) {
  const repeats = row.class === "quality";
  const units = repeats ? bySeed : all;
  const [before, after] = [units(base), units(head)];
  const everything = [...all(base).values(), ...all(head).values()];
  const baseCentre = median([...before.values()]);
  const allPositive = everything.every((value) => value > 0);
  const rule = ruleOf(row, options, baseCentre, allPositive);
  const scaled = rule.scale === "ratio" ? Math.log : (value: number) => value;
  const scaledNight = (night: Night) => numbers(night).map(scaled);
  const scaledSides = [before, after].map((side) => [...side.values()].map(scaled));
  const shared = [...after].filter(([unit]) => before.has(unit));
  const pairs = repeats ? shared.map(([unit, value]) => scaled(value) - scaled(before.get(unit)!)) : [];
  return {
    rule,
    /** Medians, in the metric's unit. */
    baseCentre,
    headCentre: median([...after.values()]),
    /** On the scale of the rule: logarithms for ratios. */
    base: scaledSides[0]!,
    head: scaledSides[1]!,
    /** Head less base of each unit that both have, where the seed is the unit. */
    pairs,
    /** True where every unit of the head has exactly the value that it has in the baseline. */
    identical: repeats && [...after].every(([unit, value]) => before.get(unit) === value),
    /** Standard deviation of a unit within its night; undefined where no night has two. */
    deviation: repeats ? within(scaledSides) : robustWithin([...base, ...head].map(scaledNight)),
    /** Standard deviation of the pairs. */
    pairDeviation: within([pairs]),
    /** Medians of the baseline's nights, on the scale. */
    nights: base.map((night) => median(scaledNight(night))),
    /** A change on the scale as a person reads it: a share, or a difference. */
    show: rule.scale === "ratio" ? Math.expm1 : (change: number) => change,
    /** Its inverse. */
    hide: rule.scale === "ratio" ? Math.log1p : (shown: number) => shown,
  };
}

export type Values = ReturnType<typeof valuesOf>;

type Units = ReadonlyMap<string, number>;

/** Every value by itself. */
const all = (nights: readonly Night[]): Units =>
  new Map(nights.flatMap((night, i) => night.map(([, unit, value]) => [`${i} ${unit}`, value])));

/** One value per seed: the median of its nights, which are repetitions of one training. */
function bySeed(nights: readonly Night[]): Units {
  const units = new Map<string, number[]>();
  for (const [, unit, value] of nights.flat()) units.set(unit, [...(units.get(unit) ?? []), value]);
  return new Map([...units].map(([unit, values]) => [unit, median(values)]));
}

/** Pooled standard deviation about the groups' own means. */
const within = (groups: readonly (readonly number[])[]): number | undefined =>
  pooled(groups, (values) => variance(values)!);

/** The same by Qn, so that one disturbed process counts as one of many, as it does in the test. */
const robustWithin = (groups: readonly (readonly number[])[]): number | undefined =>
  pooled(groups, (values) => robustDeviation(values)! ** 2);

function pooled(
  groups: readonly (readonly number[])[],
  variance: (values: readonly number[]) => number,
): number | undefined {
  const several = groups.filter(({ length }) => length > 1);
  const freedom = several.reduce((sum, { length }) => sum + length - 1, 0);
  if (freedom === 0) return undefined;
  return Math.sqrt(
    several.reduce((sum, values) => sum + (values.length - 1) * variance(values), 0) / freedom,
  );
}
