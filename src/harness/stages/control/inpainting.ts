/** Holes in test images, filled by a model: the error inside against the truth, and the time taken. */

import { type FloatImages, imageSize, takeImages, toBytes, toFloat } from "../../../core/images.ts";
import { type Rng, rng } from "../../../core/rng.ts";
import { bootstrapInterval, mean } from "../../../core/statistics/index.ts";
import type { Inpainter } from "../../../models/index.ts";
import type { Dataset } from "../../datasets/contract.ts";
import type { Inpainting } from "../../record/index.ts";
import type { CellContext } from "../contract.ts";
import { firstImages, fullBatches } from "../shared/batches.ts";
import { type Judge, targetsOf } from "../shared/judge.ts";
import type { OpenModel } from "../shared/open.ts";
import { publishGrid } from "../shared/quality.ts";
import { floorSet } from "../shared/sets.ts";
import { masks } from "./masks.ts";
import type { MaskName } from "./options.ts";

const CONFIDENCE = 0.95;
/** Images filled per call. */
const BATCH = 16;
const SHOWN = 10;

export interface InpaintingTask {
  readonly judge: Judge;
  /** Options of the model's own method. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly mask: MaskName;
  /** Test images filled, from the first on. */
  readonly images: number;
  progress(done: number): void;
}

/** Fills holes with a model that has an inpainter; a conditional one is given the true labels. */
export async function measureInpainting(
  { engine, out, dataset: load }: Pick<CellContext, "engine" | "out" | "dataset">,
  { id, seed, model, weights }: Omit<OpenModel, "configured">,
  task: InpaintingTask,
): Promise<Inpainting> {
  const { judge, options, images } = task;
  const dataset = await load();
  const mask = masks[task.mask](dataset.size);
  const whole = floorSet(dataset, images);
  const truth = toFloat(whole.images);
  const labels = Array.from(targetsOf(dataset, whole).labels);
  const inpainter = await model.inpainter!(engine, weights, options, Math.min(BATCH, images));
  const stream = rng(seed).fold("inpainting").fold(task.mask);
  const asked = model.classes > 0 ? labels : undefined;
  const { filled, seconds } = await fillAll(inpainter, truth, mask, stream, asked, task.progress);
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
  const rows = [truth, withHole(truth, mask), filled].map((set) => firstImages(toBytes(set), SHOWN));
  const columns = rows[0]!.count;
  const picture = { ...rows[0]!, data: Buffer.concat(rows.map(({ data }) => data)), count: 3 * columns };
  return {
    mask: task.mask,
    missing: mask.filter((known) => known === 0).length / mask.length,
    images,
    error: { value: root(errors), ...interval, confidence: CONFIDENCE },
    meanFillError: root(squaredErrors(meanImages(dataset, images), truth, mask)),
    accuracy: right / images,
    millisecondsPerImage: (1000 * seconds) / images,
    networkEvaluations,
    grid: await publishGrid(
      out,
      `samples/control-${id}-seed-${seed}-${task.mask}.png`,
      picture,
      picture.count,
      `${model.title}: test images, the ${task.mask} missing, filled`,
      columns,
    ),
  };
}

async function fillAll(
  inpainter: Inpainter,
  truth: FloatImages,
  mask: Float32Array,
  stream: Rng,
  labels: readonly number[] | undefined,
  progress: (done: number) => void,
): Promise<{ filled: FloatImages; seconds: number }> {
  const data = new Float32Array(truth.data.length);
  const size = imageSize(truth);
  let seconds = 0;
  for (const { from, used, indices } of fullBatches(truth.count, inpainter.batch)) {
    const asked = labels && indices.map((i) => labels[i]!);
    const started = performance.now();
    const filled = await inpainter.fill(takeImages(truth, indices), mask, stream, from, asked);
    seconds += ((performance.now() - started) / 1000) * (used / indices.length);
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
