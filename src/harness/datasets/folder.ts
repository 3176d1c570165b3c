/**
 * `folder:DIR`: your own pictures. DIR holds a folder for each class, or only pictures, which are then one class; or it holds
 * `train` and `test`, each laid out so. Without these two, test images are drawn at random: `testShare` of the pictures, or
 * by the rule of `testCount`. Pictures may have any size, alpha and 16 bits: transparent ones are laid on `background`,
 * oblong ones made square as `fit` says, all are resized by area.
 */
import { basename, join, resolve } from "node:path";
import { badData } from "../../core/errors.ts";
import { plural } from "../../core/format.ts";
import type { ByteImages } from "../../core/images.ts";
import { rng } from "../../core/rng.ts";
import { parseColour } from "../images/fit.ts";
import {
  type Broken,
  greyWhereEqual,
  type PictureFacts,
  readPictures,
  refuseBroken,
} from "../images/read.ts";
import { assemble, listFolder, type RawDataset, takeSplit } from "./assemble.ts";
import type { DatasetRequest, DatasetSource, Split } from "./contract.ts";

/** A third of the pictures are test images up to this number of them … */
const TESTED = 2000;
/** … and a sixth where that is more. */
const LARGEST_SHARE = 3;
const SMALLEST_SHARE = 6;
/** Fewest pictures of a folder. */
const LEAST = 6;
const MAX_CLASSES = 256;

const LAYOUT = "Give a folder of images, or one that holds a folder of images for each class.";

/** Names of the folders in `folder`, sorted, and of the files beside them. */
async function entriesOf(folder: string): Promise<{ folders: string[]; files: string[] }> {
  const entries = (await listFolder(folder, LAYOUT)).filter(({ name }) => !name.startsWith("."));
  const [folders, files] = [true, false].map((wanted) =>
    entries.filter((entry) => entry.isDirectory() === wanted).map(({ name }) => name),
  ) as [string[], string[]];
  return { folders: folders.sort((a, b) => (a < b ? -1 : 1)), files };
}

/** What was read of one folder and its classes. */
interface Read {
  readonly classes: readonly string[];
  /** Of each class, RGB. */
  readonly images: readonly ByteImages[];
  readonly facts: readonly PictureFacts[];
  readonly broken: readonly Broken[];
  readonly ignored: number;
}

