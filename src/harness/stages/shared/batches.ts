/** Images in batches. */
import { type ByteImages, type FloatImages, takeImages } from "../../../core/images.ts";

/** The whole numbers from `from` on, `count` of them. */
export const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

/** The first images, copied. */
export const firstImages = <T extends ByteImages | FloatImages>(images: T, count: number): T =>
  takeImages(images, range(0, Math.min(count, images.count)));

/**
 * Indices 0..count-1 in batches of one size, for a program that is compiled for it: the last batch repeats its first
 * index, and only its first `used` results count.
 */
export function* fullBatches(count: number, batch: number) {
  for (let from = 0; from < count; from += batch) {
    const used = Math.min(batch, count - from);
    yield { from, used, indices: Array.from({ length: batch }, (_, i) => from + (i < used ? i : 0)) };
  }
}
