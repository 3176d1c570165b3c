/**
 * What the metrics of neighbours share: one pass over the distances within each set, one over those across,
 * whatever the number of k. The ball of a point reaches to its k-th nearest other point of its own set
 * (duplicates count as neighbours). Distances are squared throughout: the order is the same and no tie is
 * made by a square root.
 */
import { assert } from "../core/errors.ts";
import { clippedAtMedian } from "./clipped-radii.ts";
import { DEFAULT_K, type Features } from "./contract.ts";
import { forEachDistanceRow, forEachDistanceWithin } from "./linalg/pairwise.ts";
import { remembered } from "./remember.ts";

export interface Neighbourhoods {
  /** Generated points within some closed real ball (<=). */
  readonly precise: number;
  /** Real points within some closed generated ball (<=). */
  readonly recalled: number;
  /** For each generated point the open real balls (<) that hold it, [generated.count]. */
  readonly crowding: Uint32Array;
  /** Real points whose open ball (<) holds a generated one. */
  readonly covered: number;
  /** For each generated point the closed real balls (<=), none larger than the median one, that hold it, [generated.count]. */
  readonly clippedCrowding: Uint32Array;
  /** For each of these balls the generated points that it holds, [real.count]. */
  readonly clippedHolding: Uint32Array;
  /** Generated points in each real open ball (<), counted up to k, summed over the real points. */
  readonly filled: number;
}

/** The nearest real point of each generated one, [generated.count] each, squared distances. */
export interface NearestReal {
  readonly distance: Float64Array;
  /** From that real point to its own nearest other real one; of several equally near ones the largest. */
  readonly reach: Float64Array;
}

/** The `depth` smallest squared distances of each point to others of its set, ascending, [count, depth]. */
export interface NearestLists {
  readonly depth: number;
  readonly distances: Float64Array;
}

interface Pair {
  readonly balls: Map<number, Neighbourhoods>;
  nearest?: NearestReal;
}

const nearestOf = new WeakMap<Features, NearestLists>();
const withinOf = new WeakMap<Features, Map<number, Uint32Array>>();
const pairs = new WeakMap<Features, WeakMap<Features, Pair>>();

/**
 * Computed once for two sets while they live: they are not changed. `others` are the k's that will be asked
 * for next: they are counted in the same pass.
 */
export function neighbourhoods(
  generated: Features,
  real: Features,
  k: number,
  others: readonly number[] = [],
): Neighbourhoods {
  const pair = pairOf(generated, real);
  if (!pair.balls.has(k)) compare(generated, real, pair, [k, ...others]);
  return pair.balls.get(k)!;
}

/** At least two real points are needed. `ks`: as for `neighbourhoods`, if it will be asked too. */
export function nearestReal(generated: Features, real: Features, ks: readonly number[] = []): NearestReal {
  const pair = pairOf(generated, real);
  if (!pair.nearest) compare(generated, real, pair, ks);
  assert(pair.nearest, "a comparison finds the nearest");
  return pair.nearest;
}

/** Lists of at least that depth, if they have been found already. */
export function heldLists(features: Features, depth: number): NearestLists | undefined {
  const held = nearestOf.get(features);
  return held && held.depth >= depth ? held : undefined;
}

/** Hands in what would be computed for a set otherwise: its lists, and its `pointsWithin` of a squared radius. */
export function rememberWithin(
  features: Features,
  lists: NearestLists,
  within?: { readonly squaredRadius: number; readonly counts: Uint32Array },
): void {
  nearestOf.set(features, lists);
  if (within) remembered(withinOf, features, () => new Map()).set(within.squaredRadius, within.counts);
}

function pairOf(generated: Features, real: Features): Pair {
  const ofReal = remembered(pairs, real, () => new WeakMap<Features, Pair>());
  return remembered(ofReal, generated, () => ({ balls: new Map() }));
}

function compare(generated: Features, real: Features, pair: Pair, asked: readonly number[]): void {
  const fewest = Math.min(generated.count, real.count);
  const ks = [...new Set(asked)].filter((k) => k < fewest && !pair.balls.has(k));
  const count = countAcross(generated, real, ks);
  forEachDistanceRow(real, generated, (i, squared) => count.add(i, squared, squared, (j) => squared[j]!));
  count.remember();
}

