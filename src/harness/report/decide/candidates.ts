/** The table behind the decision: every setting under the requirements, those that qualify first. */
import { formatMs, formatNumber } from "../../../core/format.ts";
import {
  type Candidate,
  choose,
  type DecisionData,
  metricOf,
  type Requirements,
  type Value,
} from "./choose.ts";
import { amount, missedBy } from "./words.ts";

export interface CandidateCell {
  readonly text: string;
  /** Link to the number's CSV row. */
  readonly href?: string;
}

export interface CandidateTable {
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly state: "chosen" | "meets" | "misses";
    readonly cells: readonly CandidateCell[];
  }[];
}

export function candidateTable(data: DecisionData, requirements: Requirements): CandidateTable {
  const { percentile, metric, perHour, batch } = requirements;
  const { chosen, meeting, candidates } = choose(data, requirements);
  const missing = candidates
    .filter((candidate) => !meeting.includes(candidate))
    .toSorted((a, b) => a.medianMs - b.medianMs);
  const isChosen = (candidate: Candidate) => candidate === chosen && candidates.length > 1;
  const cost = (seconds: number) => amount(seconds, requirements, data);
  return {
    columns: [
      "setting",
      "verdict",
      "kind",
      "told labels",
      `time per request, ${percentile}`,
      metricOf(data, metric)?.title ?? "quality",
      "seeds",
      perHour === undefined ? "machine time per 1,000 images" : "cost per 1,000 images",
      "training",
      "total",
    ],
    rows: [...meeting, ...missing].map((candidate) => {
      const { option, ms, value, servingSeconds, trainSeconds, totalSeconds } = candidate;
      const timing = option.timings[batch];
      const quality = option.quality[metric];
      return {
        state: isChosen(candidate) ? "chosen" : meeting.includes(candidate) ? "meets" : "misses",
        cells: [
          { text: option.name },
          { text: isChosen(candidate) ? "chosen" : missedBy(candidate).join(", ") || "qualifies" },
          { text: option.kind === "gan" ? "GAN" : option.kind },
          { text: option.conditional ? "yes" : "no" },
          {
            text:
              ms === undefined
                ? (timing?.needs[percentile]?.replace(`${percentile} `, "") ?? "")
                : formatMs(ms),
            href: timing?.row,
          },
          { text: value === undefined ? "not measured" : formatNumber(value), href: quality?.row },
          { text: seedsOf(quality) },
          { text: cost(servingSeconds), href: timing?.row },
          { text: trainSeconds === undefined ? "not recorded" : cost(trainSeconds), href: option.trainRow },
          { text: cost(totalSeconds) },
        ],
      };
    }),
  };
}

/** `4 of 4`, or `only 3 of 4`. */
const seedsOf = (value: Value | undefined): string => {
  if (!value) return "";
  const count = `${value.bySeed.length} of ${value.of}`;
  return value.bySeed.length < value.of ? `only ${count}` : count;
};
