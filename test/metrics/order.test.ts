import { describe, expect, test } from "vitest";
import { rng } from "../../src/core/rng.ts";
import { contentOrder, disjointParts, takeRows } from "../../src/metrics/order.ts";
import { features, mixture } from "./samples.ts";

const rowsOf = ({ data, count, width }: ReturnType<typeof features>) =>
  Array.from({ length: count }, (_, i) => [...data.subarray(i * width, (i + 1) * width)]);

describe("content order", () => {
  const set = mixture(rng(1), 200).features;

  test("is a permutation, the same rows in the same places whatever order they came in", () => {
    const order = contentOrder(set, 0);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i));
    const shuffled = takeRows(set, rng(2).permutation(200));
    expect(takeRows(shuffled, contentOrder(shuffled, 0))).toEqual(takeRows(set, order));
    expect(contentOrder(set, 1)).not.toEqual(order);
    expect(contentOrder(set, 2 ** 40)).not.toEqual(order);
  });

  test("spreads exact copies over the parts, and the parts together are the set", () => {
    const copies = features([...Array<number[]>(90).fill([1, 2]), ...rowsOf(features([[3, 4]]))]);
    const parts = disjointParts(copies, 3, 0);
    expect(parts.map(({ count }) => count)).toEqual([30, 30, 31]);
    expect(parts.flatMap(rowsOf).filter(([x]) => x === 3)).toHaveLength(1);
    // 30 rows of one value and 30 of another: neither is confined to one half
    const two = features(Array.from({ length: 60 }, (_, i) => [i % 2]));
    for (const half of disjointParts(two, 2, 0)) {
      const ones = half.data.reduce((sum, x) => sum + x, 0);
      expect(ones).toBeGreaterThan(7);
      expect(ones).toBeLessThan(23);
    }
  });

  test("does not sort: the first column's ranks and the places are unrelated", () => {
    const wide = mixture(rng(3), 4000).features;
    const placed = takeRows(wide, contentOrder(wide, 0));
    let early = 0;
    for (let i = 0; i < 2000; i++) early += placed.data[i * placed.width + 4]! / 2000; // standard normal
    expect(Math.abs(early)).toBeLessThan(4 / Math.sqrt(2000));
  });
});
