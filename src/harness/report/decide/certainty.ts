/**
 * How certain an answer is. Two units repeat a run: the training seed for quality, the process for time. The answer is
 * computed once for each seed alone, to the same question, and by chance alone k of n seeds give the same of two answers
 * with the p of the sign test. Where times or costs decide, their intervals over processes must decide it, too.
 */
import { formatMs, formatNumber, plural } from "../../../core/format.ts";
import { binomialProbability, studentInterval } from "../../../core/statistics/index.ts";
import {
  better,
  type Candidate,
  type Choice,
  choose,
  type DecisionData,
  isSuited,
  keyOf,
  metricOf,
  passes,
  preference,
  type Requirements,
  tells,
} from "./choose.ts";
import { amount } from "./words.ts";

export interface Certainty {
  /**
   * Supported: p at most 0.05, and nothing weakens it. Indicative: all seeds agree, but there are too few of them for
   * that, or something else is too little. Inconclusive: another run may well give another answer.
   */
  readonly level: "inconclusive" | "indicative" | "supported";
  readonly text: string;
}

/** Largest p of a supported answer, and what the intervals beside it leave out. */
const ALPHA = 0.05;

/** What weakens an answer: `doubts` make it inconclusive, `limits` indicative at most. */
interface Weaknesses {
  readonly doubts: readonly string[];
  readonly limits: readonly string[];
}

export function certaintyOf(data: DecisionData, requirements: Requirements, choice: Choice): Certainty {
  const none = (text: string): Certainty => ({ level: "inconclusive", text });
  if (choice.candidates.length === 0) return none("There is no setting to choose from.");
  if (!tells(metricOf(data, requirements.metric)))
    return none("A metric by which real images are no better than noise ranks nothing.");
  if (choice.candidates.length === 1) return none("A single setting leaves nothing to compare it with.");
  const found = [overTime, overCost, overJudges, overTrainings].map((weigh) =>
    weigh(data, requirements, choice),
  );
  const doubts = found.flatMap((one) => one.doubts);
  const limits = found.flatMap((one) => one.limits);
  const seeds = overSeeds(data, requirements, choice);
  const text = [seeds.text, ...nearFloor(data, requirements, choice), ...doubts, ...limits].join(" ");
  if (doubts.length > 0 || seeds.level === "inconclusive") return none(text);
  return { level: limits.length > 0 ? "indicative" : seeds.level, text };
}

/** What the seeds, each taken alone, say. */
function overSeeds(data: DecisionData, requirements: Requirements, choice: Choice): Certainty {
  const seeds = sharedSeeds(choice, requirements.metric);
  if (seeds.length < 3)
    return {
      level: "inconclusive",
      text:
        seeds.length === 0
          ? "The settings share no training seed, so the effect of the seed is unknown."
          : `Only ${plural(seeds.length, "training seed")}: with another seed the answer may differ.`,
    };
  const same = seeds.filter(
    (seed) => keyOf(choose(ofSeed(data, seed, requirements.metric), requirements)) === keyOf(choice),
  ).length;
  const all = same === seeds.length;
  const p = signTest(same, seeds.length);
  const of = all
    ? `Each of ${seeds.length} seeds, taken alone, gives`
    : `${same} of ${seeds.length} seeds, each taken alone, give`;
  if (!all && p > ALPHA) return { level: "inconclusive", text: `${of} the same answer.` };
  const reach = p <= ALPHA ? "" : ", the least that so few seeds can show";
  return {
    level: p <= ALPHA ? "supported" : "indicative",
    text: `${of} the same answer (sign test p = ${formatNumber(p, 2)}${reach}).`,
  };
}

/** Two-sided p that at least `same` of n fair coins fall alike. */
function signTest(same: number, n: number): number {
  let tail = 0;
  for (let k = Math.max(same, n - same); k <= n; k++) tail += binomialProbability(k, n, 0.5);
  return Math.min(1, 2 * tail);
}

