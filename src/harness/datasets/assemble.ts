/** The last steps that every source shares: subset, size, channels, hash. */
import { createHash } from "node:crypto";
import { assert, BenchError } from "../../core/errors.ts";
import { takeImages } from "../../core/images.ts";
import { rng } from "../../core/rng.ts";
import { withChannels } from "../images/colour.ts";
import { resizeByArea } from "../images/resize.ts";
import type { Dataset, DatasetRequest, Split } from "./contract.ts";

export type SplitName = "train" | "test";

/** A dataset before its subset is taken, its images at their own size and channels. */
export interface RawDataset {
  readonly name: string;
  readonly classes: readonly string[];
  readonly modes?: readonly string[];
  readonly train: Split;
  readonly test: Split;
}

/**
 * `count` of `total` indices, ascending: the first of a permutation seeded by seed and split, so that of two
 * subsets the smaller lies within the larger, and all of them are the source as it is, whatever the seed.
 */
export function subset(total: number, count: number, seed: number, split: SplitName): Uint32Array {
  return rng(seed).fold("subset").fold(split).permutation(total).slice(0, count).sort();
}

function select(raw: RawDataset, request: DatasetRequest, split: SplitName): Split {
  const source = raw[split];
  const total = source.images.count;
  const count = request[split] ?? total;
  if (count > total)
    throw new BenchError(
      "BAD_DATA",
      `${raw.name} has ${total} ${split} images, but ${count} were asked for. ` +
        `Ask for at most ${total} or take a larger dataset.`,
    );
  if (count === total) return source;
  const chosen = subset(total, count, request.seed, split);
  const labels = Uint8Array.from(chosen, (i) => source.labels[i]!);
  const modes = source.modes && Uint16Array.from(chosen, (i) => source.modes![i]!);
  return { images: takeImages(source.images, chosen), labels, modes };
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

/** The dataset as requested: subset first, then resized by area and brought to the channels asked for. */
export function assemble(raw: RawDataset, request: DatasetRequest): Dataset {
  const { size, channels } = request;
  const [train, test] = (["train", "test"] as const).map((split): Split => {
    const chosen = select(raw, request, split);
    assert(chosen.labels.length === chosen.images.count, `${raw.name} ${split}: a label for each image`);
    return { ...chosen, images: withChannels(resizeByArea(chosen.images, size), channels) };
  }) as [Split, Split];
  const { name, classes, modes } = raw;
  return { name, hash: hashOf(train, test), size, channels, classes, modes, train, test };
}
