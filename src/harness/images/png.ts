/** Pictures as files: a grid of images, and PNG. */
import { encode } from "fast-png";
import { assert } from "../../core/errors.ts";
import { type ByteImages, checkImages } from "../../core/images.ts";

export interface GridOptions {
  /** Pixels of the picture between neighbours; default 1. */
  readonly gap?: number;
  /** Edge of the square that one pixel becomes; default 1. */
  readonly scale?: number;
}

/** Grey of the gaps and of cells without an image: apart from the black that most backgrounds have. */
const BETWEEN = 64;

/**
 * One picture of all `images`, row by row, `columns` to a row: [1, rows * h * scale + (rows - 1) * gap, ...,
 * channels]. Pixels are repeated, never blended.
 */
export function grid(images: ByteImages, columns: number, options: GridOptions = {}): ByteImages {
  const { gap = 1, scale = 1 } = options;
  assert(images.count > 0, "a grid of no images");
  assert(Number.isInteger(columns) && columns > 0, `a grid of ${columns} columns`);
  assert(Number.isInteger(gap) && gap >= 0, `a gap of ${gap} pixels`);
  assert(Number.isInteger(scale) && scale > 0, `a scale of ${scale}`);
  checkImages(images, "grid");
  const { count, channels } = images;
  const rows = Math.ceil(count / columns);
  const height = rows * (images.height * scale + gap) - gap;
  const width = columns * (images.width * scale + gap) - gap;
  const data = new Uint8Array(height * width * channels).fill(BETWEEN);
  for (let n = 0; n < count; n++) {
    const top = Math.floor(n / columns) * (images.height * scale + gap);
    const left = (n % columns) * (images.width * scale + gap);
    for (let y = 0; y < images.height * scale; y++)
      for (let x = 0; x < images.width * scale; x++) {
        const pixel = (n * images.height + Math.floor(y / scale)) * images.width + Math.floor(x / scale);
        const from = pixel * channels;
        data.set(images.data.subarray(from, from + channels), ((top + y) * width + left + x) * channels);
      }
  }
  return { data, count: 1, height, width, channels };
}

/**
 * The PNG file of one picture of 1 (grey) or 3 (RGB) channels, 8 bits each. The same pixels give the same
 * bytes.
 */
export function encodePng(picture: ByteImages): Uint8Array {
  const { count, height, width, channels } = picture;
  assert(count === 1, `a PNG holds one picture, not ${count}: lay them out with grid()`);
  assert(channels === 1 || channels === 3, `a PNG of ${channels} channels: expected 1 or 3`);
  checkImages(picture, "encodePng");
  return encode({ width, height, data: picture.data, channels, depth: 8 }, { zlib: { level: 9 } });
}
