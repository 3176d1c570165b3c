import type { ByteImages } from "../../../core/images.ts";
import { imageSize, toBytes } from "../../../core/images.ts";
import type { Rng } from "../../../core/rng.ts";
import type { Generator, Model } from "../../../models/index.ts";
import type { Dataset } from "../../datasets/contract.ts";
import { targetsOf } from "../classifier/run.ts";

/** Label of image i. */
export type LabelOf = (index: number) => number;

/** For a conditional model, labels as frequent as among the training images, image i's from the stream's fold i alone. */
export function sampledLabels(model: Model, dataset: Dataset, stream: Rng): LabelOf | undefined {
  if (model.classes === 0) return undefined;
  const { labels } = targetsOf(dataset, dataset.train);
  const own = stream.fold("labels");
  return (index) => labels[own.fold(index).integer(labels.length)]!;
}

/** Images 0..count-1 of a stream, as the bytes that a PNG of them would hold; `labelOf` for a conditional model. */
export async function generateImages(
  generator: Generator,
  stream: Rng,
  count: number,
  labelOf: LabelOf | undefined,
  onBatch: (done: number) => void = () => {},
): Promise<ByteImages> {
  const { batch } = generator;
  let data = new Uint8Array(0);
  let shape = { height: 0, width: 0, channels: 0 };
  for (let first = 0; first < count; first += batch) {
    const labels = labelOf && Array.from({ length: batch }, (_, i) => labelOf(first + i));
    const images = toBytes(await generator.generate(stream, first, labels));
    const size = imageSize(images);
    if (first === 0) data = new Uint8Array(count * size);
    const used = Math.min(batch, count - first);
    data.set(images.data.subarray(0, used * size), first * size);
    shape = images;
    onBatch(first + used);
  }
  return { data, count, height: shape.height, width: shape.width, channels: shape.channels };
}
