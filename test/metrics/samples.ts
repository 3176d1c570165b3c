/** Made-up sets with known modes, and the golden sets, for the tests of this folder. */
import { readFileSync } from "node:fs";
import type { Rng } from "../../src/core/rng.ts";
import type { Features, Sample } from "../../src/metrics/contract.ts";

export const MODES = 8;
const WIDTH = 6;

export function features(rows: readonly (readonly number[])[]): Features {
  return { data: Float64Array.from(rows.flat()), count: rows.length, width: rows[0]?.length ?? 0 };
}

/**
 * Images of a mixture of eight well separated normal modes, with their true modes: `spread` is the sd within
 * a mode, `dropped` the share of modes left out, `shift` how far aside all of them lie.
 */
export function mixture(
  stream: Rng,
  count: number,
  { shift = 0, dropped = 0, spread = 1 }: { shift?: number; dropped?: number; spread?: number } = {},
): Sample {
  const kept = Math.max(1, Math.round(MODES * (1 - dropped)));
  const data = stream.fillNormal(new Float64Array(count * WIDTH));
  const assignments = new Uint16Array(count);
  for (let i = 0; i < count; i++) {
    const mode = stream.integer(kept);
    assignments[i] = mode;
    for (let d = 0; d < WIDTH; d++) data[i * WIDTH + d]! *= spread;
    for (let bit = 0; bit < 3; bit++) data[i * WIDTH + bit]! += (mode >> bit) & 1 ? 4 : -4;
    data[i * WIDTH + 5]! += shift;
  }
  return { features: { data, count, width: WIDTH }, assignments };
}

/** The images at `indices`, copied. */
export function take({ features: f, assignments }: Sample, indices: ArrayLike<number>): Sample {
  const order = Array.from(indices);
  const rows = order.map((i) => Array.from(f.data.subarray(i * f.width, (i + 1) * f.width)));
  return {
    features: { data: Float64Array.from(rows.flat()), count: order.length, width: f.width },
    ...(assignments && { assignments: order.map((i) => assignments[i]!) }),
  };
}

interface Neighbours {
  readonly precision: number;
  readonly recall: number;
}

export interface GoldenCase {
  readonly name: string;
  readonly inputs: {
    readonly real: number[][];
    readonly fake: number[][];
    readonly kid_subset_indices_fake?: number[][];
    readonly kid_subset_indices_real?: number[][];
  };
  readonly expected: {
    readonly fid_symmetric_eig_crosscheck: number;
    readonly fid_mean_term: number;
    readonly kid_full_unbiased: number;
    readonly kid_subset_values?: number[];
    readonly kid_subsets_mean?: number;
    readonly prdc_k3: Neighbours & { density: number; coverage: number };
    readonly prdc_k5: Neighbours & { density: number; coverage: number };
    readonly torch_fidelity_prc_k3: Neighbours;
    readonly torch_fidelity_prc_k5: Neighbours;
  };
}

/** Cases of test/golden/<name>.json, whose `provenance` and `conventions` say where the numbers come from. */
export function golden<T>(name: string): T[] {
  return JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), "utf8")).cases;
}
