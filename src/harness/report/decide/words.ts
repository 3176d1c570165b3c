/** The decision in words: the question, the answer in two sentences, and what would change it. */
import { formatMs, formatNumber, formatSeconds, plural } from "../../../core/format.ts";
import {
  type Candidate,
  type Choice,
  type DecisionData,
  type Metric,
  metricOf,
  type Requirements,
} from "./choose.ts";
import { breakEvenSteps, budgetTurns, floorTurns, type SamplerSteps, volumeTurns } from "./turns.ts";

/** Shares of requests that a budget can be required of. */
export const shares = { p50: "half", p95: "95%", p99: "99%" } as const;

/** The requirements as a reader would state them. */
export function questionOf(data: DecisionData, requirements: Requirements): string {
  const { batch, budgetMs, percentile, floor, volume, steer, prefer, perHour } = requirements;
  const metric = metricOf(data, requirements.metric);
  const images = plural(batch, "image");
  const price = perHour === undefined ? "" : ` at ${formatNumber(perHour)} ${currencyOf(data)} per hour`;
  return [
    budgetMs === undefined
      ? `requests of ${images} in any time`
      : `${shares[percentile]} of requests (${images} each) within ${formatMs(budgetMs)}`,
    ...(metric && floor !== undefined ? [`${metric.word} ${boundOf(metric)} ${formatNumber(floor)}`] : []),
    ...(steer ? ["images for a given label"] : []),
    `${plural(volume, "image")} over the model's lifetime${price}`,
    `the ${prefer} setting that qualifies`,
  ]
    .join(", ")
    .replace(/^./, (first) => first.toUpperCase());
}

const boundOf = ({ direction }: Metric): string => (direction === "higher" ? "at least" : "at most");

const currencyOf = ({ price }: DecisionData): string => price?.currency ?? "USD";

/** Money where an hour has a price, else machine time. */
export const amount = (seconds: number, { perHour }: Requirements, data: DecisionData): string =>
  perHour === undefined
    ? formatSeconds(seconds)
    : `${formatNumber((seconds / 3600) * perHour)} ${currencyOf(data)}`;

export interface AnswerWords {
  /** What to deploy, and that it qualifies; or that nothing does. */
  readonly verdict: string;
  /** Why this setting and not another; where none qualifies, by how much each requirement is missed. */
  readonly reason: string;
}

export function answerOf(data: DecisionData, requirements: Requirements, choice: Choice): AnswerWords {
  const { chosen, meeting, candidates } = choice;
  if (!chosen) return refusal(data, requirements, choice);
  const { batch, budgetMs, percentile, floor, prefer } = requirements;
  const metric = metricOf(data, requirements.metric);
  const budget = budgetMs === undefined ? "" : `, ${formatMs(budgetMs)} allowed`;
  const required = metric && floor !== undefined && ` (${boundOf(metric)} ${formatNumber(floor)} required)`;
  const quality =
    metric && chosen.value !== undefined
      ? ` and its ${metric.word} is ${formatNumber(chosen.value)}${required || ""}`
      : "";
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
    verdict: `Deploy ${chosen.option.name}: a request of ${plural(batch, "image")} takes ${formatMs(chosen.ms)} (${percentile}${budget})${quality}.`,
    reason: `It is ${rank}, and costs ${costOf(chosen, requirements, data)}${next}.`,
  };
}

function costOf(
  { servingSeconds, trainSeconds, totalSeconds }: Candidate,
  requirements: Requirements,
  data: DecisionData,
): string {
  const cost = (seconds: number) => amount(seconds, requirements, data);
  const unit = requirements.perHour === undefined ? " of machine time" : "";
  const training =
    trainSeconds === undefined ? " (its training was not recorded)" : ` and ${cost(trainSeconds)} to train`;
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
  if (requirements.steer && !candidates.some(({ meetsSteering }) => meetsSteering))
    return {
      verdict: `None of the ${settings} generates images for a given label.`,
      reason: "Every model of this run is unconditional.",
    };
  const missed = [
    ...(fastest ? missedBudget(requirements, fastest) : []),
    ...(best ? missedFloor(data, requirements, best) : []),
  ];
  const unmeasured = "The quality of the settings that are fast enough was not measured";
  return { verdict: `None of the ${settings} qualifies.`, reason: `${missed.join("; ") || unmeasured}.` };
}

function missedBudget({ budgetMs }: Requirements, { option, ms, meetsBudget, meetsFloor }: Candidate) {
  if (budgetMs === undefined || meetsBudget) return [];
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
  return [
    `${option.name} is ${kind}, and its ${metric.word} of ${formatNumber(value)} misses ${formatNumber(floor)} by ${formatNumber(Math.abs(value - floor), 2)}`,
  ];
}

