import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ByteImages, FloatImages } from "../../../src/core/images.ts";
import { resizeByArea } from "../../../src/harness/images/resize.ts";

const floats = (data: number[], height: number, width = height, channels = 1): FloatImages => ({
  data: Float32Array.from(data),
  count: data.length / (height * width * channels),
  height,
  width,
  channels,
});

const anyImages = fc
  .record({
    count: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 1, max: 13 }),
    width: fc.integer({ min: 1, max: 13 }),
    channels: fc.constantFrom(1, 3),
  })
  .chain((shape) => {
    const length = shape.count * shape.height * shape.width * shape.channels;
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((data): ByteImages => ({ ...shape, data }));
  });
const anySize = fc.integer({ min: 1, max: 17 });

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;

/** Area resampling from its definition, in floating point and one pixel at a time. */
function byDefinition(images: ByteImages, size: number, n: number, y: number, x: number, c: number): number {
  const { height, width, channels, data } = images;
  const share = (pixel: number, o: number, from: number) =>
    Math.max(0, Math.min(pixel + 1, ((o + 1) * from) / size) - Math.max(pixel, (o * from) / size)) *
    (size / from);
  let sum = 0;
  for (let iy = 0; iy < height; iy++)
    for (let ix = 0; ix < width; ix++)
      sum +=
        share(iy, y, height) * share(ix, x, width) * data[((n * height + iy) * width + ix) * channels + c]!;
  return sum;
}

describe("resizeByArea", () => {
  it("keeps a constant, to the bit, whatever the sizes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        anySize,
        fc.float({ min: -1, max: 1, noNaN: true }).map((value) => value + 0), // no -0
        (from, to, value) => {
          const resized = resizeByArea(floats(Array(from * from).fill(value), from), to);
          expect(resized.data).toEqual(new Float32Array(to * to).fill(value));
        },
      ),
    );
  });

  it("keeps the mean of every image", () => {
    fc.assert(
      fc.property(anyImages, anySize, (images, size) => {
        const resized = resizeByArea({ ...images, data: Float32Array.from(images.data) }, size);
        expect(mean(resized.data)).toBeCloseTo(mean(images.data), 4);
      }),
    );
  });

  it("gives back images that have the size", () => {
    const images = floats([0.1, 0.2, 0.3, 0.4], 2);
    expect(resizeByArea(images, 2)).toBe(images);
  });

  it("is the average over the pixel's area, rounded half up", () => {
    fc.assert(
      fc.property(anyImages, anySize, (images, size) => {
        const resized = resizeByArea(images, size);
        expect([resized.count, resized.height, resized.width, resized.channels]).toEqual([
          images.count,
          size,
          size,
          images.channels,
        ]);
        let i = 0;
        for (let n = 0; n < images.count; n++)
          for (let y = 0; y < size; y++)
            for (let x = 0; x < size; x++)
              for (let c = 0; c < images.channels; c++) {
                const off = Math.abs(resized.data[i++]! - byDefinition(images, size, n, y, x, c));
                expect(off).toBeLessThan(0.5 + 1e-9);
              }
      }),
      { numRuns: 50 },
    );
  });

  it("averages whole blocks exactly", () => {
    const data = Uint8Array.from({ length: 36 }, (_, i) => 7 * i);
    const resized = resizeByArea({ data, count: 1, height: 6, width: 6, channels: 1 }, 2);
    // Means of the 3x3 blocks of 0, 7, 14, ...: 7 * (6 * row + column) at the block's middle.
    expect([...resized.data]).toEqual([49, 70, 175, 196]);
  });

  it("rounds an exact half up at every factor", () => {
    for (const factor of [2, 6, 10, 12]) {
      const data = new Uint8Array(factor * factor).fill(1, 0, (factor * factor) / 2);
      expect(resizeByArea({ data, count: 1, height: factor, width: factor, channels: 1 }, 1).data[0]).toBe(1);
    }
  });

  it("weighs pixels by the part that is covered: 3 to 2", () => {
    // Output pixels are 1.5 wide: weights 2/3, 1/3 along each axis. (4*0 + 2*9 + 2*18 + 1*36) / 9 = 10.
    const image = floats([0, 9, 0, 18, 36, 0, 0, 0, 0], 3);
    expect([...resizeByArea(image, 2).data]).toEqual([10, 6, 8, 4]);
  });

  it("repeats pixels when the factor is a whole number up", () => {
    const resized = resizeByArea(floats([1, 2, 3, 4], 2), 4);
    expect([...resized.data]).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
  });

  it("leaves a down-scaled enlargement as it was", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 25, maxLength: 25 }),
        fc.integer({ min: 2, max: 4 }),
        (data, k) => {
          const images: ByteImages = { data, count: 1, height: 5, width: 5, channels: 1 };
          expect(resizeByArea(resizeByArea(images, 5 * k), 5).data).toEqual(data);
        },
      ),
    );
  });
});
