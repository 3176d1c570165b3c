/** The table behind the decision: every setting under the requirements, those that qualify first. */
import { formatMs, formatNumber } from "../../../core/format.ts";
import { type Candidate, choose, type DecisionData, metricOf, type Requirements } from "./choose.ts";
import { amount } from "./words.ts";

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
    .toSorted((a, b) => a.ms - b.ms);
  const cost = (seconds: number) => amount(seconds, requirements, data);
  return {
    columns: [
      "setting",
      "kind",
      `time per request, ${percentile}`,
      metricOf(data, metric)?.title ?? "quality",
      perHour === undefined ? "machine time per 1,000 images" : "cost per 1,000 images",
      "training",
      "total",
      "verdict",
    ],
    rows: [...meeting, ...missing].map((candidate) => {
      const { option, ms, value, servingSeconds, trainSeconds, totalSeconds } = candidate;
      const timing = option.timings[batch];
      return {
        state: candidate === chosen ? "chosen" : meeting.includes(candidate) ? "meets" : "misses",
        cells: [
          { text: option.name },
          { text: option.kind === "gan" ? "GAN" : option.kind },
          { text: formatMs(ms), href: timing?.row },
          {
            text: value === undefined ? "not measured" : formatNumber(value),
            href: option.quality[metric]?.row,
          },
          { text: cost(servingSeconds), href: timing?.row },
          { text: trainSeconds === undefined ? "not recorded" : cost(trainSeconds), href: option.trainRow },
          { text: cost(totalSeconds) },
          { text: candidate === chosen ? "chosen" : verdict(candidate) },
        ],
      };
    }),
  };
}

function verdict({ meetsBudget, meetsFloor, meetsSteering, value }: Candidate): string {
  const missed = [
    ...(meetsBudget ? [] : ["too slow"]),
    ...(meetsFloor ? [] : [value === undefined ? "quality not measured" : "not good enough"]),
    ...(meetsSteering ? [] : ["takes no label"]),
  ];
  return missed.length === 0 ? "qualifies" : missed.join(", ");
}
