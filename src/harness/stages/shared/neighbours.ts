/** Samples above their nearest training images: what shows whether a model copies. */
import { type ByteImages, imageSize, takeImages } from "../../../core/images.ts";
import type { Grid } from "../../record/index.ts";
import { publishGrid } from "./quality.ts";

/** Samples shown. */
export const SHOWN = 10;

/** The first samples in a row, and under each its nearest training image by the squares of pixel differences. */
export function publishNeighbours(
  out: string,
  path: string,
  generated: ByteImages,
  training: ByteImages,
): Promise<Grid> {
  const count = Math.min(SHOWN, generated.count);
  const shown = takeImages(
    generated,
    Array.from({ length: count }, (_, i) => i),
  );
  const nearest = takeImages(training, nearestImages(shown, training));
  const both = { ...shown, data: Buffer.concat([shown.data, nearest.data]), count: 2 * count };
  return publishGrid(out, path, both, both.count, "samples, each above its nearest training image", count);
}

/** Index of the image of `among` nearest to each of `images`; of equally near ones the first. */
export function nearestImages(images: ByteImages, among: ByteImages): number[] {
  const size = imageSize(images);
  return Array.from({ length: images.count }, (_, i) => {
    let [best, least] = [0, Number.POSITIVE_INFINITY];
    for (let j = 0; j < among.count; j++) {
      let distance = 0;
      for (let k = 0; k < size && distance < least; k++)
        distance += (images.data[i * size + k]! - among.data[j * size + k]!) ** 2;
      if (distance < least) [best, least] = [j, distance];
    }
    return best;
  });
}
