/**
 * Resizing by area: every output pixel is the mean of the input under it, pixels at its rim counting by their
 * share.
 */
import { assert } from "../../core/errors.ts";
import { type ByteImages, checkImages, type FloatImages } from "../../core/images.ts";

/**
 * Overlaps of `to` output pixels with `from` input pixels, both axes cut into from * to equal parts: an input
 * pixel is `to` parts wide and an output pixel `from`, so every overlap is a whole number and each row of
 * them sums to `from`.
 */
function overlaps(from: number, to: number) {
  const taps = Math.ceil(from / to) + 1;
  const first = new Int32Array(to);
  const weights = new Float64Array(to * taps);
  for (let o = 0; o < to; o++) {
    const start = o * from;
    first[o] = Math.floor(start / to);
    for (let t = 0; t < taps; t++) {
      const left = (first[o]! + t) * to;
      weights[o * taps + t] = Math.max(0, Math.min(left + to, start + from) - Math.max(left, start));
    }
  }
  return { first, weights, taps };
}

/**
 * `images` at `size` x `size`, [count, size, size, channels], in the same range. Larger or smaller, any
 * factor. Sums are of whole-number weights in float64 and divided once, so a constant stays the constant, an
 * average that bytes can hold comes out exactly, and other bytes are rounded half up from the exact value.
 * Images of that size already come back as they are.
 */
export function resizeByArea<T extends ByteImages | FloatImages>(images: T, size: number): T {
  const { count, height, width, channels } = images;
  assert(Number.isInteger(size) && size > 0, `resize to ${size}: expected a whole number of pixels`);
  assert(height > 0 && width > 0, `resize of ${height}x${width}: expected at least one pixel`);
  checkImages(images, "resizeByArea");
  if (height === size && width === size) return images;

  const down = overlaps(height, size);
  const across = overlaps(width, size);
  const bytes = images.data instanceof Uint8Array;
  const data = bytes
    ? new Uint8Array(count * size * size * channels)
    : new Float32Array(count * size * size * channels);
  const source = images.data;
  const area = height * width;
  const narrow = new Float64Array(height * size * channels); // one image, its rows already resized

  for (let n = 0; n < count; n++) {
    const image = n * height * width * channels;
    narrow.fill(0);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < size; x++)
        for (let t = 0; t < across.taps; t++) {
          const weight = across.weights[x * across.taps + t]!;
          if (weight === 0) continue;
          const from = image + (y * width + across.first[x]! + t) * channels;
          const to = (y * size + x) * channels;
          for (let c = 0; c < channels; c++) narrow[to + c]! += weight * source[from + c]!;
        }
    const row = size * channels;
    for (let y = 0; y < size; y++)
      for (let i = 0; i < row; i++) {
        let sum = 0;
        for (let t = 0; t < down.taps; t++) {
          const weight = down.weights[y * down.taps + t]!;
          if (weight !== 0) sum += weight * narrow[(down.first[y]! + t) * row + i]!;
        }
        data[(n * size + y) * row + i] = bytes ? Math.floor(sum / area + 0.5) : sum / area;
      }
  }
  return { ...images, data, height: size, width: size };
}