export interface Change {
  /** The requirement, or the quantity, that the text is about. */
  readonly claim: string;
  readonly text: string;
}

/** What would change the answer, a sentence or two for each requirement. */
export function changesOf(data: DecisionData, requirements: Requirements, choice: Choice): Change[] {
  if (choice.candidates.length === 0) return [];
  return [
    { claim: "Budget", text: budgetText(data, requirements, choice) },
    { claim: "Floor", text: floorText(data, requirements, choice) },
    { claim: "Steps", text: breakEvenSteps(choice).flatMap(stepsText(requirements)).join(" ") },
    { claim: "Volume", text: volumeText(requirements, choice) },
    { claim: "Per 1,000 images", text: costText(data, requirements, choice) },
  ].filter(({ text }) => text !== "");
}

const named = ({ chosen }: Choice): string => chosen?.option.name ?? "no setting qualifies";

function budgetText(data: DecisionData, requirements: Requirements, { chosen }: Choice): string {
  const { tighter, looser } = budgetTurns(data, requirements);
  const longer = looser && `From ${formatMs(looser.from)} per request on: ${named(looser.choice)}.`;
  if (!chosen) return longer ?? "No budget is long enough, since no setting meets the other requirements.";
  const shorter = tighter && `Below ${formatMs(tighter.from)} per request: ${named(tighter.choice)}.`;
  return `${shorter ?? "No tighter budget changes the answer."} ${longer ?? "No longer budget changes the answer."}`;
}

function floorText(data: DecisionData, requirements: Requirements, { chosen }: Choice): string {
  const metric = metricOf(data, requirements.metric);
  if (!metric) return "";
  const { tighter, looser } = floorTurns(data, requirements);
  const [beyond, upTo] = metric.direction === "higher" ? ["above", "down to"] : ["below", "up to"];
  const wider =
    looser && `If ${metric.word} may be ${upTo} ${formatNumber(looser.from)}: ${named(looser.choice)}.`;
  if (!chosen) return wider ?? "No floor is low enough, since no setting meets the other requirements.";
  const stricter =
    tighter && `If ${metric.word} must be ${beyond} ${formatNumber(tighter.from)}: ${named(tighter.choice)}.`;
  return `${stricter ?? "No stricter floor changes the answer."} ${wider ?? "No looser floor changes the answer."}`;
}

/** Whether one sampler's step counts meet the floor and the budget, where there are any. */
const stepsText =
  ({ floor, budgetMs }: Requirements) =>
  ({ name, measured, enough, allowed }: SamplerSteps): string[] => {
    const most = measured.at(-1) ?? 0;
    const needs =
      enough === undefined
        ? `does not meet the floor with ${plural(most, "step")}`
        : `meets the floor from ${plural(enough, "step")} on`;
    const fits =
      allowed === undefined
        ? `exceeds the budget even with ${plural(measured[0] ?? 0, "step")}`
        : `meets the budget with up to ${plural(allowed, "step")}`;
    const said = [...(floor === undefined ? [] : [needs]), ...(budgetMs === undefined ? [] : [fits])];
    return said.length > 0 ? [`${name} ${said.join(" and ")}.`] : [];
  };

function volumeText(requirements: Requirements, choice: Choice): string {
  if (!choice.chosen) return "";
  if (requirements.prefer === "best") return "Volume plays no part while the best setting is preferred.";
  const { above, below } = volumeTurns(choice, requirements);
  if (!above && !below) return "At any volume it stays the cheapest setting that qualifies.";
  return [
    ...(above ? [`From ${formatNumber(above.volume)} images on, ${above.to.option.name} is cheaper.`] : []),
    ...(below ? [`Below ${formatNumber(below.volume)} images, ${below.to.option.name} is cheaper.`] : []),
  ].join(" ");
}

function costText(data: DecisionData, requirements: Requirements, { candidates }: Choice): string {
  const cheapest = ["gan", "diffusion", "distilled"].flatMap((kind) => {
    const good = candidates.filter(({ option, meetsFloor }) => option.kind === kind && meetsFloor);
    return good.sort((a, b) => a.servingSeconds - b.servingSeconds)[0] ?? [];
  });
  if (cheapest.length === 0) return "No setting is good enough at any cost.";
  const unit = requirements.perHour === undefined ? ", in machine time" : "";
  const listed = cheapest.map(
    ({ option, servingSeconds }) => `${option.name} ${amount(servingSeconds, requirements, data)}`,
  );
  return `The cheapest of each kind that is good enough${unit}: ${listed.join("; ")}.`;
}
