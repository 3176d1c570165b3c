import fc from "fast-check";
import { decode } from "fast-png";
import { describe, expect, it } from "vitest";
import { InternalError } from "../../../src/core/errors.ts";
import type { ByteImages } from "../../../src/core/images.ts";
import { encodePng, grid } from "../../../src/harness/images/png.ts";

const picture = fc
  .record({
    height: fc.integer({ min: 1, max: 9 }),
    width: fc.integer({ min: 1, max: 9 }),
    channels: fc.constantFrom(1, 3),
  })
  .chain((shape) => {
    const length = shape.height * shape.width * shape.channels;
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((data): ByteImages => ({ ...shape, count: 1, data }));
  });

describe("encodePng", () => {
  it("is undone by a decoder, in grey and in RGB", () => {
    fc.assert(
      fc.property(picture, (image) => {
        const { width, height, channels, depth, data } = decode(encodePng(image), { checkCrc: true });
        expect({ width, height, channels, depth }).toEqual({
          width: image.width,
          height: image.height,
          channels: image.channels,
          depth: 8,
        });
        expect(new Uint8Array(data)).toEqual(image.data);
      }),
    );
  });

  it("gives the same bytes for the same pixels", () => {
    const image = { data: new Uint8Array(48).map((_, i) => i), count: 1, height: 4, width: 4, channels: 3 };
    expect(encodePng(image)).toEqual(encodePng({ ...image, data: image.data.slice() }));
  });

  it("refuses several pictures", () => {
    const two = { data: new Uint8Array(2), count: 2, height: 1, width: 1, channels: 1 };
    expect(() => encodePng(two)).toThrow(InternalError);
  });
});

describe("grid", () => {
  const three: ByteImages = {
    data: Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
    count: 3,
    height: 2,
    width: 2,
    channels: 1,
  };

  it("lays images out row by row, with gaps between and empty cells in the gap's grey", () => {
    const { data, height, width, count } = grid(three, 2);
    expect([count, height, width]).toEqual([1, 5, 5]);
    const g = 64;
    expect([...data]).toEqual([
      ...[1, 2, g, 5, 6],
      ...[3, 4, g, 7, 8],
      ...[g, g, g, g, g],
      ...[9, 10, g, g, g],
      ...[11, 12, g, g, g],
    ]);
  });

  it("keeps a single image as it is, all channels", () => {
    const rgb = { data: Uint8Array.from([1, 2, 3, 4, 5, 6]), count: 1, height: 1, width: 2, channels: 3 };
    expect(grid(rgb, 1)).toEqual(rgb);
  });
});
