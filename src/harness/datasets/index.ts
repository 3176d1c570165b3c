/** The sources of data, and the only way to load from them. To add a source: one file and one line here. */
import { badConfig, usageError } from "../../core/errors.ts";
import { parseSpec, type Spec } from "../../core/spec.ts";
import type { DatasetFacts } from "../record/index.ts";
import { cifar10Source } from "./cifar10.ts";
import type { Dataset, DatasetRequest, DatasetSource, FolderOptions } from "./contract.ts";
import { folder } from "./folder.ts";
import { idx } from "./mnist-layout.ts";
import { npm } from "./npm.ts";
import { published, publishedSource } from "./published.ts";
import { shapes } from "./shapes.ts";
import { stackedSource } from "./stacked.ts";

export { COLOUR, colourNames, fits } from "../images/fit.ts";
export { takeSplit } from "./assemble.ts";
export type { Dataset, Split } from "./contract.ts";
export { defaultCacheDir, fetchPublished, type PublishedDataset, published } from "./published.ts";

export const datasetSources = {
  shapes,
  idx,
  mnist: publishedSource("mnist", published.mnist),
  "fashion-mnist": publishedSource("fashion-mnist", published["fashion-mnist"]),
  kmnist: publishedSource("kmnist", published.kmnist),
  cifar10: cifar10Source(publishedSource("cifar10", published.cifar10)),
  folder,
  npm,
  stacked: stackedSource((spec, request): Promise<Dataset> => loadDataset(spec, request)),
} satisfies Record<string, DatasetSource>;

/** Options of a suite's `dataset` that folder:DIR alone has. */
export const folderOptions = [
  "fit",
  "background",
  "skipBroken",
  "testShare",
] as const satisfies readonly (keyof FolderOptions)[];

export type DatasetSpec = Spec<keyof typeof datasetSources>;

/** `idx:DIR` into name and argument. @throws USAGE for an unknown name, and an argument missing or not taken */
export function parseDatasetSpec(spec: string): DatasetSpec {
  const parsed = parseSpec(spec, datasetSources, "dataset");
  if (parsed.name === "stacked") {
    const base = parseSpec(parsed.argument!, datasetSources, "dataset");
    if (base.name === "stacked")
      throw usageError(`${spec}: the base set is stacked itself; name what it is made of`);
  }
  return parsed;
}

/** Most bytes of a split's pixels: they are held in memory, and several copies of parts of them. */
const MOST_BYTES = 2 ** 30;

function checkRequest(request: DatasetRequest): void {
  const { size, channels, seed } = request;
  if (!Number.isInteger(size) || size % 4 !== 0 || size < 8 || size > 256)
    throw badConfig(`image size ${size}: expected a multiple of 4 from 8 to 256`);
  if (channels !== undefined && channels !== 1 && channels !== 3)
    throw badConfig(`${channels} channels: expected 1 (grey) or 3 (RGB)`);
  if (!Number.isSafeInteger(seed)) throw badConfig(`dataset seed ${seed}: expected a whole number`);
  for (const split of ["train", "test"] as const) {
    const count = request[split];
    if (count === undefined) continue;
    if (!Number.isInteger(count) || count < 1)
      throw badConfig(`${count} ${split} images: expected a whole number of at least 1`);
    const least = size * size * (channels ?? 1);
    if (count * least > MOST_BYTES)
      throw badConfig(
        `dataset.${split}: ${count} images of ${size}x${size} take more than ${MOST_BYTES} bytes; ` +
          `ask for at most ${Math.floor(MOST_BYTES / least)}`,
      );
  }
}

/** @throws BAD_CONFIG for options of a folder of pictures, and data that are none */
function checkFolderOptions(spec: string, name: keyof typeof datasetSources, request: DatasetRequest): void {
  const source: DatasetSource = datasetSources[name];
  const given = folderOptions.find((option) => request[option] !== undefined);
  if (given !== undefined && !source.ofPictures)
    throw badConfig(
      `dataset.${given} is of folder:DIR, your own pictures, and the data are ${spec}. Leave it out.`,
    );
  if (request.labels !== undefined && name !== "npm")
    throw badConfig(`dataset.labels is of npm:NAME/GLOB, and the data are ${spec}. Leave it out.`);
}

/**
 * Loads `spec` (`shapes`, `idx:DIR`, `mnist`, ...): images uint8 [count, size, size, channels], labels, hash.
 * @throws USAGE for an unknown name, BAD_CONFIG for a size, channels, count or seed that cannot be, BAD_DATA
 * for malformed files or fewer images than asked for, DATA_UNAVAILABLE where a download fails.
 */
export async function loadDataset(spec: string, request: DatasetRequest): Promise<Dataset> {
  const { name, argument = "" } = parseDatasetSpec(spec);
  checkRequest(request);
  checkFolderOptions(spec, name, request);
  return datasetSources[name].load(argument, request);
}

/** Reference, floor and validation: what a test split is divided into. */
export const THIRDS = 3;

/** Most images that a stage can compare: of each third of the test split. */
export const mostCompared = (testImages: number): number => Math.floor(testImages / THIRDS);

/** The facts of a dataset that a run's record keeps. */
export function datasetFacts(dataset: Dataset): DatasetFacts {
  const { name, hash, size, channels, classes, modes = classes, train, test, pictures } = dataset;
  return {
    name,
    hash,
    size,
    channels,
    classes: [...classes],
    modes: [...modes],
    train: train.images.count,
    test: test.images.count,
    pictures,
  };
}