/** Settings that labels, trainings and time leave in the race; where time leaves none, all that it refuses. */
function contenders({ candidates }: Choice): Candidate[] {
  const suited = candidates.filter(isSuited);
  const timely = suited.filter(({ meetsBudget, unjudged }) => meetsBudget || unjudged !== undefined);
  return timely.length > 0 ? timely : suited;
}

/** Seeds at which every contender with a value of the metric was measured. */
function sharedSeeds(choice: Choice, metric: string): number[] {
  const sets = contenders(choice).flatMap(({ option }) => {
    const value = option.quality[metric];
    return value ? [new Set(value.bySeed.map(({ seed }) => seed))] : [];
  });
  return [...(sets[0] ?? [])].filter((seed) => sets.every((set) => set.has(seed)));
}

/** The table as one seed alone would give it; times of requests stay those of the run. */
function ofSeed(data: DecisionData, seed: number, metric: string): DecisionData {
  const options = data.options.map((option) => {
    const reading = option.quality[metric];
    const value = reading?.bySeed.find((one) => one.seed === seed)?.value;
    if (!reading || value === undefined) return option;
    const trainSeconds = option.trainBySeed?.find((one) => one.seed === seed)?.value ?? option.trainSeconds;
    return { ...option, trainSeconds, quality: { ...option.quality, [metric]: { ...reading, value } } };
  });
  return { ...data, options };
}

