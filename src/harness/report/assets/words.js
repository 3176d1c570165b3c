// @ts-check
/**
 * The decision in words: the answer in two sentences, and what would change it. Every number is computed.
 *
 * @typedef {import("./decide.js").DecisionData} DecisionData
 * @typedef {import("./decide.js").Requirements} Requirements
 * @typedef {import("./decide.js").Candidate} Candidate
 * @typedef {import("./decide.js").Choice} Choice
 * @typedef {import("./decide.js").Metric} Metric
 */
import { metricOf } from "./decide.js";
import { formatMs, formatNumber, formatSeconds, plural } from "./format.js";
import { breakEvenSteps, budgetTurns, floorTurns, volumeTurns } from "./turns.js";

/**
 * What is asked, as a reader would say it.
 * @param {DecisionData} data
 * @param {Requirements} requirements
 */
export function questionOf(
  data,
  { batch, budgetMs, percentile, metric: name, floor, volume, steer, prefer, perHour },
) {
  const metric = metricOf(data, name);
  const share = { p50: "half of the requests", p95: "95% of requests", p99: "99% of requests" }[percentile];
  const bound = metric?.direction === "higher" ? "at least" : "at most";
  return [
    budgetMs === undefined
      ? `Requests of ${plural(batch, "image")} may take any time`
      : `${share.charAt(0).toUpperCase()}${share.slice(1)} of ${plural(batch, "image")} within ${formatMs(budgetMs)}`,
    metric && floor !== undefined ? `${metric.word} ${bound} ${formatNumber(floor)}` : undefined,
    steer ? "made to a label" : undefined,
    `${plural(volume, "image")} over its life${perHour === undefined ? "" : ` at ${formatNumber(perHour)} ${currencyOf(data)} an hour`}`,
    prefer === "best" ? "the best that qualifies" : "the cheapest that qualifies",
  ]
    .filter((text) => text !== undefined)
    .join(", ");
}

/** @param {DecisionData} data */
const currencyOf = ({ price }) => price?.currency ?? "USD";

/**
 * What to deploy and that it meets what was asked; then why it and not another. Where none meets all, by how much.
 * @param {DecisionData} data
 * @param {Requirements} requirements
 * @param {Choice} choice
 * @returns {[string, string]}
 */
export function answerOf(data, requirements, choice) {
  const metric = metricOf(data, requirements.metric);
  const { chosen, meeting, candidates } = choice;
  if (!chosen) return refusal(requirements, choice, metric);
  const { batch, budgetMs, percentile } = requirements;
  const request = `a request of ${plural(batch, "image")} takes ${formatMs(chosen.ms)} (${percentile}${
    budgetMs === undefined ? "" : `, ${formatMs(budgetMs)} allowed`
  })`;
  const first = `Deploy ${chosen.option.name}: ${request}${quality(requirements, chosen, metric)}.`;
  const superlative = requirements.prefer === "best" ? `the best in ${metric?.word}` : "the cheapest";
  const of =
    meeting.length === candidates.length && meeting.length > 1
      ? `It is ${superlative} of all ${plural(candidates.length, "setting")}, each of which meets what is asked`
      : meeting.length === 1
        ? `It is the only one of ${plural(candidates.length, "setting")} that meets what is asked`
        : `It is ${superlative} of the ${meeting.length} of ${plural(candidates.length, "setting")} that meet what is asked`;
  const next = meeting[1]
    ? `; next comes ${meeting[1].option.name} with ${amount(meeting[1].totalSeconds, requirements, data)}`
    : "";
  return [first, `${of}, and costs ${spent(chosen, requirements, data)}${next}.`];
}

/**
 * @param {Requirements} requirements
 * @param {Candidate} candidate
 * @param {Metric | undefined} metric
 */
function quality({ floor }, { value }, metric) {
  if (!metric || value === undefined) return "";
  const passes = metric.direction === "higher" ? "at least" : "at most";
  const asked = floor === undefined ? "" : ` (${passes} ${formatNumber(floor)} asked)`;
  return ` and its ${metric.word} is ${formatNumber(value)}${asked}`;
}

