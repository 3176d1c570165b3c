/** Which guidance weight is deployed: chosen on samples that are never reported, against images that only choose. */

/** What the samples that choose say of a weight. */
export interface Candidate {
  readonly guidance: number;
  readonly accuracy: number;
  /** Absent where it could not be computed. */
  readonly coverage?: number | undefined;
}

/** Coverage that guidance may cost: about one standard error of the difference of two coverages of 200 images. */
const COVERAGE_TOLERANCE = 0.05;

/**
 * The weight of the highest accuracy among those whose coverage is at least that of the lowest weight minus the tolerance;
 * of equals the lower. Undefined where there is nothing to choose from, or the lowest weight has no coverage.
 */
export function chosenWeight(candidates: readonly Candidate[]): number | undefined {
  const ascending = candidates.toSorted((a, b) => a.guidance - b.guidance);
  const floor = ascending[0]?.coverage;
  if (floor === undefined || ascending.length < 2) return undefined;
  const enough = ascending.filter(({ coverage }) => (coverage ?? 0) >= floor - COVERAGE_TOLERANCE);
  return enough.reduce((best, next) => (next.accuracy > best.accuracy ? next : best)).guidance;
}
