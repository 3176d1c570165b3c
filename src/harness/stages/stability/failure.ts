/**
 * Whether a training failed, from its final images: they are too bad, or too few modes are among them. Divergence alone
 * would call pure noise a usable model, and a mode that counts with a single image is reached by pure noise too.
 */
import { type ByteImages, noiseLike } from "../../../core/images.ts";
import type { Dataset } from "../../datasets/contract.ts";
import type { Collapse, Quality, QualityBound, StabilityRecord } from "../../record/index.ts";
import { targetsOf } from "../shared/judge.ts";
import { metricOf, NOT_SAMPLED } from "../shared/quality.ts";
import type { Scoring } from "../shared/scoring.ts";
import { floorImages } from "../shared/sets.ts";
import type { StabilityOptions } from "./options.ts";

/**
 * A training has failed where its images lie at least `share` of the way from real images to noise. The way is measured
 * in the distance whose square FID is (Dowson & Landau 1982; Heusel et al. 2017, arXiv:1706.08500, eq. 6): at 0.5, images
 * nearer to noise than to real ones have failed. All three FIDs have one reference and one n; `floor` is that of other
 * real images, `noise` that of noise, both >= 0.
 */
export function qualityBound(
  fid: number,
  { floor, noise }: { readonly floor: number; readonly noise: number },
  share: number,
): QualityBound {
  const [near, far] = [floor, noise].map((value) => Math.sqrt(Math.max(0, value)));
  const worst = (near! + share * (far! - near!)) ** 2;
  return { metric: "fid", value: fid, floor, noise, share, worst, exceeded: fid >= worst };
}

export interface ModeRule {
  /** Probability of each mode in the real distribution. */
  readonly shares: readonly number[];
  /** A mode is reached with at least this share of the images that a sampler of the real distribution makes of it. */
  readonly modeShare: number;
  /** Collapsed below this share of the modes that as many real images reach. */
  readonly collapseBelow: number;
}

/** Modes of which there are enough among these images; a mode without probability cannot be reached. */
export function modesHeld(
  counts: readonly number[],
  { shares, modeShare }: Pick<ModeRule, "shares" | "modeShare">,
): number {
  const n = counts.reduce((sum, count) => sum + count, 0);
  return counts.filter((count, mode) => count > 0 && count >= modeShare * n * shares[mode]!).length;
}

/** Whether modes were lost: fewer are held than `collapseBelow` times those that as many real images hold. */
export function collapseOf(
  counts: readonly number[],
  realCounts: readonly number[],
  rule: ModeRule,
): Collapse {
  const [modes, realModes] = [modesHeld(counts, rule), modesHeld(realCounts, rule)];
  const { modeShare, collapseBelow: threshold } = rule;
  return { modes, realModes, threshold, modeShare, collapsed: modes < threshold * realModes };
}

/** Probability of each of the modes among these labels. */
export function modeShares(labels: ArrayLike<number>, modes: number): number[] {
  const shares = Array<number>(modes).fill(0);
  for (let i = 0; i < labels.length; i++) shares[labels[i]!]! += 1 / labels.length;
  return shares;
}

interface Extremes {
  readonly real: Quality;
  readonly noise: Quality;
}

/** n real images beside the reference, and as much noise, scored as samples are: what a final quality lies between. */
export async function extremes(
  scoring: Pick<Scoring, "judge" | "quality">,
  dataset: Dataset,
  n: number,
  seed: number,
): Promise<Extremes> {
  const floor = floorImages(dataset, n);
  const of = async (images: ByteImages) =>
    scoring.quality(await scoring.judge(images), NOT_SAMPLED, { metrics: ["fid"] });
  return { real: await of(floor), noise: await of(noiseLike(floor, seed)) };
}

/** Whether images of this quality have failed, by their distance and, where a judge tells modes apart, by their modes. */
export function failureOf(
  { real, noise }: Extremes,
  final: Quality,
  dataset: Dataset,
  {
    collapseBelow,
    modeShare,
    qualityBound: share,
  }: Pick<StabilityOptions, "collapseBelow" | "modeShare" | "qualityBound">,
): Pick<StabilityRecord, "collapse" | "bound"> & { readonly bound: QualityBound } {
  const { labels, names } = targetsOf(dataset, dataset.train);
  const rule = { shares: modeShares(labels, names.length), modeShare, collapseBelow };
  const [floor, worst] = [real, noise].map((quality) => metricOf(quality, "fid"));
  return {
    collapse: final.modeCounts.length > 0 ? collapseOf(final.modeCounts, real.modeCounts, rule) : undefined,
    bound: qualityBound(metricOf(final, "fid"), { floor: floor!, noise: worst! }, share),
  };
}