/**
 * @param {Candidate} candidate
 * @param {Requirements} requirements
 * @param {DecisionData} data
 */
function spent({ servingSeconds, trainSeconds, totalSeconds }, requirements, data) {
  const training =
    trainSeconds === undefined
      ? ", its training not recorded"
      : ` and ${amount(trainSeconds, requirements, data)} to train`;
  const volume = plural(requirements.volume, "image");
  return `${amount(servingSeconds, requirements, data)}${ofMachine(requirements)} per 1,000 images${training}: ${amount(totalSeconds, requirements, data)} for ${volume}`;
}

/**
 * Money where an hour has a price, else seconds of the machine.
 * @param {number} seconds
 * @param {Requirements} requirements
 * @param {DecisionData} data
 */
export const amount = (seconds, { perHour }, data) =>
  perHour === undefined
    ? formatSeconds(seconds)
    : `${formatNumber((seconds / 3600) * perHour)} ${currencyOf(data)}`;

/** @param {Requirements} requirements */
const ofMachine = ({ perHour }) => (perHour === undefined ? " of machine time" : "");

/**
 * @param {Requirements} requirements
 * @param {Choice} choice
 * @param {Metric | undefined} metric
 * @returns {[string, string]}
 */
function refusal(requirements, { candidates, fastest, best }, metric) {
  const { batch, steer } = requirements;
  if (candidates.length === 0)
    return [
      `No answer: no setting was timed at batch ${batch}.`,
      "A run with the stages latency and diversity gives one.",
    ];
  if (steer && !candidates.some(({ meetsSteering }) => meetsSteering))
    return [
      `None of the ${plural(candidates.length, "setting")} can be told what to make.`,
      "Every model of this run is unconditional.",
    ];
  const first = `None of the ${plural(candidates.length, "setting")} meets what is asked.`;
  const slow = fastest && missedBudget(requirements, fastest);
  const poor = best && missedFloor(requirements, best, metric);
  return [first, `${[slow, poor].filter((text) => text !== undefined).join("; ")}.`];
}

/**
 * @param {Requirements} requirements
 * @param {Candidate} fastest
 */
function missedBudget({ budgetMs }, { option, ms, meetsBudget, meetsFloor }) {
  if (budgetMs === undefined || meetsBudget) return undefined;
  const kind = meetsFloor ? "the fastest that is good enough" : "the fastest of all";
  return `${option.name} is ${kind}, and its ${formatMs(ms)} miss the budget by ${formatMs(ms - budgetMs)} (${formatNumber(ms / budgetMs)} times what is allowed)`;
}

/**
 * @param {Requirements} requirements
 * @param {Candidate} best
 * @param {Metric | undefined} metric
 */
function missedFloor({ floor, budgetMs }, { option, value }, metric) {
  if (!metric || value === undefined || floor === undefined) return undefined;
  const fast = budgetMs === undefined ? "the best" : "the best that is fast enough";
  return `${option.name} is ${fast}, and its ${metric.word} of ${formatNumber(value)} misses ${formatNumber(floor)} by ${formatNumber(Math.abs(value - floor), 2)}`;
}

/**
 * What would change the answer, each in a sentence or two.
 * @param {DecisionData} data
 * @param {Requirements} requirements
 * @param {Choice} choice
 * @returns {{ claim: string, text: string }[]}
 */
export function changesOf(data, requirements, choice) {
  if (choice.candidates.length === 0) return [];
  return [
    { claim: "Budget", text: budgetText(data, requirements, choice) },
    { claim: "Floor", text: floorText(data, requirements, choice) },
    { claim: "Steps", text: stepsText(requirements, choice) },
    { claim: "Volume", text: volumeText(requirements, choice) },
    { claim: "Per 1,000 images", text: costText(data, requirements, choice) },
  ].filter(({ text }) => text !== "");
}

/** @param {Choice} choice */
const named = ({ chosen }) => chosen?.option.name ?? "none meets what is asked";

/**
 * @param {DecisionData} data
 * @param {Requirements} requirements
 * @param {Choice} choice
 */
