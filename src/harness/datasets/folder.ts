/**
 * `folder:DIR`: your own images. DIR holds a folder for each class, or only images, which are then one class; or it holds
 * `train` and `test`, each laid out so. Without these two, a sixth of the images, drawn at random, are test images.
 */
import { basename, join, resolve } from "node:path";
import { badData } from "../../core/errors.ts";
import type { ByteImages } from "../../core/images.ts";
import { rng } from "../../core/rng.ts";
import { withChannels } from "../images/colour.ts";
import { readImageFolder } from "../images/read.ts";
import { assemble, listFolder, type RawDataset, takeSplit } from "./assemble.ts";
import type { DatasetRequest, DatasetSource, Split } from "./contract.ts";

/** One of this many images, drawn by the dataset's seed, is for testing where the folder has no `test`. */
const TEST_EVERY = 6;
const MAX_CLASSES = 256;

const LAYOUT = "Give a folder of images, or one that holds a folder of images for each class.";

async function foldersIn(folder: string): Promise<string[]> {
  const folders = (await listFolder(folder, LAYOUT)).filter((entry) => entry.isDirectory());
  const names = folders.map(({ name }) => name).filter((name) => !name.startsWith("."));
  return names.sort((a, b) => (a < b ? -1 : 1));
}

/** A folder per class in the order of their names, or the folder's own images as the one class; `images` of each class. */
async function readClasses(folder: string, request: DatasetRequest, expected?: readonly string[]) {
  const found = await foldersIn(folder);
  const classes = expected ?? (found.length > 0 ? found : ["image"]);
  const differ =
    found.length > 0 && (found.length !== classes.length || found.some((c, i) => c !== classes[i]));
  if (differ)
    throw badData(
      `${folder} has the classes ${found.join(", ")}, the training images ${classes.join(", ")}. Give both the same.`,
    );
  if (classes.length > MAX_CLASSES)
    throw badData(`${folder} has ${classes.length} folders; at most ${MAX_CLASSES} classes are read.`);
  const images: ByteImages[] = [];
  for (const name of found.length > 0 ? classes : [""]) {
    const place = join(folder, name);
    const read = await readImageFolder(place, {
      resize: request.size,
      square: true,
      onProgress: (done, total) => request.onProgress?.(`reading ${basename(place)}`, done, total),
    });
    images.push(withChannels(read.images, request.channels));
  }
  return { classes, images };
}

function joined(parts: readonly ByteImages[]): Split {
  const [first] = parts as [ByteImages];
  const data = new Uint8Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  const labels = parts.flatMap(({ count }, label) => Array<number>(count).fill(label));
  return { images: { ...first, data, count: labels.length }, labels: Uint8Array.from(labels) };
}

async function readFolder(folder: string, name: string, request: DatasetRequest): Promise<RawDataset> {
  const found = await foldersIn(folder);
  if (found.includes("train") && found.includes("test")) {
    const train = await readClasses(join(folder, "train"), request);
    const test = await readClasses(join(folder, "test"), request, train.classes);
    return { name, classes: train.classes, train: joined(train.images), test: joined(test.images) };
  }
  const { classes, images } = await readClasses(folder, request);
  const all = joined(images);
  const { count } = all.images;
  if (count < TEST_EVERY)
    throw badData(`${folder} has fewer than ${TEST_EVERY} images, too few to keep some for testing.`);
  const order = rng(request.seed).fold("folder").permutation(count);
  const tested = Math.floor(count / TEST_EVERY);
  return {
    name,
    classes,
    train: takeSplit(all, order.subarray(tested)),
    test: takeSplit(all, order.subarray(0, tested)),
  };
}

export const folder: DatasetSource = {
  describe: "your own images, PNG, JPEG or WebP and square, in a folder, or in a folder per class",
  argument: "DIR",
  async load(given, request) {
    return assemble(await readFolder(given, `folder:${basename(resolve(given))}`, request), request);
  },
};
