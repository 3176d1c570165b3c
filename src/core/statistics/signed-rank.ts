/** The shift of paired values: Hodges & Lehmann's estimate with Wilcoxon's interval (Wilcoxon 1945; Hodges & Lehmann 1963). */

import { assert } from "../errors.ts";
import { type Shift, shiftBetween } from "./mann-whitney.ts";
import { median, type Numbers } from "./summary.ts";

/**
 * Median of the means of all two differences (each with itself too), with the interval that the exact distribution of the
 * signed ranks cuts off; at most 60 differences. Five carry no 95% interval.
 */
export function pairedShift(differences: Numbers, confidence = 0.95): Shift {
  const n = differences.length;
  assert(n > 0 && n <= 60, `a paired shift of ${n} differences`);
  const walsh: number[] = [];
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) walsh.push((differences[i]! + differences[j]!) / 2);
  walsh.sort((x, y) => x - y);
  const shift = median(walsh);
  const counts = new Float64Array((n * (n + 1)) / 2 + 1); // subsets of 1..n by their sum
  counts[0] = 1;
  for (let rank = 1; rank <= n; rank++)
    for (let sum = counts.length - 1; sum >= rank; sum--) counts[sum]! += counts[sum - rank]!;
  const share = (1 - confidence) / 2 + 1e-12;
  let [cut, below] = [0, 0];
  while (below + counts[cut]! / 2 ** n <= share) below += counts[cut++]! / 2 ** n;
  return shiftBetween(walsh, shift, cut, below, `${n} pairs`, confidence);
}
