/** Holes in real images, filled by a model: what the filled images are like, how far they are from the truth, and the time taken. */

import {
  type ByteImages,
  type FloatImages,
  imageSize,
  takeImages,
  toBytes,
  toFloat,
} from "../../../core/images.ts";
import { type Rng, rng } from "../../../core/rng.ts";
import { bootstrapInterval, mean } from "../../../core/statistics/index.ts";
import type { Asked, Inpainter } from "../../../models/index.ts";
import type { Dataset } from "../../datasets/contract.ts";
import type { Inpainting } from "../../record/index.ts";
import type { CellContext } from "../contract.ts";
import { firstImages, fullBatches } from "../shared/batches.ts";
import { targetsOf } from "../shared/judge.ts";
import type { OpenModel } from "../shared/open.ts";
import { publishGrid } from "../shared/quality.ts";
import { floorSet } from "../shared/sets.ts";
import { masks } from "./masks.ts";
import type { MaskName } from "./options.ts";
import { CONFIDENCE, shareMatching } from "./shares.ts";

/** Images filled per call. */
const BATCH = 16;
const SHOWN = 10;

/** Images as the judge sees them, and their distances from the reference. */
export interface Scored {
  readonly assignments: ArrayLike<number>;
  readonly fid: number;
  readonly kid: number;
}

export interface InpaintingTask {
  score(images: ByteImages): Promise<Scored>;
  /** Images of the reference that it scores against. */
  readonly reference: number;
  /** Options of the model's own method. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly mask: MaskName;
  /** Whether the model is told the true labels; only a conditional one can be. */
  readonly told: boolean;
  /** Images filled: of the floor, from the first on. */
  readonly images: number;
  /** How often the holes of the first `repeated` images are filled. */
  readonly fills: number;
  readonly repeated: number;
  progress(done: number): void;
}

/** Images that a task fills, repeats counted. */
export const fillsOf = ({
  images,
  fills,
  repeated,
}: Pick<InpaintingTask, "images" | "fills" | "repeated">): number =>
  images + (fills - 1) * Math.min(repeated, images);

/** Fills holes with a model that has an inpainter. */
export async function measureInpainting(
  { engine, out, dataset: load }: Pick<CellContext, "engine" | "out" | "dataset">,
  { id, seed, model, weights }: Omit<OpenModel, "configured">,
  task: InpaintingTask,
): Promise<Inpainting> {
  const { score, reference, options, told, images, fills } = task;
  const repeated = Math.min(task.repeated, images);
  const dataset = await load();
  const mask = masks[task.mask](dataset.size);
  const whole = floorSet(dataset, images);
  const truth = toFloat(whole.images);
  const labels = Array.from(targetsOf(dataset, whole).labels);
  const inpainter = await model.inpainter!(engine, weights, options, Math.min(BATCH, images));
  const stream = rng(seed).fold("inpainting").fold(task.mask);
  const asked = model.classes === 0 ? undefined : told ? labels : "no label";
  const { filled, seconds } = await fillAll(inpainter, truth, mask, stream, asked, task.progress);
  const again = [firstImages(filled, repeated)];
  for (let k = 1; k < fills; k++) {
    const other = stream.fold("again").fold(k);
    const before = images + (k - 1) * repeated;
    const onBatch = (done: number) => task.progress(before + done);
    again.push((await fillAll(inpainter, firstImages(truth, repeated), mask, other, asked, onBatch)).filled);
  }
  const { networkEvaluations } = inpainter;
  inpainter.dispose();
  const errors = squaredErrors(filled, truth, mask);
  const interval = bootstrapInterval(errors, rootMean, {
    confidence: CONFIDENCE,
    stream: stream.fold("bootstrap"),
  });
  const scoresOf = async (scored: ByteImages) => {
    const { assignments, fid, kid } = await score(scored);
    return { accuracy: shareMatching(assignments, (i) => labels[i]!), fid, kid };
  };
  const scores = await scoresOf(toBytes(filled));
  const columns = Math.min(SHOWN, repeated);
  const rows = [truth, withHole(truth, mask), ...again].map((set) => firstImages(toBytes(set), columns));
  const picture = {
    ...rows[0]!,
    data: Buffer.concat(rows.map(({ data }) => data)),
    count: rows.length * columns,
  };
  const untold = asked === "no label" ? "-unlabelled" : "";
  return {
    mask: task.mask,
    missing: mask.filter((known) => known === 0).length / mask.length,
    images,
    error: { value: rootMean(errors), ...interval, confidence: CONFIDENCE },
    meanFillError: rootMean(squaredErrors(meanImages(dataset, images), truth, mask)),
    accuracy: scores.accuracy.value,
    filled: {
      told,
      ...scores,
      real: await scoresOf(whole.images),
      reference,
      diversity: spreadOf(again, mask),
      fills,
      repeated,
    },
    millisecondsPerImage: (1000 * seconds) / images,
    networkEvaluations,
    grid: await publishGrid(
      out,
      `samples/control-${id}-seed-${seed}-${task.mask}${untold}.png`,
      picture,
      picture.count,
      `${model.title}${untold ? ", told no label" : ""}: real images, the ${task.mask} missing, filled ${fills} times`,
      columns,
    ),
  };
}

const rootMean = (values: readonly number[]): number => Math.sqrt(mean(values));

async function fillAll(
  inpainter: Inpainter,
  truth: FloatImages,
  mask: Float32Array,
  stream: Rng,
  asked: Asked | undefined,
  progress: (done: number) => void,
): Promise<{ filled: FloatImages; seconds: number }> {
  const data = new Float32Array(truth.data.length);
  const size = imageSize(truth);
  let seconds = 0;
  for (const { from, used, indices } of fullBatches(truth.count, inpainter.batch)) {
    const labels = asked === undefined || asked === "no label" ? asked : indices.map((i) => asked[i]!);
    const started = performance.now();
    const filled = await inpainter.fill(takeImages(truth, indices), mask, stream, from, labels);
    seconds += ((performance.now() - started) / 1000) * (used / indices.length);
    data.set(filled.data.subarray(0, used * size), from * size);
    progress(from + used);
  }
  return { filled: { ...truth, data }, seconds };
}

/** Mean squared difference of each image from its counterpart over the missing values. */
function squaredErrors(images: FloatImages, others: FloatImages, mask: Float32Array): number[] {
  const size = imageSize(images);
  return Array.from({ length: images.count }, (_, i) => {
    let [sum, missing] = [0, 0];
    for (let k = 0; k < size; k++) {
      if (mask[Math.floor(k / images.channels)] !== 0) continue;
      sum += (images.data[i * size + k]! - others.data[i * size + k]!) ** 2;
      missing++;
    }
    return sum / missing;
  });
}

/** Root mean squared difference over the missing values of two fills of one hole, of all pairs of `fills`. */
function spreadOf(fills: readonly FloatImages[], mask: Float32Array): number {
  return rootMean(
    fills.flatMap((fill, k) => fills.slice(k + 1).flatMap((other) => squaredErrors(fill, other, mask))),
  );
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
