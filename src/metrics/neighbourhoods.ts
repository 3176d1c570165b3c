/**
 * The k-nearest-neighbour balls that precision, recall, density and coverage share. The ball of a point
 * reaches to its k-th nearest other point of its own set (duplicates count as neighbours). Distances are
 * squared throughout: the order is the same and no tie is made by a square root.
 */
import type { Features } from "./contract.ts";
import { forEachDistanceRow } from "./linalg/pairwise.ts";

export interface Neighbourhoods {
  /** Generated points within some closed real ball (<=). */
  readonly precise: number;
  /** Real points within some closed generated ball (<=). */
  readonly recalled: number;
  /** For each generated point the open real balls (<) that hold it, [generated.count]. */
  readonly crowding: Uint32Array;
  /** Real points whose open ball (<) holds a generated one. */
  readonly covered: number;
}

const radiiOf = new WeakMap<Features, Map<number, Float64Array>>();
const pairs = new WeakMap<Features, WeakMap<Features, Map<number, Neighbourhoods>>>();

/**
 * Computed once for two sets and k, and the radii once for a set and k, while the sets live: they are not
 * changed.
 */
export function neighbourhoods(generated: Features, real: Features, k: number): Neighbourhoods {
  const ofReal = remembered(pairs, real, () => new WeakMap<Features, Map<number, Neighbourhoods>>());
  const ofPair = remembered(ofReal, generated, () => new Map<number, Neighbourhoods>());
  return remembered(ofPair, k, () => compare(generated, real, k));
}

function compare(generated: Features, real: Features, k: number): Neighbourhoods {
  const realRadii = radii(real, k);
  const generatedRadii = radii(generated, k);
  const precise = new Uint8Array(generated.count);
  const crowding = new Uint32Array(generated.count);
  let recalled = 0;
  let covered = 0;
  forEachDistanceRow(real, generated, (i, squared) => {
    const radius = realRadii[i]!;
    let inSome = 0;
    let holdsSome = 0;
    for (let j = 0; j < squared.length; j++) {
      const distance = squared[j]!;
      if (distance <= radius) precise[j] = 1;
      if (distance < radius) {
        crowding[j]!++;
        holdsSome = 1;
      }
      if (distance <= generatedRadii[j]!) inSome = 1;
    }
    recalled += inSome;
    covered += holdsSome;
  });
  return { precise: precise.reduce((sum, flag) => sum + flag, 0), recalled, crowding, covered };
}

/** Squared distance of each point to its k-th nearest other one, [count]; more than k points are needed. */
function radii(features: Features, k: number): Float64Array {
  const ofSet = remembered(radiiOf, features, () => new Map<number, Float64Array>());
  return remembered(ofSet, k, () => {
    const result = new Float64Array(features.count);
    const nearest = new Float64Array(k); // ascending
    forEachDistanceRow(features, features, (i, squared) => {
      nearest.fill(Number.POSITIVE_INFINITY);
      for (let j = 0; j < squared.length; j++) {
        const distance = squared[j]!;
        if (j === i || distance >= nearest[k - 1]!) continue;
        let at = k - 1;
        for (; at > 0 && nearest[at - 1]! > distance; at--) nearest[at] = nearest[at - 1]!;
        nearest[at] = distance;
      }
      result[i] = nearest[k - 1]!;
    });
    return result;
  });
}

function remembered<K, V>(
  store: { get(key: K): V | undefined; set(key: K, value: V): unknown },
  key: K,
  make: () => V,
): V {
  const held = store.get(key);
  if (held !== undefined) return held;
  const made = make();
  store.set(key, made);
  return made;
}
