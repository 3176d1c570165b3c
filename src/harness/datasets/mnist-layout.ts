/** The MNIST layout: four IDX files in a folder. `idx:DIR` reads the user's folder, `mnist` and its like a download. */
import { basename, join, resolve } from "node:path";
import { badData, refuseFile } from "../../core/errors.ts";
import { assemble, listFolder, type RawDataset, type SplitName } from "./assemble.ts";
import type { DatasetSource, Split } from "./contract.ts";
import { type IdxArray, type IdxKind, readIdx } from "./idx.ts";

/** Names of the files, without the `.gz` that each may have. */
export const fileNames = {
  train: { images: "train-images-idx3-ubyte", labels: "train-labels-idx1-ubyte" },
  test: { images: "t10k-images-idx3-ubyte", labels: "t10k-labels-idx1-ubyte" },
} satisfies Record<SplitName, Record<IdxKind, string>>;

const LAYOUT =
  "A folder in MNIST layout holds train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte " +
  "and t10k-labels-idx1-ubyte, each raw or with .gz.";

/** An array of the layout, and what errors call its file. */
interface Part {
  readonly file: string;
  readonly array: IdxArray;
}

/** Finds the file of a name, with or without `.gz`, and reads it. */
export type ReadPart = (name: string, kind: IdxKind) => Promise<Part>;

async function readSplit(read: ReadPart, split: SplitName): Promise<Split> {
  const { file: imagesFile, array: images } = await read(fileNames[split].images, "images");
  const { file: labelsFile, array: labels } = await read(fileNames[split].labels, "labels");
  const [count, height, width] = images.dimensions as [number, number, number];
  if (labels.data.length !== count)
    throw badData(
      `${imagesFile} holds ${count} images but ${labelsFile} holds ${labels.data.length} labels; ` +
        "expected one label for each image. Take both files from the same export.",
    );
  if (height !== width)
    throw badData(
      `${imagesFile} holds images of ${height}x${width}; expected square ones. Pad or crop them to squares.`,
    );
  return { images: { data: images.data, count, height, width, channels: 1 }, labels: labels.data };
}

/** Labels as indices into `values`, the label values in use. */
function relabel(split: Split, values: readonly number[], file: string): Split {
  const index = new Map(values.map((value, i) => [value, i]));
  const labels = split.labels.map((value, i) => {
    const label = index.get(value);
    if (label === undefined)
      refuseFile(
        file,
        `label ${i} is ${value}; expected one of ${values.join(", ")}`,
        "Every class must occur among the training labels.",
      );
    return label;
  });
  return { ...split, labels };
}

/** Reads each file of a folder raw where it is there, else packed. */
async function partsOf(folder: string): Promise<ReadPart> {
  const present = (await listFolder(folder, LAYOUT)).map((entry) => entry.name);
  return async (name, kind) => {
    const found = [name, `${name}.gz`].find((candidate) => present.includes(candidate));
    const file = join(folder, found ?? refuseFile(folder, `neither ${name} nor ${name}.gz is there`, LAYOUT));
    return { file, array: await readIdx(file, kind) };
  };
}

/**
 * All of a set in MNIST layout, as `read` gives its files; errors call their place `folder`. `classes` names the label
 * values 0, 1, ...; without it the values that occur in the training labels are the classes, named by their value.
 * @throws BAD_DATA for any missing or malformed file and for files that do not belong together.
 */
export async function readMnistLayout(
  read: ReadPart,
  folder: string,
  name: string,
  classes?: readonly string[],
): Promise<RawDataset> {
  const train = await readSplit(read, "train");
  const test = await readSplit(read, "test");
  if (train.images.height !== test.images.height)
    refuseFile(
      folder,
      `training images are ${train.images.height} pixels wide, test images ${test.images.height}; expected one size`,
      "Take both from the same export.",
    );
  const values = classes ? classes.map((_, i) => i) : [...new Set(train.labels)].sort((a, b) => a - b);
  return {
    name,
    classes: classes ?? values.map(String),
    train: relabel(train, values, join(folder, fileNames.train.labels)),
    test: relabel(test, values, join(folder, fileNames.test.labels)),
  };
}

export const idx: DatasetSource = {
  describe: "your own data in MNIST layout: four IDX files, raw or gzipped, in a folder",
  argument: "DIR",
  async load(folder, request) {
    const name = `idx:${basename(resolve(folder))}`;
    return assemble(await readMnistLayout(await partsOf(folder), folder, name), request);
  },
};
