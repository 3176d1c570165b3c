/** What the numbers mean: the floor (real images) and the ceiling (noise) of every metric at the same n. */
import { derived, type View } from "../../tables/index.ts";
import { type QualityPoint, qualityPoint } from "../diversity/tables.ts";

export interface Anchors {
  readonly n: number;
  /** Real images against the same reference: no model can be expected below. */
  readonly floor: QualityPoint;
  /** Noise images: what knowing nothing scores. */
  readonly ceiling: QualityPoint;
}

const allAnchors = derived((view: View): Anchors[] =>
  view.records("anchors").map(({ n, real, noise }) => ({
    n,
    floor: qualityPoint("real", [{ seed: 0, quality: real }]),
    ceiling: qualityPoint("noise", [{ seed: 0, quality: noise }]),
  })),
);

/** Floor and ceiling at `n` images; undefined where none was measured at that n, since these values depend on it. */
export const anchorsAt = (view: View, n: number | undefined): Anchors | undefined =>
  allAnchors(view).find((anchors) => anchors.n === n);
