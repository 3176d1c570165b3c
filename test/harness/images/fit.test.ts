import { describe, expect, it } from "vitest";
import { COLOUR, overBackground, parseColour, squared } from "../../../src/harness/images/fit.ts";

/** Red holds the column and green the row. */
const oblong = (width: number, height: number) => ({
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return [pixel % width, Math.floor(pixel / width), 7][i % 3]!;
  }),
  count: 1,
  height,
  width,
  channels: 3,
});

const pixel = ({ data, width }: { data: Uint8Array | Float32Array; width: number }, x: number, y: number) => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

describe("an oblong picture made square", () => {
  it.each([
    [7, 3],
    [3, 7],
    [4, 4],
  ])("%d x %d: cover takes the middle, contain keeps every pixel between margins", (width, height) => {
    const picture = oblong(width, height);
    const cut = squared(picture);
    expect([cut.width, cut.height]).toEqual([Math.min(width, height), Math.min(width, height)]);
    expect(pixel(cut, 0, 0)).toEqual([width > height ? 2 : 0, height > width ? 2 : 0, 7]);
    const whole = squared(picture, { fit: "contain", background: [1, 2, 255] });
    expect(whole.data.filter((value, i) => i % 3 === 2 && value === 7)).toHaveLength(width * height);
    if (width !== height) expect(pixel(whole, 0, 0)).toEqual([1, 2, 255]);
    expect(
      pixel(whole, width > height ? 6 : 4 - (width === 4 ? 1 : 0), height > width ? 6 : width === 4 ? 3 : 4),
    ).toEqual([width - 1, height - 1, 7]);
  });
});

describe("alpha", () => {
  it("is the share of the picture over the background, rounded half up", () => {
    const { data, transparent } = overBackground(
      Uint8Array.of(200, 100, 0, 51, 9, 9, 9, 255),
      4,
      [0, 255, 255],
    );
    expect([...data]).toEqual([40, 224, 204, 9, 9, 9]); // a fifth of 200, 100 and 0
    expect(transparent).toBe(true);
    expect(overBackground(Uint8Array.of(5, 255), 2)).toEqual({
      data: Uint8Array.of(5, 5, 5),
      transparent: false,
    });
    expect([...overBackground(Uint8Array.of(0, 0), 2).data]).toEqual([255, 255, 255]); // white
  });

  it("knows colours by name and by number", () => {
    expect([parseColour("black"), parseColour("#0a0BfF")]).toEqual([
      [0, 0, 0],
      [10, 11, 255],
    ]);
    for (const wrong of ["red", "#fff", "0a0bff", "#0a0bfg"]) expect(COLOUR.test(wrong)).toBe(false);
  });
});
