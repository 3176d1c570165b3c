/** Holes in test images, filled by a model: the error inside against the truth, and what it took. */

import { type FloatImages, imageSize, takeImages, toBytes, toFloat } from "../../../core/images.ts";
import { type Rng, rng } from "../../../core/rng.ts";
import { bootstrapInterval, mean } from "../../../core/statistics/index.ts";
import type { Engine } from "../../../engine/contract.ts";
import type { Inpainter, Model, State } from "../../../models/index.ts";
import type { Dataset } from "../../datasets/contract.ts";
import type { Inpainting } from "../../record/index.ts";
import { type Judge, targetsOf } from "../classifier/run.ts";
import { publishGrid } from "../shared/quality.ts";
import { type MaskName, masks } from "./masks.ts";

const CONFIDENCE = 0.95;
/** Images filled per call. */
const BATCH = 16;
const SHOWN = 10;

export interface InpaintingTask {
  readonly engine: Engine;
  readonly out: string;
  readonly dataset: Dataset;
  readonly judge: Judge;
  readonly model: Model;
  readonly weights: State;
  readonly options: Readonly<Record<string, unknown>>;
  readonly mask: MaskName;
  /** Test images filled, from the first on. */
  readonly images: number;
  readonly seed: number;
  /** Start of the picture's path. */
  readonly name: string;
  progress(done: number): void;
}

/** Conditional models are told the true labels. */
export async function measureInpainting(task: InpaintingTask): Promise<Inpainting> {
  const { engine, out, dataset, judge, model, weights, options, seed, name } = task;
  const mask = masks[task.mask](dataset.size);
  const first = (count: number) => Uint32Array.from({ length: count }, (_, i) => i);
  const truth = toFloat(takeImages(dataset.test.images, first(task.images)));
  const labels = Array.from(targetsOf(dataset, dataset.test).labels.slice(0, task.images));
  const batch = Math.min(BATCH, task.images);
  const inpainter = await model.inpainter(engine, weights, options, batch);
  const stream = rng(seed).fold("inpainting").fold(task.mask);
  const { filled, seconds } = await fillAll(
    inpainter,
    truth,
    mask,
    stream,
    model.classes > 0 ? labels : [],
    task,
  );
  const { networkEvaluations } = inpainter;
  inpainter.dispose();
  const errors = squaredErrors(filled, truth, mask);
  const root = (values: readonly number[]) => Math.sqrt(mean(values));
  const interval = bootstrapInterval(errors, root, {
    confidence: CONFIDENCE,
    stream: stream.fold("bootstrap"),
  });
  const { assignments } = await judge.judge(toBytes(filled));
  const right = labels.filter((label, i) => assignments[i] === label).length;
  const shown = first(Math.min(SHOWN, task.images));
  const rows = [truth, withHole(truth, mask), filled].map((images) => takeImages(toBytes(images), shown));
  const picture = {
    ...rows[0]!,
    data: Buffer.concat(rows.map(({ data }) => data)),
    count: 3 * shown.length,
  };
  return {
    mask: task.mask,
    missing: mask.filter((known) => known === 0).length / mask.length,
    images: task.images,
    error: { value: root(errors), ...interval, confidence: CONFIDENCE },
    meanFillError: root(squaredErrors(meanImages(dataset, task.images), truth, mask)),
    accuracy: right / task.images,
    millisecondsPerImage: (1000 * seconds) / task.images,
    networkEvaluations,
    grid: await publishGrid(
      out,
      `samples/${name}-${task.mask}.png`,
      picture,
      picture.count,
      `${model.title}: test images, the ${task.mask} missing, filled`,
      shown.length,
    ),
  };
}

async function fillAll(
  inpainter: Inpainter,
  truth: FloatImages,
  mask: Float32Array,
  stream: Rng,
  labels: readonly number[],
  { progress }: InpaintingTask,
): Promise<{ filled: FloatImages; seconds: number }> {
  const data = new Float32Array(truth.data.length);
  const size = imageSize(truth);
  const { batch } = inpainter;
  let seconds = 0;
  for (let from = 0; from < truth.count; from += batch) {
    const used = Math.min(batch, truth.count - from);
    // the last batch is filled up with its first image; what it gives is not read
    const indices = Array.from({ length: batch }, (_, i) => from + (i < used ? i : 0));
    const asked = labels.length > 0 ? indices.map((i) => labels[i]!) : undefined;
    const started = performance.now();
    const filled = await inpainter.fill(takeImages(truth, indices), mask, stream, from, asked);
    seconds += ((performance.now() - started) / 1000) * (used / batch);
    data.set(filled.data.subarray(0, used * size), from * size);
    progress(from + used);
  }
  return { filled: { ...truth, data }, seconds };
}

/** Mean squared error of each image over its missing values. */
function squaredErrors(images: FloatImages, truth: FloatImages, mask: Float32Array): number[] {
  const size = imageSize(truth);
  return Array.from({ length: truth.count }, (_, i) => {
    let [sum, missing] = [0, 0];
    for (let k = 0; k < size; k++) {
      if (mask[Math.floor(k / truth.channels)] !== 0) continue;
      sum += (images.data[i * size + k]! - truth.data[i * size + k]!) ** 2;
      missing++;
    }
    return sum / missing;
  });
}

/** The missing pixels grey. */
function withHole(images: FloatImages, mask: Float32Array): FloatImages {
  return {
    ...images,
    data: images.data.map((x, i) => x * mask[Math.floor(i / images.channels) % mask.length]!),
  };
}

/** The mean of the training images, `count` times. */
function meanImages({ train: { images } }: Dataset, count: number): FloatImages {
  const size = imageSize(images);
  const sums = new Float64Array(size);
  for (let i = 0; i < images.data.length; i++) sums[i % size]! += images.data[i]! / 127.5 - 1;
  const data = Float32Array.from({ length: count * size }, (_, i) => sums[i % size]! / images.count);
  return { data, count, height: images.height, width: images.width, channels: images.channels };
}
