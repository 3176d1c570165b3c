/**
 * How certain an answer is. The training seed is the unit: the answer is computed once for each seed alone, and by
 * chance alone n seeds give the same of two answers with p = 2^(1 - n) (sign test).
 */
import { formatMs, formatNumber, plural } from "../../../core/format.ts";
import {
  type Choice,
  choose,
  type DecisionData,
  keyOf,
  metricOf,
  passes,
  type Requirements,
} from "./choose.ts";

export interface Certainty {
  /** Supported: p at most 0.05. Indicative: all seeds agree, but there are too few of them for that. */
  readonly level: "inconclusive" | "indicative" | "supported";
  readonly text: string;
}

export function certaintyOf(data: DecisionData, requirements: Requirements, choice: Choice): Certainty {
  if (choice.candidates.length === 0)
    return { level: "inconclusive", text: "There is no setting to choose from." };
  const close = [...closeToFloor(data, requirements, choice), ...closeToBudget(requirements, choice)];
  const say = (level: Certainty["level"], seeds: string): Certainty => ({
    level,
    text: [seeds, ...close, ...withoutBound(requirements, choice)].join(" "),
  });
  const seeds = sharedSeeds(choice, requirements.metric);
  if (seeds.length < 3)
    return say(
      "inconclusive",
      seeds.length === 0
        ? "The settings share no training seed, so the effect of the seed is unknown."
        : `Only ${plural(seeds.length, "training seed")}: with another seed the answer may differ.`,
    );
  const same = seeds.filter(
    (seed) => keyOf(choose(ofSeed(data, seed, requirements.metric), requirements)) === keyOf(choice),
  ).length;
  if (same < seeds.length)
    return say("inconclusive", `${same} of ${seeds.length} seeds, each taken alone, give the same answer.`);
  const p = 2 ** (1 - seeds.length);
  const reach = p <= 0.05 ? "" : ", the least that so few seeds can show";
  return say(
    close.length > 0 ? "inconclusive" : p <= 0.05 ? "supported" : "indicative",
    `Each of ${seeds.length} seeds, taken alone, gives the same answer (sign test p = ${formatNumber(p, 2)}${reach}).`,
  );
}

/** Seeds at which every candidate with a value of the metric was measured. */
function sharedSeeds({ candidates }: Choice, metric: string): number[] {
  const sets = candidates.flatMap(({ option }) => {
    const value = option.quality[metric];
    return value ? [new Set(value.bySeed.map(({ seed }) => seed))] : [];
  });
  return [...(sets[0] ?? [])].filter((seed) => sets.every((set) => set.has(seed)));
}

/** The table as one seed alone would give it; times stay those of the run. */
function ofSeed(data: DecisionData, seed: number, metric: string): DecisionData {
  const options = data.options.map((option) => {
    const reading = option.quality[metric];
    const value = reading?.bySeed.find((one) => one.seed === seed)?.value;
    if (!reading || value === undefined) return option;
    return { ...option, quality: { ...option.quality, [metric]: { ...reading, value } } };
  });
  return { ...data, options };
}

/** Where the floor lies within the interval of the setting that was chosen, or that was refused as not good enough. */
function closeToFloor(data: DecisionData, { metric: name, floor }: Requirements, choice: Choice): string[] {
  const metric = metricOf(data, name);
  const candidate = choice.chosen ?? choice.best;
  const interval = candidate?.option.quality[name]?.interval;
  if (!metric || !candidate || !interval || floor === undefined) return [];
  const { low, high, of } = interval;
  if (passes(metric, low, floor) === passes(metric, high, floor)) return [];
  const [subject, verb] = of === "seeds" ? ["seeds", "lie"] : ["interval", "lies"];
  return [
    `The ${subject} of ${candidate.option.name}, ${metric.word} ${formatNumber(low)} to ${formatNumber(high)}, ${verb} on both sides of the floor.`,
  ];
}

function closeToBudget({ batch, budgetMs, percentile }: Requirements, { chosen }: Choice): string[] {
  const high = chosen?.option.timings[batch]?.highMs[percentile];
  if (budgetMs === undefined || high === undefined || high <= budgetMs) return [];
  return [`The upper bound of its ${percentile}, ${formatMs(high)}, is beyond the budget.`];
}

function withoutBound({ batch, budgetMs, percentile }: Requirements, { chosen }: Choice): string[] {
  const timing = chosen?.option.timings[batch];
  if (!timing || budgetMs === undefined || timing.highMs[percentile] !== undefined) return [];
  return [`${plural(timing.requests, "request")} are too few for an upper bound of its ${percentile}.`];
}