/** For each k of `ks`, all below both counts. Both sets' lists are computed where they are not held. */
export function countAcross(generated: Features, real: Features, ks: readonly number[]) {
  const { count } = generated;
  const deepest = Math.max(1, ...ks);
  const own = nearestDistances(real, deepest, 1);
  const distance = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const reach = new Float64Array(count);
  const tallies = ks.map((k) => {
    const realRadii = nearestDistances(real, deepest, k);
    return {
      k,
      realRadii,
      clippedRadii: clippedAtMedian(realRadii),
      generatedRadii: nearestDistances(generated, deepest, k),
      precise: new Uint8Array(count),
      crowding: new Uint32Array(count),
      clippedCrowding: new Uint32Array(count),
      clippedHolding: new Uint32Array(real.count),
      recalled: 0,
      covered: 0,
      filled: 0,
    };
  });
  return {
    /**
     * The real point `i`: bounds of its squared distance to each generated point, and the distance itself, which is asked
     * for where the bounds leave a comparison open. NaN bounds leave all open.
     */
    add(i: number, lowest: Float64Array, highest: Float64Array, exact: (generatedPoint: number) => number) {
      for (let j = 0; j < count; j++) {
        if (lowest[j]! > distance[j]!) continue;
        const d = exact(j);
        if (d > distance[j]!) continue;
        reach[j] = d < distance[j]! ? own[i]! : Math.max(reach[j]!, own[i]!);
        distance[j] = d;
      }
      for (const tally of tallies) {
        const { precise, crowding, clippedCrowding, generatedRadii } = tally;
        const radius = tally.realRadii[i]!;
        const clipped = tally.clippedRadii[i]!;
        let inSome = 0;
        let held = 0;
        let heldClipped = 0;
        for (let j = 0; j < count; j++) {
          const [low, high, other] = [lowest[j]!, highest[j]!, generatedRadii[j]!];
          if (low > radius && low > other) continue;
          const sure =
            (high < radius || low > radius) &&
            (high < other || low > other) &&
            (high < clipped || low > clipped);
          const d = sure ? low : exact(j);
          if (d <= radius) precise[j] = 1;
          if (d < radius) {
            crowding[j]!++;
            held++;
          }
          if (d <= clipped) {
            clippedCrowding[j]!++;
            heldClipped++;
          }
          if (d <= other) inSome = 1;
        }
        tally.recalled += inSome;
        tally.clippedHolding[i] = heldClipped;
        tally.covered += Math.min(held, 1);
        tally.filled += Math.min(held, tally.k);
      }
    },
    /** Keeps what was counted for `neighbourhoods` and `nearestReal` of these sets. */
    remember() {
      const pair = pairOf(generated, real);
      pair.nearest ??= { distance, reach };
      for (const {
        k,
        precise,
        recalled,
        crowding,
        covered,
        clippedCrowding,
        clippedHolding,
        filled,
      } of tallies)
        pair.balls.set(k, {
          precise: precise.reduce((sum, flag) => sum + flag, 0),
          ...{ recalled, crowding, covered, clippedCrowding, clippedHolding, filled },
        });
    },
  };
}

/** Neighbours kept of each point at least, so that another small k needs no new pass. */
const LEAST_DEPTH = DEFAULT_K;

/** How deep the lists of `count` points are made where `depth` is needed. */
export function keptDepth(count: number, depth: number): number {
  return Math.min(count - 1, Math.max(depth, LEAST_DEPTH));
}

/** Squared distance of each point to its k-th nearest other one, [count], from lists at least `depth` deep. */
export function nearestDistances(features: Features, depth: number, k: number): Float64Array {
  const { count } = features;
  assert(depth < count && k <= depth, `neighbour ${k} of ${depth} among ${count} points`);
  let held = heldLists(features, depth);
  if (!held) {
    const kept = keptDepth(count, depth);
    held = { depth: kept, distances: nearestLists(features, kept) };
    nearestOf.set(features, held);
  }
  const { depth: stride, distances } = held;
  return Float64Array.from({ length: count }, (_, i) => distances[i * stride + k - 1]!);
}

/** The `depth` smallest squared distances of each point to others, ascending, [count, depth]. */
function nearestLists(features: Features, depth: number): Float64Array {
  const lists = new Float64Array(features.count * depth).fill(Number.POSITIVE_INFINITY);
  const list = (point: number) => lists.subarray(point * depth, (point + 1) * depth);
  forEachDistanceWithin(features, (i, squared) => {
    const last = i * depth + depth - 1;
    for (let j = i + 1; j < squared.length; j++) {
      const distance = squared[j]!;
      if (distance < lists[last]!) keepNearest(list(i), distance);
      if (distance < lists[j * depth + depth - 1]!) keepNearest(list(j), distance);
    }
  });
  return lists;
}

/** Puts a distance into its place among the nearest so far, ascending, if it belongs there. */
export function keepNearest(nearest: Float64Array, distance: number): void {
  let at = nearest.length - 1;
  if (!(distance < nearest[at]!)) return;
  for (; at > 0 && nearest[at - 1]! > distance; at--) nearest[at] = nearest[at - 1]!;
  nearest[at] = distance;
}

/** Share of the real images whose nearest other real one is nearer than a near-duplicate may be. */
export const NEAR_DUPLICATE_QUANTILE = 0.01;

/**
 * Squared distance below which two images are near-duplicates: the 1% quantile of the distance of a real
 * image to its nearest other real one, as an order statistic (the ceil(n / 100)-th smallest).
 */
export function nearDuplicateDistance(real: Features): number {
  const nearest = nearestDistances(real, 1, 1).sort();
  return nearest[Math.ceil(NEAR_DUPLICATE_QUANTILE * real.count) - 1]!;
}

/** How many other points lie within the closed ball of that squared distance around each point, [count]. */
export function pointsWithin(features: Features, squaredRadius: number): Uint32Array {
  const known = withinOf.get(features)?.get(squaredRadius);
  if (known) return known.slice();
  const within = new Uint32Array(features.count);
  forEachDistanceWithin(features, (i, squared) => {
    for (let j = i + 1; j < squared.length; j++) {
      if (squared[j]! > squaredRadius) continue;
      within[i]!++;
      within[j]!++;
    }
  });
  return within;
}
