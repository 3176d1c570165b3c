/** Images from a model. */
import { type ByteImages, imageSize, toBytes } from "../../../core/images.ts";
import type { Rng } from "../../../core/rng.ts";
import type { Generator, SamplerSetting } from "../../../models/index.ts";
import type { Dataset } from "../../datasets/contract.ts";
import type { CellContext } from "../contract.ts";
import { targetsOf } from "./judge.ts";
import { recorded } from "./models.ts";
import type { OpenModel } from "./open.ts";
import type { Sampled } from "./quality.ts";

/** Images per request where the suite sets none. */
const BATCH = 64;

/** Label of image i. */
export type LabelOf = (index: number) => number;

/** Labels for a conditional model, as frequent as among the training images; image i's comes from the stream's fold i alone. */
export function sampledLabels(model: { readonly classes: number }, dataset: Dataset, stream: Rng) {
  if (model.classes === 0) return undefined;
  const { labels } = targetsOf(dataset, dataset.train);
  const drawn = stream.fold("labels");
  return (index: number) => labels[drawn.fold(index).integer(labels.length)]!;
}

/** Images 0..count-1 of a stream, in bytes; `labelOf` for a conditional model. */
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

export interface SampleRequest {
  readonly setting: SamplerSetting;
  readonly stream: Rng;
  readonly n: number;
  readonly batch?: number;
  onBatch?(done: number): void;
}

/** n images of a model with labels as frequent as in training, how they were made, and how long that took without compiling. */
export async function sampleImages(
  { engine, dataset }: Pick<CellContext, "engine" | "dataset">,
  { model, weights }: Pick<OpenModel, "model" | "weights">,
  { setting, stream, n, batch = BATCH, onBatch }: SampleRequest,
): Promise<{ images: ByteImages; made: Sampled; milliseconds: number }> {
  const labelOf = sampledLabels(model, await dataset(), stream);
  const generator = await model.generator(engine, weights, setting, batch);
  const started = performance.now();
  const images = await generateImages(generator, stream, n, labelOf, onBatch);
  const milliseconds = performance.now() - started;
  const { networkEvaluations } = generator;
  generator.dispose();
  return { images, made: { ...recorded(setting), networkEvaluations }, milliseconds };
}
