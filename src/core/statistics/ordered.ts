/** Whether values follow an order that was stated before: Page's test, in which every block counts by its own ranks. */
import { assert } from "../errors.ts";
import type { Numbers } from "./descriptive.ts";
import { normalCdf } from "./distributions.ts";
import { doubledRanks } from "./ranks.ts";

/** Values a block up to which the exact distribution is computed: 2^k subsets of ranks. */
const MOST_EXACT = 10;

export interface PageTest {
  /** Sum over blocks of column times rank, columns and ranks from 1, ties by their mean rank. */
  readonly l: number;
  /** One-sided: the chance of an L as small, if within a block every order of the values were equally likely. */
  readonly p: number;
  readonly method: "exact" | "normal";
}

/**
 * Page's test (1963, J. Am. Stat. Assoc. 58, 216-230) that values fall from the first column to the last, in blocks of k
 * >= 2 values that may differ in level and scale. Tie rule: equal values of a block share their mean rank, and the exact
 * distribution is that of these very ranks. Beyond 10 columns it is the normal one with the same mean and variance.
 */
export function pageTest(blocks: readonly Numbers[]): PageTest {
  const k = blocks[0]?.length ?? 0;
  assert(
    k >= 2 && blocks.every(({ length }) => length === k),
    "Page's test takes blocks of one size, 2 at least",
  );
  const ranks = blocks.map((values) => doubledRanks(Array.from(values)));
  const observed = ranks.reduce((sum, of) => sum + weighted(of), 0);
  const l = observed / 2;
  if (k > MOST_EXACT) return { l, p: normalP(ranks, observed), method: "normal" };
  const distribution = ranks.map(sumsOf).reduce(convolve);
  let p = 0;
  for (const [sum, probability] of distribution) if (sum <= observed) p += probability;
  return { l, p: Math.min(1, p), method: "exact" };
}

const weighted = (ranks: readonly number[]): number =>
  ranks.reduce((sum, rank, j) => sum + (j + 1) * rank, 0);

/** Probability of each sum of column times doubled rank, over all orders of a block's ranks. */
function sumsOf(ranks: readonly number[]): Map<number, number> {
  // by the set of ranks that the first columns have taken: orders of it by their sum
  let taken = new Map<number, Map<number, number>>([[0, new Map([[0, 1]])]]);
  for (let column = 1; column <= ranks.length; column++) {
    const next = new Map<number, Map<number, number>>();
    for (const [set, sums] of taken)
      ranks.forEach((rank, i) => {
        if (set & (1 << i)) return;
        const key = set | (1 << i);
        const into = next.get(key) ?? new Map<number, number>();
        for (const [sum, chance] of sums) {
          const to = sum + column * rank;
          into.set(to, (into.get(to) ?? 0) + chance / (ranks.length - column + 1));
        }
        next.set(key, into);
      });
    taken = next;
  }
  return [...taken.values()][0]!;
}

function convolve(a: Map<number, number>, b: Map<number, number>): Map<number, number> {
  const out = new Map<number, number>();
  for (const [x, p] of a) for (const [y, q] of b) out.set(x + y, (out.get(x + y) ?? 0) + p * q);
  return out;
}

/** With the mean and variance of a linear rank statistic under permutation, and a correction for continuity. */
function normalP(ranks: readonly (readonly number[])[], observed: number): number {
  const k = ranks[0]!.length;
  const squares = (values: readonly number[]) => {
    const centre = values.reduce((sum, x) => sum + x, 0) / k;
    return values.reduce((sum, x) => sum + (x - centre) ** 2, 0);
  };
  const columns = squares(Array.from({ length: k }, (_, j) => j + 1));
  const variance = ranks.reduce((sum, of) => sum + (columns * squares(of)) / (k - 1), 0);
  if (variance === 0) return 1;
  const centre = ranks.length * ((k * (k + 1)) / 2) * (k + 1); // doubled ranks have mean k + 1
  return normalCdf((observed + 1 - centre) / Math.sqrt(variance));
}
