/** What the sources share: listing a folder, and the last steps of a dataset, which are subset, size, channels and hash. */
import { createHash } from "node:crypto";
import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { assert, badData, messageOf, refuseFile } from "../../core/errors.ts";
import { type ByteImages, takeImages } from "../../core/images.ts";
import { rng } from "../../core/rng.ts";
import { withChannels } from "../images/colour.ts";
import { resizeByArea } from "../images/resize.ts";
import type { Dataset, DatasetRequest, Split } from "./contract.ts";

export type SplitName = "train" | "test";

/** A dataset before its subset is taken, its images at their own size and channels, in whatever order the source has. */
export interface RawDataset {
  readonly name: string;
  readonly classes: readonly string[];
  readonly modes?: readonly string[];
  readonly train: Split;
  readonly test: Split;
  readonly pictures?: Dataset["pictures"];
  /** Whether image i of a split is drawn at random already: made data, which keep their first images as more are made. */
  readonly shuffled?: boolean;
}

/** Entries of a folder; `layout` says what it should hold. @throws BAD_DATA where it cannot be read */
export async function listFolder(folder: string, layout: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const problem =
      code === "ENOENT" ? "no such folder" : code === "ENOTDIR" ? "a file, not a folder" : messageOf(cause);
    return refuseFile(folder, problem, layout, cause);
  }
}

/** The images of `split` at `indices`, in that order, with their labels and modes; copied. */
export function takeSplit({ images, labels, modes }: Split, indices: ArrayLike<number>): Split {
  return {
    images: takeImages(images, indices),
    labels: Uint8Array.from(indices, (i) => labels[i]!),
    modes: modes && Uint16Array.from(indices, (i) => modes[i]!),
  };
}

/** Most bytes of both splits' pixels at the requested size. */
const MOST_BYTES = 2 ** 30;

/** Images that are copied and resized at a time, so that a split is in memory twice and no more. */
const AT_ONCE = 4096;

/** The images of `split` at `indices`, resized by area and brought to `channels`, [indices.length, size, size, channels]. */
function resized({ images }: Split, indices: Uint32Array, size: number, channels: 1 | 3): ByteImages {
  const data = new Uint8Array(indices.length * size * size * channels);
  for (let from = 0; from < indices.length; from += AT_ONCE) {
    const part = takeImages(images, indices.subarray(from, from + AT_ONCE));
    data.set(withChannels(resizeByArea(part, size), channels).data, from * size * size * channels);
  }
  return { data, count: indices.length, height: size, width: size, channels };
}

/**
 * Indices of the requested number of images, all of them by default, in random order: the first of a permutation seeded by seed and
 * split, whatever order the source has. So every part of a split is an i.i.d. sample of it, and of two subsets the smaller
 * lies within the larger.
 */
function chosen(raw: RawDataset, request: DatasetRequest, split: SplitName): Uint32Array {
  const total = raw[split].images.count;
  const count = request[split] ?? total;
  if (count > total)
    throw badData(
      `${raw.name} has ${total} ${split} images, but ${count} were asked for. ` +
        `Ask for at most ${total} or take a larger dataset.`,
    );
  if (raw.shuffled && count === total) return Uint32Array.from({ length: total }, (_, i) => i);
  return rng(request.seed).fold("subset").fold(split).permutation(total).subarray(0, count);
}

/** sha256 (hex) over counts, sizes, pixels and labels of both splits. */
function hashOf(train: Split, test: Split): string {
  const hash = createHash("sha256");
  for (const { images, labels } of [train, test]) {
    const { count, height, width, channels } = images;
    hash.update(`${count}x${height}x${width}x${channels}\n`).update(images.data).update(labels);
  }
  return hash.digest("hex");
}

/** The dataset as requested: its subset, resized by area and brought to the requested channels, or those that it has. */
export function assemble(raw: RawDataset, request: DatasetRequest): Dataset {
  const { size } = request;
  const has = Math.max(raw.train.images.channels, raw.test.images.channels) === 3 ? 3 : 1;
  const channels = request.channels ?? has;
  const counts = (["train", "test"] as const).map((split) => request[split] ?? raw[split].images.count);
  if (counts.reduce((sum, count) => sum + count, 0) * size * size * channels > MOST_BYTES)
    throw badData(
      `${raw.name}: ${counts.join(" and ")} images of ${size}x${size}x${channels} take more than ${MOST_BYTES} bytes. ` +
        "Ask for fewer by dataset.train and dataset.test, or for smaller ones by dataset.size.",
    );
  const [train, test] = (["train", "test"] as const).map((split): Split => {
    const { images, labels, modes } = raw[split];
    assert(labels.length === images.count, `${raw.name} ${split}: a label for each image`);
    const indices = chosen(raw, request, split);
    return {
      images: resized(raw[split], indices, size, channels),
      labels: Uint8Array.from(indices, (i) => labels[i]!),
      modes: modes && Uint16Array.from(indices, (i) => modes[i]!),
    };
  }) as [Split, Split];
  const { name, classes, modes, pictures } = raw;
  return { name, hash: hashOf(train, test), size, channels, classes, modes, train, test, pictures };
}
