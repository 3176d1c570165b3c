/**
 * `folder:DIR`: your own images. DIR holds a folder per class, or just images, which are then of one class; or `train`
 * and `test` folders that are made so, else every sixth image of each class, in the order of their names, is a test image.
 */
import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { BenchError, messageOf } from "../../core/errors.ts";
import type { ByteImages } from "../../core/images.ts";
import { takeImages } from "../../core/images.ts";
import { withChannels } from "../images/colour.ts";
import { readImageFolder } from "../images/read.ts";
import { assemble, type RawDataset } from "./assemble.ts";
import type { DatasetRequest, DatasetSource, Split } from "./contract.ts";

/** One image of so many is for testing where the folder does not say. */
const TEST_EVERY = 6;
const MAX_CLASSES = 256;

async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map(({ name }) => name)
      .sort((a, b) => (a < b ? -1 : 1));
  } catch (cause) {
    throw new BenchError("BAD_DATA", `${folder} is no folder that can be read: ${messageOf(cause)}.`, {
      cause,
    });
  }
}

interface Labelled {
  readonly classes: readonly string[];
  /** Images of each class. */
  readonly images: readonly ByteImages[];
}

/** A folder per class in the order of their names, or the folder's own images as the one class. */
async function readClasses(
  folder: string,
  request: DatasetRequest,
  expected?: readonly string[],
): Promise<Labelled> {
  const found = await foldersIn(folder);
  const classes = expected ?? (found.length > 0 ? found : ["image"]);
  const differ =
    found.length > 0 && (found.length !== classes.length || found.some((c, i) => c !== classes[i]));
  if (differ)
    throw new BenchError(
      "BAD_DATA",
      `${folder} has the classes ${found.join(", ")}, the training images ${classes.join(", ")}. Give both the same.`,
    );
  if (classes.length > MAX_CLASSES)
    throw new BenchError(
      "BAD_DATA",
      `${folder} has ${classes.length} folders; at most ${MAX_CLASSES} classes are told apart.`,
    );
  const { size, onProgress } = request;
  const images: ByteImages[] = [];
  for (const name of found.length > 0 ? classes : [""]) {
    const place = join(folder, name);
    const options = {
      resize: size,
      square: true,
      onProgress: onProgress
        ? (done: number, total: number) => onProgress(`reading ${basename(place)}`, done, total)
        : undefined,
    };
    const read = await readImageFolder(place, options);
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
  const part = (isTest: boolean) =>
    joined(
      images.map((all) =>
        takeImages(
          all,
          Array.from({ length: all.count }, (_, i) => i).filter(
            (i) => (i % TEST_EVERY === TEST_EVERY - 1) === isTest,
          ),
        ),
      ),
    );
  const test = part(true);
  if (test.images.count === 0)
    throw new BenchError(
      "BAD_DATA",
      `${folder} has fewer than ${TEST_EVERY} images in every class, too few to keep some for testing.`,
    );
  return { name, classes, train: part(false), test };
}

export const folder: DatasetSource = {
  describe: "your own images, PNG, JPEG or WebP and square, in a folder, or in a folder per class",
  argument: "DIR",
  async load(given, request) {
    if (!given) throw new BenchError("USAGE", "folder needs a folder: folder:DIR");
    return assemble(await readFolder(given, `folder:${basename(resolve(given))}`, request), request);
  },
};
