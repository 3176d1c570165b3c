/** Images in host memory: the types that rooms pass to each other. */
import { assert, BenchError } from "./errors.ts";
import { rng } from "./rng.ts";

/** Row-major [count, height, width, channels]. */
interface Images<Data> {
  readonly data: Data;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Pixels as stored: uint8. */
export type ByteImages = Images<Uint8Array>;

/** Pixels as the networks see them: float32 in [-1, 1]. */
export type FloatImages = Images<Float32Array>;

/** Values of one image: height x width x channels. */
export function imageSize(images: { height: number; width: number; channels: number }): number {
  return images.height * images.width * images.channels;
}

/** Asserts as many values as the shape says; `what` names the images. */
export function checkImages(images: ByteImages | FloatImages, what: string): void {
  const expected = images.count * imageSize(images);
  assert(images.data.length === expected, `${what}: ${images.data.length} values, expected ${expected}`);
}

/** 0..255 to [-1, 1]: x / 127.5 - 1. */
export function toFloat(images: ByteImages): FloatImages {
  const data = new Float32Array(images.data.length);
  for (let i = 0; i < data.length; i++) data[i] = images.data[i]! / 127.5 - 1;
  return { ...images, data };
}

/**
 * [-1, 1] to 0..255, rounded and clamped: what a PNG of a sample shows, and what a judge sees.
 * @throws DIVERGED where a value is NaN or infinite: no pixel stands for it
 */
export function toBytes(images: FloatImages): ByteImages {
  const data = new Uint8Array(images.data.length);
  for (let i = 0; i < data.length; i++) {
    const value = images.data[i]!;
    if (!Number.isFinite(value)) throw notFinite(images, i);
    data[i] = Math.max(0, Math.min(255, Math.round((value + 1) * 127.5)));
  }
  return { ...images, data };
}

function notFinite(images: FloatImages, at: number): BenchError {
  const bad = images.data.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0);
  return new BenchError(
    "DIVERGED",
    `images are not finite: ${bad} of ${images.data.length} values of ${images.count} images, the first ${images.data[at]} in ` +
      `image ${Math.floor(at / imageSize(images))}, from 0. The weights, the sampler or the precision left the finite numbers: ` +
      "try more steps, a smaller learning rate, or float32.",
  );
}

/** Images of independent uniform bytes, as many as `like` holds and of its shape: the worst that a generator could make. */
export function noiseLike(like: ByteImages, seed: number): ByteImages {
  const stream = rng(seed).fold("noise ceiling");
  return { ...like, data: like.data.map(() => stream.integer(256)) };
}

/** The images at `indices`, in that order, copied. */
export function takeImages<T extends ByteImages | FloatImages>(images: T, indices: ArrayLike<number>): T {
  const size = imageSize(images);
  const length = indices.length * size;
  const data = images.data instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]! * size;
    data.set(images.data.subarray(from, from + size), i * size);
  }
  return { ...images, data, count: indices.length };
}

/** Mirrors those images left to right, in place, of which `mirrored` says so. */
export function mirror(
  { data, count, height, width, channels }: ByteImages,
  mirrored: (i: number) => boolean,
): void {
  const row = width * channels;
  for (let i = 0; i < count; i++) {
    if (!mirrored(i)) continue;
    for (let y = 0; y < height; y++) {
      const line = data.subarray((i * height + y) * row, (i * height + y + 1) * row);
      const before = line.slice();
      for (let x = 0; x < width; x++)
        for (let c = 0; c < channels; c++) line[x * channels + c] = before[(width - 1 - x) * channels + c]!;
    }
  }
}