function budgetText(data, requirements, { chosen }) {
  const { tighter, looser } = budgetTurns(data, requirements);
  if (!chosen)
    return looser
      ? `From ${formatMs(looser.at)} a request on: ${named(looser.choice)}.`
      : "No budget alone is long enough, since no setting meets the rest.";
  return [
    tighter
      ? `Below ${formatMs(tighter.at)} a request: ${named(tighter.choice)}.`
      : "No tighter budget changes the answer.",
    looser ? `From ${formatMs(looser.at)} on: ${named(looser.choice)}.` : "No longer one does.",
  ].join(" ");
}

/**
 * @param {DecisionData} data
 * @param {Requirements} requirements
 * @param {Choice} choice
 */
function floorText(data, requirements, { chosen }) {
  const metric = metricOf(data, requirements.metric);
  if (!metric) return "";
  const { tighter, looser } = floorTurns(data, requirements);
  if (!chosen)
    return looser
      ? `If ${metric.word} may be ${metric.direction === "higher" ? "down to" : "up to"} ${formatNumber(looser.at)}: ${named(looser.choice)}.`
      : "No floor alone is lax enough, since no setting meets the rest.";
  const [beyond, upTo] = metric.direction === "higher" ? ["above", "down to"] : ["below", "up to"];
  return [
    tighter
      ? `If ${metric.word} must be ${beyond} ${formatNumber(tighter.at)}: ${named(tighter.choice)}.`
      : "No stricter floor changes the answer.",
    looser
      ? `If it may be ${upTo} ${formatNumber(looser.at)}: ${named(looser.choice)}.`
      : "No laxer one does.",
  ].join(" ");
}

/**
 * @param {Requirements} requirements
 * @param {Choice} choice
 */
function stepsText({ floor, budgetMs }, choice) {
  const sentences = breakEvenSteps(choice).map(({ name, measured, enough, allowed }) => {
    const most = measured.at(-1) ?? 0;
    const needs =
      floor === undefined
        ? undefined
        : enough === undefined
          ? `does not meet the floor with ${plural(most, "step")}`
          : `meets the floor from ${plural(enough, "step")} on`;
    const fits =
      budgetMs === undefined
        ? undefined
        : allowed === undefined
          ? `has no time for ${plural(measured[0] ?? 0, "step")}`
          : allowed === most
            ? `has time for ${measured.length > 1 ? `all ${allowed} that were tried` : plural(allowed, "step")}`
            : `has time for ${allowed}`;
    const said = [needs, fits].filter((text) => text !== undefined);
    return said.length > 0 ? `${name} ${said.join(" and ")}.` : "";
  });
  return sentences.filter((text) => text !== "").join(" ");
}

/**
 * @param {Requirements} requirements
 * @param {Choice} choice
 */
function volumeText(requirements, choice) {
  if (!choice.chosen) return "";
  if (requirements.prefer === "best") return "Plays no part while the best is preferred.";
  const { above, below } = volumeTurns(choice, requirements);
  if (!above && !below) return "At any volume it stays the cheapest of those that meet what is asked.";
  return [
    above ? `From ${formatNumber(above.volume)} images on, ${above.to.option.name} is cheaper.` : "",
    below ? `Below ${formatNumber(below.volume)} images, ${below.to.option.name} is cheaper.` : "",
  ]
    .filter((text) => text !== "")
    .join(" ");
}

/**
 * @param {DecisionData} data
 * @param {Requirements} requirements
 * @param {Choice} choice
 */
function costText(data, requirements, { candidates }) {
  const cheapest = ["gan", "diffusion", "distilled"].flatMap((family) => {
    const good = candidates.filter(({ option, meetsFloor }) => option.family === family && meetsFloor);
    return good.sort((a, b) => a.servingSeconds - b.servingSeconds)[0] ?? [];
  });
  if (cheapest.length === 0) return "No setting is good enough at any price.";
  const listed = cheapest.map(
    ({ option, servingSeconds }) => `${option.name} ${amount(servingSeconds, requirements, data)}`,
  );
  return `The cheapest of each kind that is good enough${ofMachine(requirements).replace(" of", ", in")}: ${listed.join("; ")}.`;
}
