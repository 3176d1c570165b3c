// @ts-check
/**
 * What would change the answer: the values of each requirement at which another setting is chosen, the others staying.
 *
 * @typedef {import("./decide.js").DecisionData} DecisionData
 * @typedef {import("./decide.js").Requirements} Requirements
 * @typedef {import("./decide.js").Candidate} Candidate
 * @typedef {import("./decide.js").Choice} Choice
 *
 * @typedef {object} Turn
 * @property {number} at The last value at which the answer is still the same, or the first at which it is another.
 * @property {Choice} choice The choice past it.
 *
 * @typedef {{ tighter?: Turn, looser?: Turn }} Turns
 */
import { choose, keyOf, metricOf, passes } from "./decide.js";

/**
 * Budgets at which the answer turns. Tighter: below `at`, the choice is the one given. Looser: from `at` on.
 * @param {DecisionData} data
 * @param {Requirements} requirements
 * @returns {Turns}
 */
export function budgetTurns(data, requirements) {
  const now = choose(data, requirements);
  const levels = distinct(now.candidates.map(({ ms }) => ms));
  const at = (/** @type {number} */ budgetMs) => choose(data, { ...requirements, budgetMs });
  const { budgetMs = Number.POSITIVE_INFINITY } = requirements;
  return turnsOf(now, {
    tighter: levels.filter((ms) => ms <= budgetMs).reverse(),
    looser: levels.filter((ms) => ms > budgetMs),
    at,
    below: (ms) => at(levels.filter((one) => one < ms).at(-1) ?? 0),
  });
}

/**
 * Floors at which the answer turns. Tighter: beyond `at`, the choice is the one given. Looser: from `at` on.
 * @param {DecisionData} data
 * @param {Requirements} requirements
 * @returns {Turns}
 */
export function floorTurns(data, requirements) {
  const metric = metricOf(data, requirements.metric);
  if (!metric) return {};
  const now = choose(data, requirements);
  const values = distinct(now.candidates.flatMap(({ value }) => value ?? []));
  const strictFirst = metric.direction === "higher" ? values.reverse() : values;
  const at = (/** @type {number} */ floor) => choose(data, { ...requirements, floor });
  const { floor } = requirements;
  const unattainable = metric.direction === "higher" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const met = strictFirst.filter((value) => floor === undefined || passes(metric, value, floor));
  return turnsOf(now, {
    tighter: met.toReversed(),
    looser: strictFirst.filter((value) => !met.includes(value)),
    at,
    below: (value) => at(strictFirst[strictFirst.indexOf(value) - 1] ?? unattainable),
  });
}

/**
 * @param {Choice} now
 * @param {{ tighter: number[], looser: number[], at: (level: number) => Choice, below: (level: number) => Choice }} walk
 *   Levels from the present requirement outwards.
 * @returns {Turns}
 */
function turnsOf(now, { tighter, looser, at, below }) {
  const turns = (/** @type {number[]} */ levels, /** @type {(level: number) => Choice} */ look) => {
    for (const level of levels) {
      const choice = look(level);
      if (keyOf(choice) !== keyOf(now)) return { at: level, choice };
    }
    return undefined;
  };
  const [closer, wider] = [turns(tighter, below), turns(looser, at)];
  return { tighter: closer, looser: wider };
}

/** @param {readonly number[]} values */
const distinct = (values) => [...new Set(values)].sort((a, b) => a - b);

/**
 * Volumes at which another setting that meets the requirements becomes the cheapest: what costs more to train may cost
 * less to serve. Empty where the best is preferred, since volume plays no part then.
 * @param {Choice} choice
 * @param {Requirements} requirements
 * @returns {{ above?: { volume: number, to: Candidate }, below?: { volume: number, to: Candidate } }}
 */
export function volumeTurns({ chosen, meeting }, { prefer, volume }) {
  if (!chosen || prefer === "best") return {};
  const crossings = meeting.flatMap((to) => {
    const serving = (chosen.servingSeconds - to.servingSeconds) / 1000;
    const training = (to.trainSeconds ?? 0) - (chosen.trainSeconds ?? 0);
    const at = training / serving;
    return serving !== 0 && at > 0 && Number.isFinite(at) ? [{ volume: at, to }] : [];
  });
  const above = crossings.filter((one) => one.volume >= volume).sort((a, b) => a.volume - b.volume)[0];
  const below = crossings.filter((one) => one.volume < volume).sort((a, b) => b.volume - a.volume)[0];
  return { above, below };
}

/**
 * Step counts of each diffusion sampler: the fewest from which on the floor is met, the most that the budget allows.
 * @param {Choice} choice
 * @returns {{ name: string, measured: number[], enough?: number, allowed?: number }[]}
 */
export function breakEvenSteps({ candidates }) {
  /** @type {Map<string, Candidate[]>} */
  const series = new Map();
  for (const candidate of candidates) {
    const { family, title, sampler } = candidate.option;
    if (family === "gan") continue;
    const name = `${title} with ${sampler}`;
    series.set(name, [...(series.get(name) ?? []), candidate]);
  }
  return [...series].map(([name, members]) => {
    const rising = members.toSorted((a, b) => a.option.steps - b.option.steps);
    const failing = rising.findLastIndex(({ meetsFloor }) => !meetsFloor);
    const enough = rising[failing + 1]?.option.steps;
    const allowed = rising.findLast(({ meetsBudget }) => meetsBudget)?.option.steps;
    return {
      name,
      measured: rising.map(({ option }) => option.steps),
      enough,
      allowed,
    };
  });
}
