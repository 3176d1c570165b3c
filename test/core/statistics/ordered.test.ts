import { describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import { pageTest } from "../../../src/core/statistics/index.ts";

/** Every order of these values. */
const orders = (values: readonly number[]): number[][] =>
  values.length < 2
    ? [[...values]]
    : values.flatMap((first, i) => orders(values.filter((_, j) => j !== i)).map((rest) => [first, ...rest]));

describe("Page's test", () => {
  it.each([
    // k, blocks, L at 5% and at 1% (Page 1963, table 2): large L there is a rise, which is a fall read backwards
    [3, 3, 41, 42],
    [3, 4, 54, 55],
    [3, 5, 66, 68],
    [4, 3, 84, 87],
  ])("has Page's critical values for %d columns and %d blocks", (k, blocks, five, one) => {
    const centre = (k * (k + 1) ** 2) / 4;
    const chances = new Map<number, number>();
    const all = orders(Array.from({ length: k }, (_, i) => i));
    /** p of each L that can be, from blocks made to have it. */
    const visit = (made: number[][], from: number) => {
      if (made.length === blocks) {
        const { l, p } = pageTest(made);
        chances.set(2 * blocks * centre - l, p); // the same distance on the other side
        return;
      }
      for (let i = from; i < all.length; i++) visit([...made, all[i]!], i);
    };
    visit([], 0);
    const atMost = (level: number) => Math.min(...[...chances].filter(([, p]) => p <= level).map(([l]) => l));
    expect([atMost(0.05), atMost(0.01)]).toEqual([five, one]);
  });

  it("is the share of orders with as small an L, ties by their mean rank", () => {
    const block = [3, 1, 1, 0];
    const l = (values: number[]) => pageTest([values]).l;
    const all = orders(block);
    const share = all.filter((order) => l(order) <= l(block)).length / all.length;
    expect(pageTest([block]).p).toBeCloseTo(share, 12);
    expect(l(block)).toBe(4 + 2 * 2.5 + 3 * 2.5 + 4);
    expect(
      pageTest([
        [1, 1],
        [1, 1],
      ]).p,
    ).toBe(1);
  });

  it("sees a fall, not a rise, and needs five blocks of two or four of three", () => {
    const fall = (k: number) => Array.from({ length: k }, (_, i) => 1 - i);
    expect(pageTest(Array.from({ length: 4 }, () => fall(2))).p).toBeCloseTo(1 / 16, 12);
    expect(pageTest(Array.from({ length: 5 }, () => fall(2))).p).toBeCloseTo(1 / 32, 12);
    expect(pageTest(Array.from({ length: 4 }, () => fall(3))).p).toBeCloseTo(6 ** -4, 12);
    expect(pageTest(Array.from({ length: 4 }, () => fall(3).toReversed())).p).toBeCloseTo(1, 12);
  });

  it("is nearly normal where the exact distribution is too large", () => {
    const blocks = (k: number) =>
      Array.from({ length: 4 }, (_, b) =>
        Array.from(rng(b).fillNormal(new Float64Array(k)), (x, i) => x - 0.1 * i),
      );
    expect(pageTest(blocks(11)).method).toBe("normal");
    const exact = pageTest(blocks(10));
    const twin = pageTest(blocks(10).map((block) => [...block, -100])); // one column more, always the least
    expect(exact.method).toBe("exact");
    expect(twin.p).toBeLessThan(exact.p);
  });
});
