/** The decision in words: the question, the answer in two sentences, and what would change it. */
import { formatApart, formatMs, formatNumber, formatSeconds, plural } from "../../../core/format.ts";
import {
  type Candidate,
  type Choice,
  type DecisionData,
  isSuited,
  type Metric,
  metricOf,
  type Requirements,
  tells,
  type Value,
} from "./choose.ts";

/** Shares of requests that a budget can be required of. */
export const shares = { p50: "half", p95: "95%", p99: "99%" } as const;

/** The requirements as a reader would state them. */
export function questionOf(data: DecisionData, requirements: Requirements): string {
  const { batch, budgetMs, percentile, floor, volume, labels, prefer, perHour } = requirements;
  const metric = metricOf(data, requirements.metric);
  const images = plural(batch, "image");
  const price = perHour === undefined ? "" : ` at ${formatNumber(perHour)} ${currencyOf(data)} per hour`;
  const rule = metric?.floorRule !== undefined && floor === metric.floor ? ` (${metric.floorRule})` : "";
  return [
    budgetMs === undefined
      ? `requests of ${images} in any time`
      : `${shares[percentile]} of requests (${images} each) within ${formatMs(budgetMs)}`,
    ...(metric && floor !== undefined
      ? [`${metric.word} ${boundOf(metric)} ${formatNumber(floor)}${rule}`]
      : []),
    labelWords[labels],
    `${plural(volume, "image")} over the model's lifetime${price}`,
    `the ${prefer} setting that qualifies`,
  ]
    .join(", ")
    .replace(/^./, (first) => first.toUpperCase());
}

/** What is asked of labels, within the question. */
export const labelWords = {
  none: "no label asked for, models without labels",
  any: "no label asked for, models told labels too",
  given: "images for a given label",
} as const;

export const boundOf = ({ direction }: Metric): string => (direction === "higher" ? "at least" : "at most");

const currencyOf = ({ price }: DecisionData): string => price?.currency ?? "USD";

/** Money where an hour has a price, else machine time. */
export const amount = (seconds: number, { perHour }: Requirements, data: DecisionData): string =>
  perHour === undefined
    ? formatSeconds(seconds)
    : `${formatNumber((seconds / 3600) * perHour)} ${currencyOf(data)}`;

export interface AnswerWords {
  /** What to deploy, and that it qualifies; or that nothing does, or that nothing can be said. */
  readonly verdict: string;
  /** Why this setting and not another; where none qualifies, by how much each requirement is missed. */
  readonly reason: string;
}

export function answerOf(data: DecisionData, requirements: Requirements, choice: Choice): AnswerWords {
  const { chosen, meeting, candidates } = choice;
  if (!tells(metricOf(data, requirements.metric))) return senseless(data, requirements);
  if (candidates.length === 1) return alone(data, requirements, candidates[0]!);
  if (!chosen) return refusal(data, requirements, choice);
  const { prefer } = requirements;
  const metric = metricOf(data, requirements.metric);
  const superlative = prefer === "best" ? `the best in ${metric?.word}` : "the cheapest";
  const settings = plural(candidates.length, "setting");
  const rank =
    meeting.length === 1
      ? `the only one of ${settings} that qualifies`
      : meeting.length === candidates.length
        ? `${superlative} of all ${settings}, each of which qualifies`
        : `${superlative} of the ${meeting.length} of ${settings} that qualify`;
  const next = meeting[1]
    ? `; next is ${meeting[1].option.name} with ${amount(meeting[1].totalSeconds, requirements, data)}`
    : "";
  return {
    verdict: `Deploy ${chosen.option.name}: ${measuredText(data, requirements, chosen)}.`,
    reason: `It is ${rank}, and costs ${costOf(chosen, requirements, data)}${next}.`,
  };
}

/** Time and quality of a setting beside what is required of them. */
function measuredText(
  data: DecisionData,
  requirements: Requirements,
  { option, ms, medianMs, value }: Candidate,
) {
  const { batch, budgetMs, percentile, floor } = requirements;
  const metric = metricOf(data, requirements.metric);
  const budget = budgetMs === undefined ? "" : `, ${formatMs(budgetMs)} allowed`;
  const time = ms === undefined ? `${formatMs(medianMs)} (p50` : `${formatMs(ms)} (${percentile}`;
  const images = plural(batch, "image");
  if (!metric || value === undefined) return `a request of ${images} takes ${time}${budget})`;
  const required = floor === undefined ? "" : `${boundOf(metric)} ${formatNumber(floor)} required, `;
  return `a request of ${images} takes ${time}${budget}) and its ${metric.word} is ${formatNumber(value)} (${required}mean of ${seedsText(option.quality[metric.name])})`;
}

/** `3 of 4 seeds`. */
export const seedsText = (value: Value | undefined): string =>
  value ? `${value.bySeed.length} of ${plural(value.of, "seed")}` : "no seed";

