import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import type { ByteImages } from "../../../src/core/images.ts";
import { rng } from "../../../src/core/rng.ts";
import { type ResizeMode, resizers, resizeTo } from "../../../src/harness/features/resize.ts";
import { resizeByArea } from "../../../src/harness/images/resize.ts";

const modes = Object.keys(resizers) as ResizeMode[];

function noise(seed: number, count: number, height: number, width: number, channels: number): ByteImages {
  const stream = rng(seed);
  const data = Uint8Array.from({ length: count * height * width * channels }, () => stream.integer(256));
  return { data, count, height, width, channels };
}

const row = (values: number[]): ByteImages => ({
  data: Uint8Array.from(values),
  count: 1,
  height: 1,
  width: values.length,
  channels: 1,
});

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-4): void {
  expect(actual.length).toBe(expected.length);
  const worst = Math.max(...Array.from(actual, (value, i) => Math.abs(value - expected[i]!)));
  expect(worst).toBeLessThan(tolerance);
}

const sizes = fc.record({
  height: fc.integer({ min: 1, max: 12 }),
  width: fc.integer({ min: 1, max: 12 }),
  toHeight: fc.integer({ min: 1, max: 15 }),
  toWidth: fc.integer({ min: 1, max: 15 }),
  seed: fc.integer(),
});

describe.each(modes)("resizing, %s", (mode) => {
  it("keeps a constant, stays in 0..255, and leaves images of that size alone", () => {
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 0, max: 255 }),
        ({ height, width, toHeight, toWidth, seed }, value) => {
          const flat = { ...noise(0, 1, height, width, 1), data: new Uint8Array(height * width).fill(value) };
          expectClose(
            resizeTo(flat, toHeight, toWidth, mode),
            new Float32Array(toHeight * toWidth).fill(value),
          );
          const images = noise(seed, 2, height, width, 3);
          expect(resizeTo(images, height, width, mode)).toEqual(Float32Array.from(images.data));
          const extremes = { ...images, data: images.data.map((x) => (x < 128 ? 0 : 255)) };
          for (const x of resizeTo(extremes, toHeight, toWidth, mode)) expect(x >= 0 && x <= 255).toBe(true);
        },
      ),
    );
  });

  it("treats every image and channel alike, and both axes", () => {
    const images = noise(1, 2, 7, 5, 3);
    const resized = resizeTo(images, 4, 9, mode);
    const channel = (n: number, c: number) => {
      const data = Uint8Array.from({ length: 35 }, (_, p) => images.data[(n * 35 + p) * 3 + c]!);
      return { data, count: 1, height: 7, width: 5, channels: 1 };
    };
    const turned = ({ data, height, width }: { data: ArrayLike<number>; height: number; width: number }) =>
      Array.from({ length: height * width }, (_, i) => data[(i % height) * width + Math.floor(i / height)]!);
    for (const n of [0, 1])
      for (const c of [0, 1, 2]) {
        const alone = resizeTo(channel(n, c), 4, 9, mode);
        expect(Array.from(alone, (_, p) => resized[(n * 36 + p) * 3 + c])).toEqual(Array.from(alone));
        const image = { ...channel(n, c), data: Uint8Array.from(turned(channel(n, c))), height: 5, width: 7 };
        const back = turned({ data: resizeTo(image, 9, 4, mode), height: 9, width: 4 });
        expectClose(alone, back);
      }
  });
});

describe("resizing", () => {
  it.each([
    ["bilinear", true],
    ["bilinear-tf1", false],
  ] as const)("%s is TensorFlow's, halfPixelCenters %s", async (mode, halfPixelCenters) => {
    await tf.setBackend("cpu");
    await fc.assert(
      fc.asyncProperty(sizes, async ({ height, width, toHeight, toWidth, seed }) => {
        const images = noise(seed, 2, height, width, 3);
        const tensor = tf.tensor4d(Float32Array.from(images.data), [2, height, width, 3]);
        const expected = tf.image.resizeBilinear(tensor, [toHeight, toWidth], false, halfPixelCenters);
        expectClose(resizeTo(images, toHeight, toWidth, mode), await expected.data(), 1e-3);
      }),
    );
  });

  it("area is that of the datasets, but not rounded", () => {
    const images = noise(2, 2, 11, 11, 3);
    const floats = { ...images, data: Float32Array.from(images.data) };
    for (const size of [3, 5, 16])
      expectClose(resizeTo(images, size, size, "area"), resizeByArea(floats, size).data);
  });

  it("bilinear-antialias: a triangle twice as wide at half the size, cut at the rim; bilinear where images grow", () => {
    const values = [7, 91, 200, 13, 55, 254, 0, 31];
    const [a, b, c, d, e, f, g, h] = values as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const inside = [(b + 3 * c + 3 * d + e) / 8, (d + 3 * e + 3 * f + g) / 8];
    expectClose(resizeTo(row(values), 1, 4, "bilinear-antialias"), [
      (3 * a + 3 * b + c) / 7,
      ...inside,
      (f + 3 * g + 3 * h) / 7,
    ]);
    const images = noise(3, 1, 6, 6, 1);
    expectClose(resizeTo(images, 13, 13, "bilinear-antialias"), resizeTo(images, 13, 13, "bilinear"));
  });

  it("bicubic-antialias: a parabola comes out as one, away from the rim; Keys' weights at the half", () => {
    const parabola = Array.from({ length: 16 }, (_, x) => x * x);
    const resized = resizeTo(row(parabola), 1, 32, "bicubic-antialias");
    for (let o = 6; o < 26; o++) expect(resized[o]).toBeCloseTo(((o + 0.5) / 2 - 0.5) ** 2, 4);
    // pixels 6 and 7 of 14 have their middles a quarter of an input pixel from that of pixel 3 of 7
    const [at, to] = [row([0, 0, 0, 90, 0, 0, 0]), 14];
    const kernel = Array.from(resizeTo(at, 1, to, "bicubic-antialias")).slice(6, 8);
    expectClose(kernel, [78.046875, 78.046875]); // 90 (1.5 d - 2.5) d^2 + 90 at d = 1/4
  });

  it.each([
    ["bilinear-antialias", "linear"],
    ["bicubic-antialias", "cubic"],
  ] as const)("%s is libvips' %s but for its rounding, away from the rim", async (mode, kernel) => {
    const [from, to, rim] = [32, 20, 4];
    const images = noise(4, 1, from, from, 3);
    for (let i = 0; i < images.data.length; i++) images.data[i] = 96 + (images.data[i]! >> 2); // no overshoot to cut
    const raw = { width: from, height: from, channels: 3 } as const;
    const theirs = await sharp(images.data, { raw }).resize(to, to, { kernel, fit: "fill" }).raw().toBuffer();
    const ours = resizeTo(images, to, to, mode);
    const inside = (i: number) => i >= rim && i < to - rim;
    const kept = Array.from(ours.keys()).filter(
      (i) => inside(Math.floor(i / 3) % to) && inside(Math.floor(i / 3 / to)),
    );
    expect(kept).toHaveLength(3 * (to - 2 * rim) ** 2);
    expectClose(
      kept.map((i) => ours[i]!),
      kept.map((i) => theirs[i]!),
      1.5, // of 0.5 after each of two passes, and fixed-point weights
    );
  });
});
