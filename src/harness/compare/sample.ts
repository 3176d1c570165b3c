/** The values of one reading on both sides, on the scale on which changes are judged. */
import { mean, median, robustDeviation } from "../../core/statistics/index.ts";
import { type MetricRule, ruleOf } from "./metrics.ts";
import type { JudgeOptions } from "./options.ts";
import type { SnapshotRow } from "./snapshot.ts";

/** Values of one run or night, by unit. */
export interface Group {
  readonly values: readonly { readonly unit: string; readonly value: number }[];
}

export interface Sides {
  readonly row: SnapshotRow;
  /** Runs or nights of the baseline, and of what is judged; each with at least one value. */
  readonly base: readonly Group[];
  readonly head: readonly Group[];
}

export interface Sample {
  readonly rule: MetricRule;
  /** Medians, in the metric's unit. */
  readonly baseCentre: number;
  readonly headCentre: number;
  /** On the scale of the rule: logarithms for ratios. */
  readonly base: readonly number[];
  readonly head: readonly number[];
  /** Head less base of each unit that both have, where the seed is the unit. */
  readonly pairs: readonly number[];
  /** Whether every unit of the head has the very value that it has in the baseline. */
  readonly identical: boolean;
  /** Standard deviation of a unit within its night; undefined where no night has two. */
  readonly deviation: number | undefined;
  /** Same of the pairs. */
  readonly pairDeviation: number | undefined;
  /** Medians of the baseline's nights, on the scale. */
  readonly nights: readonly number[];
  /** A change on the scale as a person reads it: a share, or a difference. */
  readonly show: (change: number) => number;
  /** And back. */
  readonly hide: (shown: number) => number;
}

/** A seed's quality repeats from night to night and counts once; a timing is new in every night. */
export function sampleOf({ row, base, head }: Sides, options: JudgeOptions): Sample {
  const repeats = row.class === "quality";
  const units = repeats ? bySeed : all;
  const [before, after] = [units(base), units(head)];
  const everything = [...all(base).values(), ...all(head).values()];
  const baseCentre = median([...before.values()]);
  const rule = ruleOf(
    row.metric,
    options,
    baseCentre,
    everything.every((value) => value > 0),
  );
  const scaled = rule.scale === "ratio" ? Math.log : (value: number) => value;
  const shared = [...after].filter(([unit]) => before.has(unit));
  const pairs = repeats ? shared.map(([unit, value]) => scaled(value) - scaled(before.get(unit)!)) : [];
  const groups = [...base, ...head].map(({ values }) => values.map(({ value }) => scaled(value)));
  return {
    rule,
    baseCentre,
    headCentre: median([...after.values()]),
    base: [...before.values()].map(scaled),
    head: [...after.values()].map(scaled),
    pairs,
    identical: repeats && [...after].every(([unit, value]) => before.get(unit) === value),
    deviation: repeats
      ? within([[...before.values()].map(scaled), [...after.values()].map(scaled)])
      : robustWithin(groups),
    pairDeviation: within([pairs]),
    nights: base.map(({ values }) => median(values.map(({ value }) => scaled(value)))),
    show: rule.scale === "ratio" ? Math.expm1 : (change) => change,
    hide: rule.scale === "ratio" ? Math.log1p : (shown) => shown,
  };
}

type Units = ReadonlyMap<string, number>;

/** Every value apart. */
const all = (groups: readonly Group[]): Units =>
  new Map(
    groups.flatMap(({ values }, night) => values.map(({ unit, value }) => [`${night} ${unit}`, value])),
  );

/** One value a seed: the median of its nights, which are repetitions of one training. */
function bySeed(groups: readonly Group[]): Units {
  const units = new Map<string, number[]>();
  for (const { unit, value } of groups.flatMap(({ values }) => values))
    units.set(unit, [...(units.get(unit) ?? []), value]);
  return new Map([...units].map(([unit, values]) => [unit, median(values)]));
}

/** Pooled standard deviation about the groups' own means. */
function within(groups: readonly (readonly number[])[]): number | undefined {
  return pooled(groups, (values) => {
    const centre = mean(values);
    return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
  });
}

/** The same by Qn: a process that was disturbed is one of many, as it is to the test. */
function robustWithin(groups: readonly (readonly number[])[]): number | undefined {
  return pooled(groups, (values) => robustDeviation(values)! ** 2);
}

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
