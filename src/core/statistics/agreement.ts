/** How far two orders of the same things agree. */
import { assert } from "../errors.ts";

/**
 * Kendall's tau-b (Kendall 1945): the pairs that both order alike minus those that they order against each other, over the
 * geometric mean of the pairs that each orders at all. 1 for one order, -1 for reversed ones; undefined where one of them
 * orders nothing.
 */
export function kendallTau(a: readonly number[], b: readonly number[]): number | undefined {
  assert(a.length === b.length, `${a.length} values against ${b.length}`);
  let [sum, ordered, orderedToo] = [0, 0, 0];
  for (let i = 0; i < a.length; i++)
    for (let j = 0; j < i; j++) {
      const [first, second] = [Math.sign(a[i]! - a[j]!), Math.sign(b[i]! - b[j]!)];
      sum += first * second;
      ordered += first * first;
      orderedToo += second * second;
    }
  return ordered === 0 || orderedToo === 0 ? undefined : sum / Math.sqrt(ordered * orderedToo);
}
