/** How real images lie in each other's clipped balls: the scale of clipped density. */
import { clippedAtMedian } from "./clipped-radii.ts";
import type { Features } from "./contract.ts";
import { forEachDistanceWithin } from "./linalg/pairwise.ts";
import { nearestDistances } from "./neighbourhoods.ts";

const held = new WeakMap<Features, Map<number, Uint32Array>>();

/**
 * For each point the closed balls (<=) of other points of its set that hold it, [count]. A point's ball reaches to its
 * k-th nearest other point, and no farther than the median ball. Computed once for a set while it lives.
 */
export function selfCrowding(features: Features, k: number): Uint32Array {
  const known = heldSelfCrowding(features, k);
  if (known) return known;
  const squaredRadii = clippedAtMedian(nearestDistances(features, k, k));
  const counts = new Uint32Array(features.count);
  forEachDistanceWithin(features, (i, squared) => {
    const radius = squaredRadii[i]!;
    for (let j = i + 1; j < squared.length; j++) {
      const distance = squared[j]!;
      if (distance <= radius) counts[j]!++;
      if (distance <= squaredRadii[j]!) counts[i]!++;
    }
  });
  rememberSelfCrowding(features, k, counts);
  return counts;
}

export const heldSelfCrowding = (features: Features, k: number): Uint32Array | undefined =>
  held.get(features)?.get(k);

/** Hands in what `selfCrowding` would compute. */
export function rememberSelfCrowding(features: Features, k: number, counts: Uint32Array): void {
  const ofSet = held.get(features) ?? new Map<number, Uint32Array>();
  held.set(features, ofSet.set(k, counts));
}
