import { describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import { pairedShift } from "../../../src/core/statistics/index.ts";

/** Two-sided p of Wilcoxon's signed-rank statistic over all 2^n signs. */
function wilcoxonByEnumeration(differences: readonly number[]): number {
  const n = differences.length;
  const order = [...differences].sort((a, b) => Math.abs(a) - Math.abs(b));
  const statistic = (isPositive: (i: number) => boolean) =>
    order.reduce((sum, _, i) => sum + (isPositive(i) ? i + 1 : 0), 0);
  const middle = (n * (n + 1)) / 4;
  const observed = Math.abs(statistic((i) => order[i]! > 0) - middle);
  let extreme = 0;
  for (let signs = 0; signs < 2 ** n; signs++)
    if (Math.abs(statistic((i) => ((signs >> i) & 1) === 1) - middle) >= observed) extreme++;
  return extreme / 2 ** n;
}

describe("the shift of pairs", () => {
  it("of the depression scores of Hollander & Wolfe's example 3.1 is their estimate and 96% interval", () => {
    const before = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
    const after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
    const { shift, interval } = pairedShift(after.map((y, i) => y - before[i]!));
    expect(shift).toBeCloseTo(-0.46, 10);
    expect(interval.defined && [interval.low, interval.high, interval.confidence]).toEqual(
      [-0.786, -0.01, 1 - 2 * (10 / 512)].map((x) => expect.closeTo(x, 10)),
    );
  });

  it("has an interval that excludes 0 just where Wilcoxon's test rejects", () => {
    const stream = rng(6);
    const seen = new Set<boolean>();
    for (let i = 0; i < 200; i++) {
      const differences = Array.from({ length: 6 + (i % 5) }, () => stream.normal() + (i % 3) * 0.7);
      const { interval } = pairedShift(differences, 0.95);
      expect(interval.defined).toBe(true);
      if (!interval.defined) continue;
      const excludes = interval.low > 0 || interval.high < 0;
      expect(excludes).toBe(wilcoxonByEnumeration(differences) <= 0.05);
      seen.add(excludes);
    }
    expect(seen.size).toBe(2);
  });

  it("moves with the differences, mirrors with them, and five carry no 95% interval", () => {
    const differences = [1, 4, 2, 8, 5, 7];
    const { shift, interval } = pairedShift(differences);
    const moved = pairedShift(differences.map((x) => 3 - x));
    expect(moved.shift).toBeCloseTo(3 - shift, 12);
    expect(moved.interval).toMatchObject(
      interval.defined ? { low: 3 - interval.high, high: 3 - interval.low } : {},
    );
    expect(pairedShift([1, 2, 3, 4, 5]).interval).toEqual({
      defined: false,
      why: "5 pairs carry no interval at 95%",
    });
  });
});
