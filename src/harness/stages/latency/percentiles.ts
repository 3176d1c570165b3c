/** Percentiles of requests, over processes: what the requests can carry, and its interval. */
import {
  type GroupQuantile,
  groupQuantile,
  type Outcome,
  valuesNeeded,
} from "../../../core/statistics/index.ts";

/** Confidence of a percentile's interval, and of the upper bound that a percentile must be able to carry. */
export const CONFIDENCE = 0.95;

export const percentileLevels = { p5: 0.05, p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const;
export type PercentileName = keyof typeof percentileLevels;

/** Milliseconds: the percentile of a typical process's requests, or how many requests it needs. */
export type Percentile = Outcome<GroupQuantile>;

/** The median is within any sample; the others need more requests than there may be. */
export type Percentiles = Readonly<Record<Exclude<PercentileName, "p50">, Percentile>> & {
  readonly p50: GroupQuantile;
};

/** Of the requests of each process. */
export const percentilesOf = (requests: readonly (readonly number[])[]): Percentiles => ({
  p5: carried(requests, "p5"),
  p50: groupQuantile(requests, percentileLevels.p50, CONFIDENCE),
  p90: carried(requests, "p90"),
  p95: carried(requests, "p95"),
  p99: carried(requests, "p99"),
});

/** A percentile of the requests of each process, or how many requests it needs. */
function carried(requests: readonly (readonly number[])[], name: PercentileName): Percentile {
  const level = percentileLevels[name];
  const sizes = requests.map(({ length }) => length);
  const [n, least] = [sizes.reduce((total, size) => total + size, 0), Math.min(...sizes)];
  const { together, each } = valuesNeeded(level, requests.length, CONFIDENCE);
  if (n < together) return { defined: false, why: `${name} needs ${together} requests, not ${n}` };
  if (least < each)
    return { defined: false, why: `${name} needs ${each} requests in each process, not ${least}` };
  return { defined: true, ...groupQuantile(requests, level, CONFIDENCE) };
}

interface WithPercentiles {
  readonly percentiles: Percentiles;
  readonly processes: number;
}

/** Of a percentile that the requests carry; undefined for the others. */
export const percentileOf = (
  { percentiles }: WithPercentiles,
  level: PercentileName,
): GroupQuantile | undefined => {
  if (level === "p50") return percentiles.p50;
  const percentile = percentiles[level];
  return percentile.defined ? percentile : undefined;
};

/** Its interval over processes. */
export const percentileInterval = (row: WithPercentiles, level: PercentileName) => {
  const interval = percentileOf(row, level)?.interval;
  return interval?.defined ? interval : undefined;
};

/** Why a row has no percentile, or no interval of it. */
export function percentileGaps(row: WithPercentiles, levels: readonly PercentileName[]): string[] {
  const lacking = levels.flatMap((level) => {
    const percentile = level === "p50" ? undefined : row.percentiles[level];
    return percentile?.defined === false ? [percentile.why] : [];
  });
  return [...lacking, ...(row.processes < 2 ? ["an interval needs 2 processes, not 1"] : [])];
}
