/** Samples above their nearest training images: a picture that shows whether a model copies. */
import { type ByteImages, imageSize, takeImages } from "../../../core/images.ts";
import { firstImages } from "./batches.ts";
import { publishGrid } from "./quality.ts";

/** Samples shown. */
export const SHOWN = 10;

/** The first samples in a row, and under each its nearest training image by the squares of pixel differences. */
export function publishNeighbours(out: string, path: string, generated: ByteImages, training: ByteImages) {
  const shown = firstImages(generated, SHOWN);
  const { count } = shown;
  const nearest = takeImages(training, nearestImages(shown, training));
  const both = { ...shown, data: Buffer.concat([shown.data, nearest.data]), count: 2 * count };
  return publishGrid(out, path, both, both.count, "samples, each above its nearest training image", count);
}

/** For each image, the index of the nearest one of `among`; the first of equally near ones. */
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
