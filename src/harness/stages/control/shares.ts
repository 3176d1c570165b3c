/** Shares of images that a classifier gives the label that they should have. */
import { wilsonInterval } from "../../../core/statistics/index.ts";

/** Of every interval of this stage. */
export const CONFIDENCE = 0.95;

/** Share of the assignments that are what `labelOf` says, with its Wilson interval. */
export function shareMatching(assignments: ArrayLike<number>, labelOf: (index: number) => number) {
  const n = assignments.length;
  let right = 0;
  for (let i = 0; i < n; i++) if (assignments[i] === labelOf(i)) right++;
  return { value: right / n, ...wilsonInterval(right, n, CONFIDENCE), confidence: CONFIDENCE };
}
