import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { featuresOf, imagesOf } from "../../../src/harness/evaluate/arrays.ts";
import type { NpyArray } from "../../../src/harness/evaluate/npy.ts";

const floats = (shape: number[], ...values: number[]): NpyArray => ({
  shape,
  dtype: "float32",
  data: Float32Array.from(values),
});

describe("images of an array", () => {
  it("are its bytes where it is uint8, with a channel where it has none", () => {
    const data = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const { images, range } = imagesOf({ shape: [1, 2, 3], dtype: "uint8", data }, "x");
    expect({ images, range }).toEqual({
      images: { data, count: 1, height: 2, width: 3, channels: 1 },
      range: "uint8",
    });
  });

  it("come back from floats in either range, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 3, maxLength: 30 }), (bytes) => {
        const data = Uint8Array.from([0, 255, ...bytes]); // both ends, so that the range shows
        const shape = [data.length, 1, 1];
        const unit = { shape, dtype: "float32" as const, data: Float32Array.from(data, (x) => x / 255) };
        const signed = { ...unit, data: Float32Array.from(data, (x) => x / 127.5 - 1) };
        expect(imagesOf(unit, "x")).toMatchObject({ images: { data }, range: "float in [0, 1]" });
        expect(imagesOf(signed, "x")).toMatchObject({ images: { data }, range: "float in [-1, 1]" });
      }),
    );
  });

  it("are grey where red, green and blue are equal everywhere", () => {
    const grey = { shape: [2, 1, 1, 3], dtype: "uint8" as const, data: Uint8Array.of(5, 5, 5, 9, 9, 9) };
    expect(imagesOf(grey, "x").images).toMatchObject({ channels: 1, data: Uint8Array.of(5, 9) });
    const red = { ...grey, data: Uint8Array.of(5, 5, 5, 9, 0, 0) };
    expect(imagesOf(red, "x").images).toMatchObject({ channels: 3, data: red.data });
  });

  it.each([
    ["a range of bytes", floats([2, 1, 1], 0, 255), "holds floats from 0 to 255"],
    [
      "an overshoot that may be either range",
      floats([2, 1, 1], -0.25, 1),
      "may be [0, 1] overshot or [-1, 1]",
    ],
    ["NaN", floats([2, 1, 2], 0, 1, 0, Number.NaN), "holds NaN at [1, 0, 1]"],
    ["infinity", floats([1, 1, 1], Number.NEGATIVE_INFINITY), "holds -Infinity at [0, 0, 0]"],
    ["a table", floats([2, 2], 0, 0, 0, 0), "give --features none"],
    ["channels first", floats([1, 3, 2, 2], ...Array(12).fill(0)), "numpy.moveaxis(images, 1, -1)"],
    ["four channels", floats([1, 2, 2, 4], ...Array(16).fill(0)), "1 or 3 channels"],
    ["five axes", floats([1, 1, 1, 1, 1], 0), "[n, height, width, channels]"],
    ["no pixels", floats([1, 0, 2]), "at least one pixel"],
  ])("refuse %s", (_, array, says) => {
    expect(() => imagesOf(array, "x.npy")).toThrow(says);
    expect(() => imagesOf(array, "x.npy")).toThrow(/^x\.npy: /);
  });
});

describe("features of an array", () => {
  it("are its values as float64", () => {
    expect(featuresOf(floats([2, 3], 1, 2, 3, 4, 5, 6), "x")).toEqual({
      data: Float64Array.of(1, 2, 3, 4, 5, 6),
      count: 2,
      width: 3,
    });
  });

  it.each([
    ["bytes", { shape: [1, 1], dtype: "uint8" as const, data: Uint8Array.of(1) }, "holds uint8"],
    ["images", floats([1, 1, 1], 0), "[n, width]"],
    ["NaN", floats([2, 2], 0, 0, Number.NaN, 0), "holds NaN at [1, 0]"],
  ])("refuse %s", (_, array, says) => {
    expect(() => featuresOf(array, "x.npy")).toThrow(says);
  });
});