/** A folder per class in the order of their names, or the folder's own images as the one class. */
async function readClasses(
  folder: string,
  request: DatasetRequest,
  expected?: readonly string[],
): Promise<Read> {
  const { folders, files } = await entriesOf(folder);
  const classes = expected ?? (folders.length > 0 ? folders : ["image"]);
  const differ =
    folders.length > 0 && (folders.length !== classes.length || folders.some((c, i) => c !== classes[i]));
  if (differ)
    throw badData(
      `${folder} has the classes ${folders.join(", ")}, the training images ${classes.join(", ")}. Give both the same.`,
    );
  if (classes.length > MAX_CLASSES)
    throw badData(`${folder} has ${classes.length} folders; at most ${MAX_CLASSES} classes are read.`);
  const { size, fit, background, onProgress } = request;
  const read = [];
  for (const name of folders.length > 0 ? classes : [""]) {
    const place = join(folder, name);
    read.push(
      await readPictures(place, {
        resize: size,
        fit,
        background: background === undefined ? undefined : parseColour(background),
        onProgress: (done, total) => onProgress?.(`reading ${basename(place)}`, done, total),
      }),
    );
  }
  return {
    classes,
    images: read.map(({ images }) => ({ ...images, channels: 3 })),
    facts: read.map(({ facts }) => facts),
    broken: read.flatMap(({ broken }) => broken),
    ignored:
      read.reduce((sum, { ignored }) => sum + ignored.length, 0) + (folders.length > 0 ? files.length : 0),
  };
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

/** How many of `count` pictures are test images where the folder does not say: a third, but no more than the greater of 2,000 and a sixth. */
export function testCount(count: number, share?: number): number {
  if (share !== undefined) return Math.round(share * count);
  const most = Math.max(TESTED, Math.floor(count / SMALLEST_SHARE));
  return Math.min(most, Math.floor(count / LARGEST_SHARE));
}

const SKIP = "Mend or remove them, or leave them out with --skip-broken.";

/** What reading did, over all folders. @throws BAD_DATA naming every broken file, where they are not to be skipped */
function factsOf(reads: readonly Read[], { skipBroken = false }: DatasetRequest) {
  const broken = reads.flatMap((read) => read.broken);
  const good = reads.flatMap(({ images }) => images).reduce((sum, { count }) => sum + count, 0);
  if (!skipBroken) refuseBroken(broken, good + broken.length, SKIP);
  const facts = reads.flatMap((read) => read.facts);
  const sum = (of: (one: PictureFacts) => number) => facts.reduce((total, one) => total + of(one), 0);
  const seen = facts.filter(({ edges }) => edges[1] > 0);
  return {
    skipped: broken.length,
    ignored: reads.reduce((total, { ignored }) => total + ignored, 0),
    transparent: sum(({ transparent }) => transparent),
    oblong: sum(({ oblong }) => oblong),
    deep: sum(({ deep }) => deep),
    edges: [
      seen.reduce((least, { edges }) => Math.min(least, edges[0]), seen[0]?.edges[0] ?? 0),
      seen.reduce((most, { edges }) => Math.max(most, edges[1]), 0),
    ] as [number, number],
  };
}

/** @throws BAD_DATA where reading left a class without a picture */
function refuseEmpty(folder: string, { classes, images }: Read): void {
  const empty = classes.filter((_, i) => images[i]?.count === 0);
  if (empty.length > 0)
    throw badData(
      `${folder}: none of the pictures of ${empty.join(", ")} can be read. Mend them, or remove the folder.`,
    );
}

/** The dataset, grey where no picture of either split has colour. */
function rawOf(
  name: string,
  classes: readonly string[],
  [train, test]: readonly [Split, Split],
  facts: ReturnType<typeof factsOf>,
): RawDataset {
  const grey = [train, test].map(({ images }) => greyWhereEqual(images));
  const colour = grey.some(({ channels }) => channels === 3);
  const count = ({ labels }: Split, label: number) => labels.filter((one) => one === label).length;
  const counts = classes.map((_, label): [number, number] => [count(train, label), count(test, label)]);
  return {
    name,
    classes,
    train: colour ? train : { ...train, images: grey[0]! },
    test: colour ? test : { ...test, images: grey[1]! },
    pictures: { ...facts, colour, counts },
  };
}

/** Names that other tools give the folder of images that training does not see. */
const OTHER_TEST = ["val", "valid", "validation"];

async function readFolder(folder: string, name: string, request: DatasetRequest): Promise<RawDataset> {
  const { folders: found } = await entriesOf(folder);
  if (found.includes("train") && found.includes("test")) {
    if (request.testShare !== undefined)
      throw badData(`${folder} has a folder test, so dataset.testShare says nothing. Leave it out.`);
    const train = await readClasses(join(folder, "train"), request);
    const test = await readClasses(join(folder, "test"), request, train.classes);
    const facts = factsOf([train, test], request);
    refuseEmpty(folder, train);
    return rawOf(name, train.classes, [joined(train.images), joined(test.images)], facts);
  }
  const other = OTHER_TEST.find((one) => found.includes(one));
  if (found.length === 2 && found.includes("train") && other)
    throw badData(`${folder} has the folders train and ${other}. Name the second one test.`);
  const read = await readClasses(folder, request);
  const facts = factsOf([read], request);
  refuseEmpty(folder, read);
  const all = joined(read.images);
  const { count } = all.images;
  const tested = testCount(count, request.testShare);
  if (count < LEAST || tested < 1 || tested >= count)
    throw badData(
      count < LEAST
        ? `${folder} has fewer than ${LEAST} images, too few to keep some for testing.`
        : `dataset.testShare ${request.testShare} of ${plural(count, "picture")} is ${tested}: training and testing need one each at least.`,
    );
  const order = rng(request.seed).fold("folder").permutation(count);
  const splits = [order.subarray(tested), order.subarray(0, tested)].map((part) => takeSplit(all, part));
  return rawOf(name, read.classes, splits as [Split, Split], facts);
}

export const folder: DatasetSource = {
  describe: "your own pictures, PNG, JPEG or WebP, in a folder, or in a folder per class",
  argument: "DIR",
  ofPictures: true,
  async load(given, request) {
    return assemble(await readFolder(given, `folder:${basename(resolve(given))}`, request), request);
  },
};
