import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BenchError } from "../../../src/core/errors.ts";
import { type IdxArray, type IdxKind, parseIdx } from "../../../src/harness/datasets/idx.ts";
import { encodeIdx } from "./fixtures.ts";

const images = encodeIdx([2, 3, 3], new Uint8Array(18).fill(9));
const labels = encodeIdx([4], Uint8Array.of(3, 1, 4, 1));

/** The array, or the refusal's message; anything else thrown is a bug. */
function attempt(bytes: Uint8Array, kind: IdxKind): IdxArray | string {
  try {
    return parseIdx(bytes, kind, "some-file");
  } catch (error) {
    if (error instanceof BenchError && error.code === "BAD_DATA") return error.message;
    throw error;
  }
}

const anyImages = fc
  .tuple(
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 1, max: 4 }),
    fc.infiniteStream(fc.nat(255)),
  )
  .map(([n, h, w, values]) => {
    const data = Uint8Array.from({ length: n * h * w }, () => values.next().value as number);
    return { dimensions: [n, h, w], data };
  });

describe("parseIdx", () => {
  it("gives back what was encoded, raw and gzipped", () => {
    fc.assert(
      fc.property(anyImages, fc.boolean(), ({ dimensions, data }, packed) => {
        const bytes = encodeIdx(dimensions, data);
        const parsed = parseIdx(packed ? gzipSync(bytes) : bytes, "images", "some-file");
        expect(parsed.dimensions).toEqual(dimensions);
        expect(parsed.data).toStrictEqual(data); // a plain Uint8Array, no Buffer
      }),
    );
    expect([...parseIdx(labels, "labels", "some-file").data]).toEqual([3, 1, 4, 1]);
  });

  it("refuses every truncation, raw and gzipped", () => {
    for (const whole of [images, gzipSync(images)])
      for (let length = 0; length < whole.length; length++)
        expect(attempt(whole.subarray(0, length), "images"), `${length} bytes`).toMatch(/^some-file: /);
  });

  it("refuses any changed header byte, unless the same values fit the new sizes", () => {
    fc.assert(
      fc.property(fc.nat(15), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Uint8Array.from(images);
        changed[at]! ^= flip;
        const result = attempt(changed, "images");
        if (typeof result !== "string")
          expect(result.dimensions.reduce((product, d) => product * d)).toBe(result.data.length);
        expect(typeof result === "string" || at >= 4).toBe(true);
      }),
    );
  });

  it("refuses or reads any bytes at all, and never fails otherwise", () => {
    const anyBytes = fc.uint8Array({ maxLength: 64 });
    const idxLike = anyBytes.map((rest) => Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, ...rest]));
    const gzipLike = anyBytes.map((rest) => Uint8Array.from([0x1f, 0x8b, 8, 0, ...rest]));
    const damaged = fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 255 })).map(([at, flip]) => {
      const packed = Uint8Array.from(gzipSync(images));
      packed[at % packed.length]! ^= flip;
      return packed;
    });
    fc.assert(
      fc.property(fc.oneof(anyBytes, idxLike, gzipLike, damaged), (bytes) => {
        const result = attempt(bytes, "images");
        if (typeof result !== "string")
          expect(result.dimensions.reduce((product, d) => product * d)).toBe(result.data.length);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["an empty file", new Uint8Array(), /0 bytes, expected at least the 16 of an IDX header/],
    ["another format", Buffer.from("\x89PNG...."), /starts with 89504e47|starts with c2895/],
    [
      "floats",
      encodeIdx([1, 1, 1], new Uint8Array(4), 13),
      /holds float32, expected unsigned bytes \(code 8\)/,
    ],
    ["an unknown type", encodeIdx([1, 1, 1], new Uint8Array(1), 99), /an unknown type, code 99/],
    ["labels for images", labels, /has 1 dimensions, expected 3 for images.*swapped/],
    ["no images", encodeIdx([0, 28, 28], new Uint8Array()), /declares 0x28x28 values, expected no zero size/],
    ["images of no height", encodeIdx([2, 0, 28], new Uint8Array()), /declares 2x0x28/],
    ["missing values", images.subarray(0, 30), /is truncated: 30 bytes, expected 34 for 2x3x3 values/],
    ["more values", Buffer.concat([images, Buffer.of(1, 2)]), /has 2 bytes after its 2x3x3 values/],
    ["more values in gzip", gzipSync(Buffer.concat([images, Buffer.of(1)])), /more than the 34 bytes/],
    ["enormous sizes", encodeIdx([1e9, 28, 28], new Uint8Array()), /more than the 640 MiB/],
    [
      "sizes that cannot be packed so",
      gzipSync(encodeIdx([1e5, 28, 28], new Uint8Array())),
      /packed bytes can hold/,
    ],
    ["corrupt gzip", Uint8Array.from(gzipSync(images)).fill(0xaa, 10, 20), /is not valid gzip/],
  ])("names the file, what is wrong and the way out: %s", (_what, bytes, problem) => {
    const message = attempt(bytes, "images");
    expect(message).toMatch(problem);
    expect(message).toMatch(/^some-file: .*\. [A-Z].*\.$/);
  });

  it("stops inflating a gzip bomb at the declared size", () => {
    const member = gzipSync(new Uint8Array(32e6));
    const bomb = Buffer.concat([gzipSync(images), ...Array<Uint8Array>(120).fill(member)]); // 3.8 GB unpacked
    const start = performance.now();
    expect(attempt(bomb, "images")).toMatch(/inflates to more than the 34 bytes declared/);
    expect(performance.now() - start).toBeLessThan(500); // all of it would take seconds
  });
});
