/** Resizing images, one axis after the other. */
import { assert } from "../../core/errors.ts";
import { type ByteImages, checkImages, type FloatImages } from "../../core/images.ts";

/** How much of each input pixel an output pixel takes, along one axis. */
export interface Taps {
  /** First input pixel of each output pixel; all `count` pixels from there lie within the image. */
  readonly first: Int32Array;
  /** Input pixels of each output pixel. */
  readonly count: number;
  /** [outputs, count] */
  readonly weights: Float64Array;
}

/**
 * Writes the images resampled by `down` and `across` into `out`, [count, height, width, channels], each value as `finish`
 * makes it of the weighted sum, which is float64.
 */
export function resample<Out extends Uint8Array | Float32Array>(
  images: ByteImages | FloatImages,
  down: Taps,
  across: Taps,
  out: Out,
  finish: (sum: number) => number,
): Out {
  const { data, channels } = images;
  const [height, width] = [down.first.length, across.first.length];
  const row = width * channels;
  const narrow = new Float64Array(images.height * row); // one image, its rows already resized
  for (let n = 0; n < images.count; n++) {
    const image = n * images.height * images.width * channels;
    for (let y = 0; y < images.height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          let from = image + (y * images.width + across.first[x]!) * channels + c;
          for (let t = x * across.count; t < (x + 1) * across.count; t++, from += channels)
            sum += across.weights[t]! * data[from]!;
          narrow[y * row + x * channels + c] = sum;
        }
    for (let y = 0; y < height; y++)
      for (let i = 0; i < row; i++) {
        let sum = 0;
        let from = down.first[y]! * row + i;
        for (let t = y * down.count; t < (y + 1) * down.count; t++, from += row)
          sum += down.weights[t]! * narrow[from]!;
        out[(n * height + y) * row + i] = finish(sum);
      }
  }
  return out;
}

/**
 * Overlaps of `to` output pixels with `from` input pixels, both axes cut into from * to equal parts: an input pixel is `to`
 * parts wide and an output pixel `from`, so that every overlap is a whole number and each row of them sums to `from`.
 */
function overlaps(from: number, to: number): Taps {
  const count = Math.min(from, Math.ceil(from / to) + 1);
  const first = new Int32Array(to);
  const weights = new Float64Array(to * count);
  for (let o = 0; o < to; o++) {
    const start = o * from;
    first[o] = Math.min(from - count, Math.floor(start / to));
    for (let t = 0; t < count; t++) {
      const left = (first[o]! + t) * to;
      weights[o * count + t] = Math.max(0, Math.min(left + to, start + from) - Math.max(left, start));
    }
  }
  return { first, count, weights };
}

/**
 * `images` at `size` x `size`, [count, size, size, channels], in the same range, larger or smaller by any factor. Every
 * output pixel is the mean of the input under it, where a pixel at the rim counts by its share. Sums are of whole-number
 * weights and divided once, so that a constant stays the constant, an average that bytes can hold comes out exactly, and
 * other bytes are rounded half up from the exact value. Images of that size already are returned as they are.
 */
export function resizeByArea<T extends ByteImages | FloatImages>(images: T, size: number): T {
  const { count, height, width, channels } = images;
  assert(Number.isInteger(size) && size > 0, `resize to ${size}: expected a whole number of pixels`);
  assert(height > 0 && width > 0, `resize of ${height}x${width}: expected at least one pixel`);
  checkImages(images, "resizeByArea");
  if (height === size && width === size) return images;
  const [down, across] = [overlaps(height, size), overlaps(width, size)];
  const [length, area] = [count * size * size * channels, height * width];
  const data =
    images.data instanceof Uint8Array
      ? resample(images, down, across, new Uint8Array(length), (sum) => Math.floor(sum / area + 0.5))
      : resample(images, down, across, new Float32Array(length), (sum) => sum / area);
  return { ...images, data, height: size, width: size };
}
