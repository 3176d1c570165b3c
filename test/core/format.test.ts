import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatApart, formatMs, formatNumber } from "../../src/core/format.ts";

/** What a reader enters who copies a printed number. */
const read = (text: string) => Number(text.replaceAll(",", ""));

/** Of every size, either sign. */
const numbers = fc
  .tuple(fc.double({ min: 1, max: 10, noNaN: true }), fc.integer({ min: -12, max: 12 }), fc.boolean())
  .map(([digits, exponent, negative]) => (negative ? -1 : 1) * digits * 10 ** exponent);

describe("formatNumber", () => {
  it.each([
    [0, "0"],
    [0.01234, "0.0123"],
    [12.34, "12.3"],
    [1234.5, "1,235"],
    [4.51e-7, "4.5e-7"],
  ])("writes %d as %s", (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it("rounds up to what is no less and down to what is no more, within a unit of the last digit", () => {
    fc.assert(
      fc.property(numbers, (value) => {
        const [up, down] = [read(formatNumber(value, 3, "up")), read(formatNumber(value, 3, "down"))];
        expect(up).toBeGreaterThanOrEqual(value);
        expect(down).toBeLessThanOrEqual(value);
        expect(up - down).toBeLessThan(0.101 * Math.abs(value));
        expect([up, down]).toContain(read(formatNumber(value)));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [27.731, "27.8", "27.7"],
    [99.96, "100", "99.9"],
    [1234.2, "1,235", "1,234"],
    [-0.12345, "-0.123", "-0.124"],
    [0.86, "0.86", "0.86"],
    [4.56e-7, "4.6e-7", "4.5e-7"],
  ])("of %d is %s up and %s down", (value, up, down) => {
    expect([formatNumber(value, 3, "up"), formatNumber(value, 3, "down")]).toEqual([up, down]);
  });
});

it("formatApart takes as many digits as tell two numbers apart", () => {
  expect(formatApart(27.731, 27.7)).toEqual(["27.73", "27.7"]);
  expect(formatApart(12, 20)).toEqual(["12", "20"]);
  expect(formatApart(3, 3)).toEqual(["3", "3"]);
});

it("formatMs rounds a bound in the unit that it is printed in", () => {
  expect(formatMs(1234.5, "up")).toBe("1.24\u00a0s");
  expect(formatMs(1234.5, "down")).toBe("1.23\u00a0s");
  expect(formatMs(12.34)).toBe("12.3\u00a0ms");
});
