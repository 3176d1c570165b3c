/** Conversion between grey and RGB. */
import { assert } from "../../core/errors.ts";
import { type ByteImages, checkImages, type FloatImages } from "../../core/images.ts";

/**
 * `images` with 1 or 3 channels, in the same range. Grey to RGB repeats the value; RGB to grey is the luma of ITU-R BT.601,
 * 0.299 R + 0.587 G + 0.114 B, bytes rounded half up. Images that have those channels are returned as they are.
 */
export function withChannels<T extends ByteImages | FloatImages>(images: T, channels: 1 | 3): T {
  assert(images.channels === 1 || images.channels === 3, `${images.channels} channels: expected 1 or 3`);
  checkImages(images, "withChannels");
  if (images.channels === channels) return images;
  const pixels = images.count * images.height * images.width;
  const source = images.data;
  const bytes = source instanceof Uint8Array;
  const data = bytes ? new Uint8Array(pixels * channels) : new Float32Array(pixels * channels);
  for (let p = 0; p < pixels; p++)
    if (channels === 3) data.fill(source[p]!, 3 * p, 3 * p + 3);
    else {
      const luma = (299 * source[3 * p]! + 587 * source[3 * p + 1]! + 114 * source[3 * p + 2]!) / 1000;
      data[p] = bytes ? Math.floor(luma + 0.5) : luma;
    }
  return { ...images, data, channels };
}
