// @ts-check
/**
 * How sure an answer is. The training seed is the unit: the answer is computed once for each seed alone, and by chance
 * alone n seeds give the same of two answers with p = 2^(1 - n).
 *
 * @typedef {import("./decide.js").DecisionData} DecisionData
 * @typedef {import("./decide.js").Requirements} Requirements
 * @typedef {import("./decide.js").Candidate} Candidate
 * @typedef {import("./decide.js").Choice} Choice
 * @typedef {{ level: "inconclusive" | "indicative" | "supported", text: string }} Sureness
 */
import { choose, keyOf, metricOf, passes } from "./decide.js";
import { formatMs, formatNumber, plural } from "./format.js";

/**
 * @param {DecisionData} data
 * @param {Requirements} requirements
 * @param {Choice} choice
 * @returns {Sureness}
 */
export function howSure(data, requirements, choice) {
  if (choice.candidates.length === 0)
    return { level: "inconclusive", text: "There is nothing to choose from." };
  const close = [...closeToFloor(data, requirements, choice), ...closeToBudget(requirements, choice)];
  const beside = [...close, ...withoutBound(requirements, choice)];
  const say = (/** @type {Sureness["level"]} */ level, /** @type {string} */ seeds) => ({
    level,
    text: [seeds, ...beside].join(" "),
  });
  const seeds = sharedSeeds(choice, requirements.metric);
  if (seeds.length < 3)
    return say(
      "inconclusive",
      seeds.length === 0
        ? "No training seed is shared by all settings, so nothing says how far a seed carries."
        : `${plural(seeds.length, "training seed")}: another could turn the answer around.`,
    );
  const same = seeds.filter(
    (seed) => keyOf(choose(ofSeed(data, seed, requirements.metric), requirements)) === keyOf(choice),
  ).length;
  if (same < seeds.length)
    return say("inconclusive", `${same} of ${seeds.length} seeds, each taken alone, give the same answer.`);
  const p = 2 ** (1 - seeds.length);
  return say(
    close.length > 0 ? "inconclusive" : p <= 0.05 ? "supported" : "indicative",
    `Each of ${seeds.length} seeds, taken alone, gives the same answer (sign test p = ${formatNumber(p, 2)}${
      p <= 0.05 ? "" : ", the least that so few can show"
    }).`,
  );
}

/**
 * Seeds that every candidate with a value of the metric was measured at.
 * @param {Choice} choice
 * @param {string} metric
 */
function sharedSeeds({ candidates }, metric) {
  const sets = candidates.flatMap(({ option }) => {
    const value = option.quality[metric];
    return value ? [new Set(value.bySeed.map(({ seed }) => seed))] : [];
  });
  return [...(sets[0] ?? [])].filter((seed) => sets.every((set) => set.has(seed)));
}

/**
 * The table as one seed alone would give it; times are the run's own.
 * @param {DecisionData} data
 * @param {number} seed
 * @param {string} metric
 * @returns {DecisionData}
 */
function ofSeed(data, seed, metric) {
  const options = data.options.map((option) => {
    const reading = option.quality[metric];
    const value = reading?.bySeed.find((one) => one.seed === seed)?.value;
    if (!reading || value === undefined) return option;
    return { ...option, quality: { ...option.quality, [metric]: { ...reading, value } } };
  });
  return { ...data, options };
}

/**
 * Where the floor lies within the interval of what was chosen, or of what was refused as not good enough.
 * @param {DecisionData} data
 * @param {Requirements} requirements
 * @param {Choice} choice
 */
function closeToFloor(data, { metric: name, floor }, { chosen, best }) {
  const metric = metricOf(data, name);
  const candidate = chosen ?? best;
  const interval = candidate?.option.quality[name]?.interval;
  if (!metric || !candidate || !interval || floor === undefined) return [];
  if (passes(metric, interval.low, floor) === passes(metric, interval.high, floor)) return [];
  const of = interval.of === "seeds" ? "seeds" : "interval";
  return [
    `The ${of} of ${candidate.option.name}, ${metric.word} ${formatNumber(interval.low)} to ${formatNumber(interval.high)}, ${
      interval.of === "seeds" ? "lie" : "lies"
    } on both sides of the floor.`,
  ];
}

/**
 * @param {Requirements} requirements
 * @param {Choice} choice
 */
function closeToBudget({ batch, budgetMs, percentile }, { chosen }) {
  const high = chosen?.option.timings[batch]?.highMs[percentile];
  if (!chosen || budgetMs === undefined || high === undefined || high <= budgetMs) return [];
  return [`The upper bound of its ${percentile}, ${formatMs(high)}, is beyond the budget.`];
}

/**
 * @param {Requirements} requirements
 * @param {Choice} choice
 */
function withoutBound({ batch, budgetMs, percentile }, { chosen }) {
  const timing = chosen?.option.timings[batch];
  if (!timing || budgetMs === undefined || timing.highMs[percentile] !== undefined) return [];
  return [`${plural(timing.requests, "request")} are too few for an upper bound of its ${percentile}.`];
}
