/**
 * What neighbourhoods.ts finds, to the bit, for sets too large for it: distances come enclosed from an engine, and
 * where a threshold lies inside the enclosure the distance is taken again in float64.
 */
import { assert } from "../core/errors.ts";
import type { Engine } from "../engine/contract.ts";
import { clippedAtMedian } from "./clipped-radii.ts";
import type { Features } from "./contract.ts";
import { type EnclosedDistances, encloseDistances, squaredDistance } from "./engine-distances.ts";
import {
  countAcross,
  heldLists,
  keepNearest,
  keptDepth,
  type NearestLists,
  nearDuplicateDistance,
  nearestDistances,
  rememberWithin,
} from "./neighbourhoods.ts";
import { heldSelfCrowding, rememberSelfCrowding } from "./self-crowding.ts";

/**
 * Finds all that the metrics of neighbours ask of `generated` and `real`, float64 [count, width] of at least two points
 * each, for each k of `ks` below both counts, and hands it to neighbourhoods.ts: for these very objects the metrics,
 * synchronous as ever, take it and give the values they would have given. The real set's own neighbours are found once,
 * however many sets it is compared with. Takes a float32 copy of the features and about 256 MiB at most besides.
 * `onProgress` counts blocks of distances.
 */
export async function prepareNeighbours(
  engine: Engine,
  generated: Features,
  real: Features,
  ks: readonly number[],
  onProgress?: (done: number, total: number) => void,
): Promise<void> {
  const [n, m] = [generated.count, real.count];
  assert(Math.min(n, m) >= 2, `neighbours between ${n} and ${m} points`);
  const usable = [...new Set(ks)].filter((k) => k < Math.min(n, m));
  const deepest = Math.max(1, ...usable);
  const known = heldLists(real, deepest);
  const crowded = usable.filter((k) => !heldSelfCrowding(real, k));

  let done = 0;
  const tick = () => onProgress?.(++done, total);
  const distances = await encloseDistances(engine, Math.max(n, m), real.width, tick);
  const total =
    distances.blocks(n, n) +
    distances.blocks(n, m) +
    (Number(!known) + Number(crowded.length > 0)) * distances.blocks(m, m);
  try {
    const ofReal = known ?? (await within(distances, real, deepest)).lists;
    rememberWithin(real, ofReal);
    if (crowded.length > 0) await crowd(distances, real, deepest, crowded);
    const squaredRadius = nearDuplicateDistance(real);
    const { lists, counts } = await within(distances, generated, deepest, squaredRadius);
    rememberWithin(generated, lists, { squaredRadius, counts });
    const count = countAcross(generated, real, usable);
    await distances.forEachRow(real, generated, (i, lowest, highest) =>
      count.add(i, lowest, highest, (j) => squaredDistance(real, i, generated, j)),
    );
    count.remember();
  } finally {
    distances.dispose();
  }
}

/** `selfCrowding` of the set for each of `ks`, whose lists are at least `depth` deep. */
async function crowd(distances: EnclosedDistances, real: Features, depth: number, ks: readonly number[]) {
  const { count } = real;
  const tallies = ks.map((k) => ({
    k,
    squaredRadii: clippedAtMedian(nearestDistances(real, depth, k)),
    counts: new Uint32Array(count),
  }));
  await distances.forEachRow(real, real, (i, lowest, highest) => {
    for (const { squaredRadii, counts } of tallies) {
      const radius = squaredRadii[i]!;
      for (let j = 0; j < count; j++) {
        if (j === i || lowest[j]! > radius) continue;
        if (highest[j]! <= radius || squaredDistance(real, i, real, j) <= radius) counts[j]!++;
      }
    }
  });
  for (const { k, counts } of tallies) rememberSelfCrowding(real, k, counts);
}

/** The nearest others of each point, and how many lie within its closed ball of that squared radius. */
async function within(
  distances: EnclosedDistances,
  features: Features,
  depth: number,
  squaredRadius = Number.NEGATIVE_INFINITY,
): Promise<{ lists: NearestLists; counts: Uint32Array }> {
  const { count } = features;
  const kept = keptDepth(count, depth);
  const lists = { depth: kept, distances: new Float64Array(count * kept).fill(Number.POSITIVE_INFINITY) };
  const counts = new Uint32Array(count);
  const bounds = new Float64Array(kept);
  await distances.forEachRow(features, features, (i, lowest, highest) => {
    const exact = (j: number) => squaredDistance(features, i, features, j);
    bounds.fill(Number.POSITIVE_INFINITY);
    for (let j = 0; j < count; j++) {
      if (j === i) continue;
      keepNearest(bounds, highest[j]!);
      if (highest[j]! < squaredRadius) counts[i]!++;
      else if (!(lowest[j]! > squaredRadius) && exact(j) <= squaredRadius) counts[i]!++;
    }
    const reach = bounds.at(-1)!; // as many as are asked for lie surely within: farther ones are not among them
    const nearest = lists.distances.subarray(i * kept, (i + 1) * kept);
    for (let j = 0; j < count; j++) if (j !== i && !(lowest[j]! > reach)) keepNearest(nearest, exact(j));
  });
  return { lists, counts };
}
