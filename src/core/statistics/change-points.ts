/**
 * Steps in a series: the partition into constant stretches with the least squared error plus a penalty for each step,
 * found exactly (optimal partitioning, Jackson et al. 2005). Each step is then tested against the steps that a search
 * finds by chance.
 */
import type { Rng } from "../rng.ts";
import { median } from "./descriptive.ts";
import { doubledRanks } from "./ranks.ts";

export interface Step {
  /** First value of the new level, counted from 0. */
  readonly index: number;
  /** Medians of the stretch before and of the one from `index` on. */
  readonly before: number;
  readonly after: number;
  /** Chance of as strong a step in as many values without one; absent where the series is constant but for its steps. */
  readonly p?: number;
}

export interface StepOptions {
  /** Steps whose p is above it are dropped. */
  readonly alpha: number;
  /** Shuffles that each p is counted over: the least p is 1 / (shuffles + 1). */
  readonly shuffles: number;
}

/** Least number of values in a stretch: two outlying nights are no new level. */
const LEAST = 3;

/** Penalty of a step, in units of the noise's variance times ln n: between the criteria of Schwarz 1978 (2) and of Zhang & Siegmund 2007 (3). */
const PENALTY = 3;

/**
 * Steps of `values`, in time order. Noise is the median distance of neighbours, which steps hardly touch. Where it is 0,
 * the values repeat exactly and every lasting departure is a step, however short.
 */
export function findSteps(values: readonly number[], random: Rng, options: StepOptions): Step[] {
  const noise = noiseBetweenNeighbours(values);
  if (noise === undefined) return [];
  const exact = noise === 0;
  const penalty = exact ? Number.MIN_VALUE : PENALTY * noise ** 2 * Math.log(values.length);
  let starts = exact ? partition(values, penalty, 1) : partition(tame(values, noise), penalty, LEAST);
  if (exact) return starts.map((_, i) => stepAt(values, starts, i));
  for (;;) {
    const steps = starts.map((start, i) => ({
      ...stepAt(values, starts, i),
      p: searchedP(values.slice(starts[i - 1] ?? 0, starts[i + 1]), random.fold(start), options),
    }));
    const worst = steps.reduce((most, { p }) => Math.max(most, p), 0);
    if (worst <= options.alpha) return steps;
    starts = steps.filter(({ p }) => p !== worst).map(({ index }) => index);
  }
}

/**
 * Values more than 4 deviations from the median of the 7 around them are drawn to it (Hampel 1974). One or two outlying
 * nights then make no level, and a step keeps its edge, because each side is the median of its own surroundings.
 */
function tame(values: readonly number[], deviation: number): number[] {
  return values.map((value, i) => {
    const centre = median(values.slice(Math.max(0, i - 3), i + 4));
    return Math.min(centre + 4 * deviation, Math.max(centre - 4 * deviation, value));
  });
}

/** From the median distance of neighbours (1.4826 makes it a normal deviation): it is linear in time, and n is large. */
function noiseBetweenNeighbours(values: readonly number[]): number | undefined {
  if (values.length < 3) return undefined;
  const distances = values.slice(1).map((value, i) => Math.abs(value - values[i]!));
  return (1.4826 * median(distances)) / Math.SQRT2;
}

function stepAt(values: readonly number[], starts: readonly number[], i: number): Step {
  const index = starts[i]!;
  return {
    index,
    before: median(values.slice(starts[i - 1] ?? 0, index)),
    after: median(values.slice(index, starts[i + 1])),
  };
}

/** First indices of all stretches but the first, in order. */
function partition(values: readonly number[], penalty: number, least: number): number[] {
  const n = values.length;
  const origin = median(values); // keeps the digits of small variations about a large level
  const [sums, squares] = [new Float64Array(n + 1), new Float64Array(n + 1)];
  values.forEach((value, i) => {
    sums[i + 1] = sums[i]! + (value - origin);
    squares[i + 1] = squares[i]! + (value - origin) ** 2;
  });
  const slack = 1e-12 * squares[n]!;
  const error = (from: number, to: number) => {
    const sum = sums[to]! - sums[from]!;
    const rest = squares[to]! - squares[from]! - (sum * sum) / (to - from);
    return rest > slack ? rest : 0;
  };
  const best = new Float64Array(n + 1).fill(Number.POSITIVE_INFINITY);
  const previous = new Int32Array(n + 1);
  best[0] = -penalty;
  for (let to = least; to <= n; to++)
    for (let from = 0; from <= to - least; from++) {
      const cost = best[from]! + error(from, to) + penalty;
      if (cost < best[to]!) [best[to], previous[to]] = [cost, from];
    }
  const starts: number[] = [];
  if (best[n] === Number.POSITIVE_INFINITY) return starts;
  for (let at = previous[n]!; at > 0; at = previous[at]!) starts.unshift(at);
  return starts;
}

/**
 * p of the strongest step anywhere in `values` under shuffling, by ranks: the search for its place is part of the test
 * (as in Pettitt 1979, here with the least-squares gain of each split). Counting ends once p is above alpha.
 */
function searchedP(values: readonly number[], random: Rng, { alpha, shuffles }: StepOptions): number {
  const ranks = Float64Array.from(doubledRanks(values), (rank) => (rank - values.length - 1) / 2);
  const observed = strongest(ranks) * (1 - 1e-12);
  let extreme = 1;
  for (let i = 0; i < shuffles && extreme <= alpha * (shuffles + 1); i++) {
    shuffle(ranks, random);
    if (strongest(ranks) >= observed) extreme++;
  }
  return extreme / (shuffles + 1);
}

/** In place (Fisher & Yates); 32 bits choose among so few places with a bias below 1e-6. */
function shuffle(values: Float64Array, random: Rng): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor((random.uint32() / 2 ** 32) * (i + 1));
    const held = values[i]!;
    values[i] = values[j]!;
    values[j] = held;
  }
}

/** Largest drop of the squared error that one split makes; the values have mean 0. */
function strongest(centred: Float64Array): number {
  const n = centred.length;
  let [sum, most] = [0, 0];
  for (let k = 1; k <= n - LEAST; k++) {
    sum += centred[k - 1]!;
    if (k >= LEAST) most = Math.max(most, (sum * sum * n) / (k * (n - k)));
  }
  return most;
}
