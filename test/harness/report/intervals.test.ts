/** Intervals over seeds: exact without ties, cautious with them, and with bounds in place of numbers. */
import { describe, expect, it } from "vitest";
import {
  atLeast,
  pairedInterval,
  rangeInterval,
  shiftInterval,
} from "../../../src/harness/stages/readout/intervals.ts";

describe("the shift interval", () => {
  it("of 4 against 4 runs from the least to the largest difference and holds with 1 - 2/70", () => {
    const shift = shiftInterval([1, 2, 3, 4], [11, 12, 13, 17]);
    expect(shift).toMatchObject({ defined: true, low: 7, high: 16 });
    expect(shift.defined && shift.confidence).toBeCloseTo(1 - 2 / 70, 12);
    expect(shift.defined && shift.estimate).toBe(10); // the 8th and 9th of the 16 differences
  });

  it("of 5 against 5 leaves out the two outermost differences at either end: U below 3 has 4 of 252 orders", () => {
    const a = [0, 1, 2, 3, 4];
    const shift = shiftInterval(
      a,
      a.map((x) => x + 10),
    );
    // counts 1, 1, 2, 3, 5: 2 (1 + 1 + 2) / 252 = 0.032, and with U = 3 it were 0.056; differences are 6, 7, 7, 8, …
    expect(shift).toMatchObject({ low: 7, high: 13, estimate: 10 });
    expect(shift.defined && shift.confidence).toBeCloseTo(1 - 8 / 252, 12);
  });

  it("is not to be had from 3 against 3, and says what can carry it", () => {
    expect(shiftInterval([1, 2, 3], [7, 8, 9])).toEqual({
      defined: false,
      why: "3 against 3 seeds cannot carry a 95% interval; 4 against 4 can",
    });
    expect(shiftInterval([], [1]).defined).toBe(false);
  });

  /** In how many of the 70 ways to divide 8 values into two groups, all equally likely without a shift, 0 is inside. */
  const coveredOf70 = (values: readonly number[]) => {
    let covered = 0;
    for (let mask = 0; mask < 256; mask++) {
      const a = values.filter((_, i) => mask & (1 << i));
      if (a.length !== 4) continue;
      const shift = shiftInterval(
        a,
        values.filter((_, i) => !(mask & (1 << i))),
      );
      if (shift.defined && shift.low <= 0 && shift.high >= 0) covered++;
    }
    return covered;
  };

  it("inverts the exact test: 0 is outside in the 2 of 70 orders that the test rejects", () => {
    expect(coveredOf70([0.3, 1.1, 2.7, 3.2, 4.9, 5.3, 7.1, 9.4])).toBe(68);
  });

  it.each([
    ["half of them 1", [1, 1, 1, 1, 1.1, 1.2, 1.3, 1.4], 68],
    ["more than half of them 1", [1, 1, 1, 1, 1, 1.2, 1.3, 1.4], 70],
    ["two values alone", [0, 0, 0, 0, 1, 1, 1, 1], 68],
    ["pairs", [0, 0, 1, 1, 2, 2, 3, 3], 68],
    ["a tie across the middle", [0, 1, 2, 3, 3, 4, 5, 6], 70],
    ["all equal", [1, 1, 1, 1, 1, 1, 1, 1], 70],
  ] as const)(
    "holds with ties (%s) at least as often as it says, and says at least",
    (_, values, covered) => {
      expect(coveredOf70(values)).toBe(covered);
      expect(shiftInterval(values.slice(0, 4), values.slice(4))).toMatchObject({ defined: true, tied: true });
    },
  );

  it("takes a bound as a number in its lower end alone", () => {
    const [a, b] = [
      [1, 2, 3, 4],
      [11, 12, 13, 17],
    ];
    expect(shiftInterval(a, [...b.slice(0, 3), atLeast(17)])).toMatchObject({
      low: 7,
      high: Number.POSITIVE_INFINITY,
    });
    expect(shiftInterval([...a.slice(0, 3), atLeast(4)], b)).toMatchObject({
      low: Number.NEGATIVE_INFINITY,
      high: 16,
    });
    expect(shiftInterval(a, [...b.slice(0, 3), atLeast(17)])).not.toHaveProperty("estimate");
  });
});

describe("the paired interval", () => {
  it("needs 6 differences, and runs from the least to the largest", () => {
    expect(pairedInterval([1, 2, 3, 4, 5])).toMatchObject({
      defined: false,
      why: expect.stringMatching(/; 6 can$/),
    });
    expect(pairedInterval([])).toMatchObject({ defined: false, why: "no seed has both" });
    expect(pairedInterval([1, 2, 3, 4, 5, 7])).toEqual({
      defined: true,
      low: 1,
      high: 7,
      confidence: 1 - 2 / 64,
    });
    expect(pairedInterval([1, 2, 3, 4, 5, atLeast(7)])).toMatchObject({
      low: 1,
      high: Number.POSITIVE_INFINITY,
    });
    expect(pairedInterval([1, 1, 1, 1, 1, 1])).toMatchObject({ low: 1, high: 1, tied: true });
  });
});

describe("the range interval", () => {
  it("needs 6 values and holds with 1 - 2/64", () => {
    expect(rangeInterval([1, 2, 3, 4, 5]).defined).toBe(false);
    expect(rangeInterval([6, 1, 2, 3, 4, 9])).toEqual({
      defined: true,
      low: 1,
      high: 9,
      confidence: 1 - 2 / 64,
    });
  });
});
