/** Holes in images, by name: 1 where a pixel is known, 0 where it is missing. */
import { rng } from "../../../core/rng.ts";
import type { MaskName } from "./options.ts";

/** Share of pixels missing at random. */
const MISSING_AT_RANDOM = 0.5;

export const masks = {
  /** A square of half the edge in the middle. */
  centre: (size: number) =>
    fromPixels(size, (y, x) => {
      const inside = (at: number) => at >= size / 4 && at < (3 * size) / 4;
      return inside(y) && inside(x);
    }),
  /** The lower half. */
  half: (size: number) => fromPixels(size, (y) => y >= size / 2),
  /** Single pixels, the same in every image. */
  random: (size: number) => {
    const stream = rng(0).fold("mask");
    return fromPixels(size, () => stream.uniform() < MISSING_AT_RANDOM);
  },
} satisfies Record<MaskName, (size: number) => Float32Array>;

function fromPixels(size: number, missing: (y: number, x: number) => boolean): Float32Array {
  return Float32Array.from({ length: size * size }, (_, i) =>
    missing(Math.floor(i / size), i % size) ? 0 : 1,
  );
}
