import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LABEL_HEIGHT, placeLabels, spread } from "../../../src/harness/report/charts/label-places.ts";

const pixels = fc.array(fc.double({ min: 0, max: 260, noNaN: true }), { maxLength: 16 });

describe("Spread positions", () => {
  it("stay where they are when they are far enough apart", () => {
    expect(spread([10, 40, 90], 16, [8, 252])).toEqual([10, 40, 90]);
  });

  it("share the way that they must go", () => {
    expect(spread([100, 100], 16, [8, 252])).toEqual([92, 108]);
    expect(spread([100, 101, 102], 16, [8, 252])).toEqual([85, 101, 117]);
    expect(spread([0, 0, 100], 16, [8, 252])).toEqual([8, 24, 100]);
    expect(spread([259, 260], 16, [8, 252])).toEqual([236, 252]);
  });

  it("ascend by a gap or more, within the bounds", () => {
    fc.assert(
      fc.property(pixels, (wanted) => {
        const placed = spread(
          wanted.toSorted((a, b) => a - b),
          16,
          [8, 252],
        );
        for (const [i, y] of placed.entries()) {
          expect(y).toBeGreaterThanOrEqual(8 - 1e-9);
          expect(y).toBeLessThanOrEqual(252 + 1e-9);
          if (i > 0) expect(y - placed[i - 1]!).toBeGreaterThanOrEqual(16 - 1e-9);
        }
      }),
    );
  });
});

describe("Names of horizontal lines", () => {
  const side = fc.constantFrom("left" as const, "right" as const);
  const name = fc.record({
    y: fc.double({ min: 0, max: 260, noNaN: true }),
    length: fc.integer({ min: 1, max: 40 }),
    side,
  });

  it("never cover one another", () => {
    fc.assert(
      fc.property(fc.array(name, { maxLength: 40 }), (wanted) => {
        const placed = placeLabels(wanted, 260);
        const drawn = placed.flatMap((place, i) => (place ? [{ ...place, length: wanted[i]!.length }] : []));
        for (const [i, a] of drawn.entries())
          for (const b of drawn.slice(i + 1)) {
            const above = Math.abs(a.y - b.y) >= LABEL_HEIGHT - 1e-9;
            expect(above || (a.side !== b.side && a.length + b.length <= 34)).toBe(true);
          }
        expect(drawn.length).toBeGreaterThanOrEqual(Math.min(wanted.length, 16));
      }),
    );
  });

  it("stand in the order of their lines, just above where there is room", () => {
    const one = (y: number) => ({ y, length: 12, side: "right" as const });
    const placed = placeLabels([one(101), one(99), one(100), one(200)], 260);
    expect(placed.map((place) => place!.y)).toEqual([108, 76, 92, 192]);
  });

  it("stand on one side where they are too long to stand opposite each other", () => {
    const placed = placeLabels(
      [
        { y: 50, length: 30, side: "left" },
        { y: 50, length: 30, side: "right" },
      ],
      260,
    );
    expect(placed).toEqual([
      { side: "right", y: 34 },
      { side: "right", y: 50 },
    ]);
  });
});
