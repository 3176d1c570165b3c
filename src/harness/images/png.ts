/** Pictures as files: a grid of images, and PNG. */
import { encode } from "fast-png";
import { assert } from "../../core/errors.ts";
import { type ByteImages, checkImages } from "../../core/images.ts";

/** Pixels between neighbours. */
const GAP = 1;

/** Grey of the gaps and of places without an image; most backgrounds are black. */
const BETWEEN = 64;

/** One picture of all `images`, row by row, `columns` to a row: [1, rows * (h + 1) - 1, columns * (w + 1) - 1, channels]. */
export function grid(images: ByteImages, columns: number): ByteImages {
  assert(images.count > 0, "a grid of no images");
  assert(Number.isInteger(columns) && columns > 0, `a grid of ${columns} columns`);
  checkImages(images, "grid");
  const { count, channels } = images;
  const rows = Math.ceil(count / columns);
  const height = rows * (images.height + GAP) - GAP;
  const width = columns * (images.width + GAP) - GAP;
  const data = new Uint8Array(height * width * channels).fill(BETWEEN);
  for (let n = 0; n < count; n++) {
    const top = Math.floor(n / columns) * (images.height + GAP);
    const left = (n % columns) * (images.width + GAP);
    const row = images.width * channels;
    for (let y = 0; y < images.height; y++) {
      const from = (n * images.height + y) * row;
      data.set(images.data.subarray(from, from + row), ((top + y) * width + left) * channels);
    }
  }
  return { data, count: 1, height, width, channels };
}

/** One picture with every pixel a square of `scale` x `scale`: nothing is blurred. */
export function enlarged(picture: ByteImages, scale: number): ByteImages {
  assert(Number.isInteger(scale) && scale > 0, `enlarged by ${scale}`);
  if (scale === 1) return picture;
  const { width, height, channels } = picture;
  const data = new Uint8Array(picture.data.length * scale * scale);
  const row = width * scale * channels;
  for (let y = 0; y < height; y++) {
    const first = y * scale * row;
    for (let x = 0; x < width; x++)
      for (let i = 0; i < scale; i++)
        for (let c = 0; c < channels; c++)
          data[first + (x * scale + i) * channels + c] = picture.data[(y * width + x) * channels + c]!;
    for (let i = 1; i < scale; i++) data.copyWithin(first + i * row, first, first + row);
  }
  return { ...picture, data, width: width * scale, height: height * scale };
}

/** The PNG file of one picture of 1 (grey) or 3 (RGB) channels, 8 bits each. The same pixels give the same bytes. */
export function encodePng(picture: ByteImages): Uint8Array {
  const { count, height, width, channels } = picture;
  assert(count === 1, `a PNG holds one picture, not ${count}: lay them out with grid()`);
  assert(channels === 1 || channels === 3, `a PNG of ${channels} channels: expected 1 or 3`);
  checkImages(picture, "encodePng");
  return encode({ width, height, data: picture.data, channels, depth: 8 }, { zlib: { level: 9 } });
}