/** A metric by which real images are no better than noise. */
function senseless(data: DecisionData, { metric: name }: Requirements): AnswerWords {
  const metric = metricOf(data, name);
  return {
    verdict: `No answer: by ${metric?.word} real images score ${formatNumber(metric?.real ?? 0)}, no better than noise with ${formatNumber(metric?.noise ?? 0)}.`,
    reason:
      "A metric that cannot tell real images from noise ranks no model. Take another metric, more images, or another judge.",
  };
}

/** One setting is no choice. */
function alone(data: DecisionData, requirements: Requirements, only: Candidate): AnswerWords {
  const missed = missedBy(only);
  return {
    verdict: `Nothing to choose from: ${only.option.name} is the only setting that was measured.`,
    reason: `${missed.length === 0 ? "It meets the requirements" : `It does not qualify (${missed.join(", ")})`}: ${measuredText(data, requirements, only)}. Costs: ${costOf(only, requirements, data)}.`,
  };
}

/** The requirements that a setting misses, in a word or two each. */
export function missedBy(candidate: Candidate): string[] {
  const { meetsBudget, meetsFloor, meetsLabels, beatsNoise, trains, value, unjudged, option } = candidate;
  return [
    ...(meetsBudget ? [] : [unjudged === undefined ? "too slow" : "too few requests"]),
    ...(beatsNoise ? [] : ["no better than noise"]),
    ...(meetsFloor || !beatsNoise ? [] : [value === undefined ? "quality not measured" : "not good enough"]),
    ...(meetsLabels ? [] : [option.conditional ? "told labels" : "takes no label"]),
    ...(trains ? [] : ["most trainings fail"]),
  ];
}

function costOf(
  { option, servingSeconds, trainSeconds, totalSeconds }: Candidate,
  requirements: Requirements,
  data: DecisionData,
): string {
  const cost = (seconds: number) => amount(seconds, requirements, data);
  const unit = requirements.perHour === undefined ? " of machine time" : "";
  const failed = option.trainings ? option.trainings.of - option.trainings.usable : 0;
  const paid = failed > 0 ? ` (${failed} of ${option.trainings?.of} trainings failed and are paid for)` : "";
  const training =
    trainSeconds === undefined
      ? " (its training was not recorded)"
      : ` and ${cost(trainSeconds)} to train${paid}`;
  return `${cost(servingSeconds)}${unit} per 1,000 images${training}: ${cost(totalSeconds)} for ${plural(requirements.volume, "image")}`;
}

function refusal(
  data: DecisionData,
  requirements: Requirements,
  { candidates, fastest, best }: Choice,
): AnswerWords {
  const settings = plural(candidates.length, "setting");
  if (candidates.length === 0)
    return {
      verdict: `No answer: no setting was timed at batch size ${requirements.batch}.`,
      reason: "A run with the stages latency and diversity gives one.",
    };
  if (!candidates.some(({ meetsLabels }) => meetsLabels))
    return requirements.labels === "given"
      ? {
          verdict: `None of the ${settings} generates images for a given label.`,
          reason: "Every model of this run is unconditional.",
        }
      : {
          verdict: `None of the ${settings} is of a model without labels.`,
          reason: "Every model of this run is told labels; they compete where those are let in.",
        };
  const missed = [
    ...(fastest ? missedBudget(requirements, fastest) : []),
    ...(best ? missedFloor(data, requirements, best) : []),
  ];
  return {
    verdict: `None of the ${settings} qualifies.`,
    reason: `${missed.join("; ") || otherwise(candidates)}.`,
  };
}

/** Why none qualifies, where neither a time nor a quality says it. */
function otherwise(candidates: readonly Candidate[]): string {
  const suited = candidates.filter(isSuited);
  if (suited.length === 0) return "Most trainings of every model failed";
  const waiting = suited.flatMap(({ option, unjudged }) =>
    unjudged === undefined ? [] : [`${option.name}: ${unjudged}`],
  )[0];
  if (waiting !== undefined) return `Whether the budget is met cannot be told: ${waiting}`;
  if (suited.every(({ beatsNoise }) => !beatsNoise)) return "No setting is better than noise";
  return "The quality of the settings that are fast enough was not measured";
}

function missedBudget({ budgetMs }: Requirements, { option, ms, meetsBudget, meetsFloor }: Candidate) {
  if (budgetMs === undefined || ms === undefined || meetsBudget) return [];
  const kind = meetsFloor ? "the fastest that is good enough" : "the fastest of all";
  return [
    `${option.name} is ${kind}, and its ${formatMs(ms)} miss the budget by ${formatMs(ms - budgetMs)} (${formatNumber(ms / budgetMs)} times the budget)`,
  ];
}

function missedFloor(data: DecisionData, requirements: Requirements, { option, value }: Candidate) {
  const { floor, budgetMs } = requirements;
  const metric = metricOf(data, requirements.metric);
  if (!metric || value === undefined || floor === undefined) return [];
  const kind = budgetMs === undefined ? "the best" : "the best that is fast enough";
  const [measured, required] = formatApart(value, floor);
  return [
    `${option.name} is ${kind}, and its ${metric.word} of ${measured} misses ${required} by ${formatNumber(Math.abs(value - floor), 2)}`,
  ];
}
