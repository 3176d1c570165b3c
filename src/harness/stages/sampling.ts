import type { ByteImages } from "../../core/images.ts";
import { imageSize, toBytes } from "../../core/images.ts";
import type { Rng } from "../../core/rng.ts";
import type { Generator } from "../../models/index.ts";

/** Images 0..count-1 of a stream, as the bytes that a PNG of them would hold. */
export async function generateImages(
  generator: Generator,
  stream: Rng,
  count: number,
  onBatch: (done: number) => void,
): Promise<ByteImages> {
  let data = new Uint8Array(0);
  let shape = { height: 0, width: 0, channels: 0 };
  for (let first = 0; first < count; first += generator.batch) {
    const images = toBytes(await generator.generate(stream, first));
    const size = imageSize(images);
    if (first === 0) data = new Uint8Array(count * size);
    const used = Math.min(generator.batch, count - first);
    data.set(images.data.subarray(0, used * size), first * size);
    shape = images;
    onBatch(first + used);
  }
  return { data, count, height: shape.height, width: shape.width, channels: shape.channels };
}
