/** Made-up sets with known modes, and the golden sets, for the tests of this folder. */
import { readFileSync } from "node:fs";
import { type ByteImages, takeImages } from "../../src/core/images.ts";
import type { Rng } from "../../src/core/rng.ts";
import type { Features, Probabilities, Sample } from "../../src/metrics/contract.ts";
import { unbiasedMmd } from "../../src/metrics/kid.ts";
import { takeRows } from "../../src/metrics/order.ts";

export const MODES = 8;
const WIDTH = 6;

export function features(rows: readonly (readonly number[])[]): Features {
  return { data: Float64Array.from(rows.flat()), count: rows.length, width: rows[0]?.length ?? 0 };
}

export function probabilities(rows: readonly (readonly number[])[]): Probabilities {
  return { data: Float64Array.from(rows.flat()), count: rows.length, classes: rows[0]?.length ?? 0 };
}

/** Softmax over the modes of minus the distance to each mode's centre: clear near a centre, torn between two. */
function judged({ data, count, width }: Features): Probabilities {
  const rows = Array.from({ length: count }, (_, i) => {
    const row = data.subarray(i * width, (i + 1) * width);
    const powers = Array.from({ length: MODES }, (_, mode) => {
      let squares = 0;
      for (let bit = 0; bit < 3; bit++) squares += (row[bit]! - ((mode >> bit) & 1 ? 4 : -4)) ** 2;
      return Math.exp(-Math.sqrt(squares + row[5]! ** 2));
    });
    const total = powers.reduce((sum, power) => sum + power, 0);
    return powers.map((power) => power / total);
  });
  return probabilities(rows);
}

const EDGE = 14;

/** 14 x 14 pixels of three waves and a phase, their strengths and the brightness being the features. */
function painted({ data, count, width }: Features): ByteImages {
  const pixels = new Uint8Array(count * EDGE * EDGE);
  for (let i = 0; i < count; i++)
    for (let y = 0; y < EDGE; y++)
      for (let x = 0; x < EDGE; x++) {
        const f = (d: number) => data[i * width + d]!;
        const wave = f(0) * Math.sin(x / 2) + f(1) * Math.cos(y / 2) + f(2) * Math.sin((x + y) / 3 + f(3));
        pixels[(i * EDGE + y) * EDGE + x] = Math.max(0, Math.min(255, 128 + 8 * wave + 4 * f(5)));
      }
  return { data: pixels, count, height: EDGE, width: EDGE, channels: 1 };
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
  const features = { data, count, width: WIDTH };
  return { features, assignments, probabilities: judged(features), images: painted(features) };
}

/** The images at `indices`, copied. */
export function take(sample: Sample, indices: ArrayLike<number>): Sample {
  const { features: f, assignments, probabilities: p, images } = sample;
  const rowsOf = (data: Float64Array, width: number) =>
    Float64Array.from(Array.from(indices).flatMap((i) => [...data.subarray(i * width, (i + 1) * width)]));
  const count = indices.length;
  return {
    features: { data: rowsOf(f.data, f.width), count, width: f.width },
    assignments: assignments ? Array.from(indices, (i) => assignments[i]!) : undefined,
    probabilities: p ? { data: rowsOf(p.data, p.classes), count, classes: p.classes } : undefined,
    images: images ? takeImages(images, indices) : undefined,
  };
}

interface Neighbours {
  readonly precision: number;
  readonly recall: number;
}

interface VendiScores {
  readonly cosine_score_K: number;
  readonly cosine_score_K_q2: number;
  readonly cosine_score_K_qinf: number;
  readonly rbf_gamma_1_over_d_score_K: number;
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
    readonly authpct: number;
    readonly vendi_real: VendiScores;
    readonly vendi_fake: VendiScores;
  };
}

/** Cases of test/golden/<name>.json, whose `provenance` and `conventions` say where the numbers come from. */
export function golden<T>(name: string): T[] {
  return JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), "utf8")).cases;
}

/** KID of subsets, rows of each set by index: programs that average over subsets print the mean of these. */
export function kidOfSubsets(
  generated: Features,
  real: Features,
  subsets: readonly { readonly generated: ArrayLike<number>; readonly real: ArrayLike<number> }[],
): number[] {
  return subsets.map((s) => unbiasedMmd(takeRows(generated, s.generated), takeRows(real, s.real)).value);
}