/** Where the floor lies within the interval of the setting that was chosen, or that was refused as not good enough. */
function nearFloor(data: DecisionData, { metric: name, floor }: Requirements, choice: Choice): string[] {
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

/** Settings that would be chosen if `lacking` were the only requirement that they miss. */
function rivals(
  data: DecisionData,
  requirements: Requirements,
  { chosen, candidates }: Choice,
  lacking: "budget" | "floor",
): Candidate[] {
  const prefers = preference(requirements, metricOf(data, requirements.metric));
  return candidates.filter(
    (one) =>
      isSuited(one) &&
      one.beatsNoise &&
      one.meetsBudget === (lacking !== "budget") &&
      one.meetsFloor === (lacking !== "floor") &&
      (!chosen || prefers(one, chosen) < 0),
  );
}

/** Whether the budget separates what it refuses from what it lets pass, by the intervals of the percentile. */
function overTime(data: DecisionData, requirements: Requirements, choice: Choice): Weaknesses {
  const { batch, budgetMs, percentile } = requirements;
  if (budgetMs === undefined) return { doubts: [], limits: [] };
  const doubts: string[] = [];
  const limits: string[] = [];
  const timing = choice.chosen?.option.timings[batch];
  const high = timing?.highMs[percentile];
  if (high !== undefined && high > budgetMs)
    doubts.push(`The upper bound of its ${percentile}, ${formatMs(high)}, is beyond the budget.`);
  if (timing && high === undefined)
    limits.push(
      `Its ${percentile} has no interval, because one process does not say how far processes differ.`,
    );
  for (const { option, unjudged } of rivals(data, requirements, choice, "budget")) {
    const low = option.timings[batch]?.lowMs[percentile];
    if (unjudged !== undefined)
      doubts.push(`${option.name} would be chosen if it were within the budget, but ${unjudged}.`);
    else if (low !== undefined && low <= budgetMs)
      doubts.push(
        `${option.name} would be chosen if it were within the budget, and the lower bound of its ${percentile}, ${formatMs(low)}, is.`,
      );
  }
  return { doubts: doubts.slice(0, 2), limits };
}

/** Whether the cheapest is cheaper than each other setting that qualifies, by the interval over processes. */
function overCost(data: DecisionData, requirements: Requirements, { chosen, meeting }: Choice): Weaknesses {
  const others = meeting.filter((one) => one !== chosen);
  if (!chosen || requirements.prefer !== "cheapest" || others.length === 0) return { doubts: [], limits: [] };
  const known = others.map((other) => ({ other, interval: moreSeconds(other, chosen, requirements) }));
  const close = known.find(({ interval }) => interval && interval.low <= 0);
  if (close) {
    const [own, its] = [chosen, close.other].map(({ totalSeconds }) =>
      amount(totalSeconds, requirements, data),
    );
    return {
      doubts: [
        `Its cost cannot be told from that of ${close.other.option.name}, ${own} against ${its}: the processes differ by more.`,
      ],
      limits: [],
    };
  }
  return {
    doubts: [],
    limits: known.some(({ interval }) => !interval)
      ? ["Costs have no interval, because they come from fewer than two processes."]
      : [],
  };
}

/** By how many seconds `other` costs more than `chosen`: Student's interval over the processes that timed both. */
function moreSeconds(other: Candidate, chosen: Candidate, { batch, volume }: Requirements) {
  const own = new Map(
    chosen.option.timings[batch]?.byProcess.map(({ process, secondsPerImage }) => [process, secondsPerImage]),
  );
  const differences = (other.option.timings[batch]?.byProcess ?? []).flatMap(
    ({ process, secondsPerImage }) => {
      const before = own.get(process);
      return before === undefined ? [] : [secondsPerImage - before];
    },
  );
  if (differences.length < 2) return undefined;
  const interval = studentInterval(differences, 1 - ALPHA);
  if (!interval.defined) return undefined;
  const training = (other.trainSeconds ?? 0) - (chosen.trainSeconds ?? 0);
  return { low: training + volume * interval.low, high: training + volume * interval.high };
}

/**
 * Whether the other judges rank what quality alone decided as the first does: the chosen setting before those that are
 * preferred but not good enough or, where the best is preferred, before all others that qualify.
 */
function overJudges(data: DecisionData, requirements: Requirements, choice: Choice): Weaknesses {
  const { chosen, meeting } = choice;
  const metric = metricOf(data, requirements.metric);
  if (!chosen || !metric) return { doubts: [], limits: [] };
  const beaten =
    requirements.prefer === "best"
      ? meeting.filter((one) => one !== chosen)
      : rivals(data, requirements, choice, "floor");
  const doubts: string[] = [];
  const limits: string[] = [];
  for (const own of chosen.option.quality[metric.name]?.confirmed ?? []) {
    const turned = beaten.flatMap(({ option }) => {
      const its = option.quality[metric.name]?.confirmed?.find(({ judge }) => judge === own.judge);
      return its && better(metric, its.value, own.value) < 0 ? [{ option, its }] : [];
    });
    const apart = turned.find(({ its }) => areApart(own.bySeed, its.bySeed));
    const [found] = apart ? [apart] : turned;
    if (!found) continue;
    const { option, its } = found;
    const says = `${own.judge} ranks ${option.name} before it, ${metric.word} ${formatNumber(its.value)} against ${formatNumber(own.value)}`;
    if (apart) doubts.push(`The judges disagree: ${says}, and their seeds lie apart.`);
    else limits.push(`Another judge does not confirm it: ${says}, within the range of the seeds.`);
  }
  return { doubts, limits };
}

/** Whether the ranges of two settings over their seeds share no value. */
function areApart(
  a: readonly { readonly value: number }[],
  b: readonly { readonly value: number }[],
): boolean {
  const [own, other] = [a, b].map((all) => all.map(({ value }) => value)) as [number[], number[]];
  return Math.min(...own) > Math.max(...other) || Math.max(...own) < Math.min(...other);
}

/** Whether every seed that was asked for stands behind the chosen setting. */
function overTrainings(_data: DecisionData, { metric }: Requirements, { chosen }: Choice): Weaknesses {
  const value = chosen?.option.quality[metric];
  if (!value || value.bySeed.length >= value.of) return { doubts: [], limits: [] };
  const trainings = chosen?.option.trainings;
  const failed = trainings ? trainings.of - trainings.usable : 0;
  const why =
    failed > 0 ? `${failed} of ${plural(trainings?.of ?? 0, "training")} failed` : "the others have no value";
  return {
    doubts: [],
    limits: [`It stands on ${value.bySeed.length} of ${plural(value.of, "seed")}: ${why}.`],
  };
}
