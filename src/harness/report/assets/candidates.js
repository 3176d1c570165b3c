// @ts-check
/**
 * The table behind the decision: every setting under the requirements, the chosen one first.
 *
 * @typedef {import("./decide.js").DecisionData} DecisionData
 * @typedef {import("./decide.js").Requirements} Requirements
 * @typedef {import("./decide.js").Candidate} Candidate
 * @typedef {import("./decide.js").Choice} Choice
 *
 * @typedef {object} CandidateCell
 * @property {string} text
 * @property {string} [href] Where the number stands in the CSV files.
 *
 * @typedef {object} CandidateRow
 * @property {"chosen" | "meets" | "misses"} state
 * @property {readonly CandidateCell[]} cells
 */
import { metricOf } from "./decide.js";
import { formatMs, formatNumber } from "./format.js";
import { amount } from "./words.js";

/** What kind each family is, in words. */
const kinds = { gan: "GAN", diffusion: "diffusion", distilled: "distilled" };

/**
 * @param {DecisionData} data
 * @param {Requirements} requirements
 */
export const candidateColumns = (data, { percentile, metric, perHour }) => [
  "setting",
  "kind",
  `request, ${percentile}`,
  metricOf(data, metric)?.title ?? "quality",
  perHour === undefined ? "machine time per 1,000 images" : "per 1,000 images",
  "training",
  "in all",
  "verdict",
];

/**
 * @param {DecisionData} data
 * @param {Requirements} requirements
 * @param {Choice} choice
 * @returns {CandidateRow[]}
 */
export function candidateRows(data, requirements, { chosen, meeting, candidates }) {
  const missing = candidates
    .filter((candidate) => !meeting.includes(candidate))
    .toSorted((a, b) => a.ms - b.ms);
  return [...meeting, ...missing].map((candidate) => {
    const { option, ms, value, servingSeconds, trainSeconds, totalSeconds } = candidate;
    const timing = option.timings[requirements.batch];
    const reading = option.quality[requirements.metric];
    return {
      state: candidate === chosen ? "chosen" : meeting.includes(candidate) ? "meets" : "misses",
      cells: [
        { text: option.name },
        { text: kinds[option.family] },
        linked(formatMs(ms), timing?.row),
        linked(value === undefined ? "not measured" : formatNumber(value), reading?.row),
        linked(amount(servingSeconds, requirements, data), timing?.row),
        linked(
          trainSeconds === undefined ? "not recorded" : amount(trainSeconds, requirements, data),
          option.trainRow,
        ),
        { text: amount(totalSeconds, requirements, data) },
        { text: candidate === chosen ? "chosen" : verdict(candidate) },
      ],
    };
  });
}

/**
 * @param {string} text
 * @param {string | undefined} href
 */
const linked = (text, href) => ({ text, href });

/** @param {Candidate} candidate */
function verdict({ meetsBudget, meetsFloor, meetsSteering, value }) {
  const missed = [
    ...(meetsBudget ? [] : ["too slow"]),
    ...(meetsFloor ? [] : [value === undefined ? "not measured" : "not good enough"]),
    ...(meetsSteering ? [] : ["takes no label"]),
  ];
  return missed.length === 0 ? "meets all" : missed.join(", ");
}
