/** The sources of data, and the one way to load from them. To add a source: one file and one line here. */
import { BenchError } from "../../core/errors.ts";
import { nearest } from "../../core/suggest.ts";
import type { DatasetFacts } from "../record/index.ts";
import { cifar10Source } from "./cifar10.ts";
import type { Dataset, DatasetRequest, DatasetSource } from "./contract.ts";
import { folder } from "./folder.ts";
import { idx } from "./mnist-layout.ts";
import { published, publishedSource } from "./published.ts";
import { shapes } from "./shapes.ts";
import { stackedSource } from "./stacked.ts";

export const datasetSources = {
  shapes,
  idx,
  mnist: publishedSource("mnist", published.mnist),
  "fashion-mnist": publishedSource("fashion-mnist", published["fashion-mnist"]),
  kmnist: publishedSource("kmnist", published.kmnist),
  cifar10: cifar10Source(publishedSource("cifar10", published.cifar10)),
  folder,
  stacked: stackedSource((spec, request): Promise<Dataset> => loadDataset(spec, request)),
} satisfies Record<string, DatasetSource>;

export type DatasetName = keyof typeof datasetSources;

export interface DatasetSpec {
  readonly name: DatasetName;
  readonly argument?: string;
}

const isDatasetName = (name: string): name is DatasetName => Object.hasOwn(datasetSources, name);

const known = () =>
  Object.entries<DatasetSource>(datasetSources).flatMap(([name, { argument, optional }]) => [
    ...(optional || !argument ? [name] : []),
    ...(argument ? [`${name}:${argument}`] : []),
  ]);

function unknownName(name: string): BenchError {
  const guess = nearest(name, Object.keys(datasetSources));
  const hint = guess === undefined ? "" : ` Did you mean ${guess}?`;
  return new BenchError("USAGE", `unknown dataset "${name}"; known: ${known().join(", ")}.${hint}`);
}

/**
 * `idx:DIR` into name and argument. @throws USAGE for an unknown name, and an argument missing or not taken.
 */
export function parseDatasetSpec(spec: string): DatasetSpec {
  const colon = spec.indexOf(":");
  const name = colon < 0 ? spec : spec.slice(0, colon);
  const argument = colon < 0 ? undefined : spec.slice(colon + 1);
  if (!isDatasetName(name)) throw unknownName(name);
  const { argument: takes, optional } = datasetSources[name] as DatasetSource;
  if (takes && !argument && !(optional && colon < 0))
    throw new BenchError("USAGE", `dataset ${name} needs ${takes}: ${name}:${takes}`);
  if (!takes && argument !== undefined)
    throw new BenchError("USAGE", `dataset ${name} takes nothing after a colon, but "${spec}" was given`);
  if (name === "stacked") checkBase(argument!);
  return argument === undefined ? { name } : { name, argument };
}

/** A stack is of images, not of stacks. */
function checkBase(base: string): void {
  if (parseDatasetSpec(base).name === "stacked")
    throw new BenchError("USAGE", `stacked:${base}: the base set is stacked itself; name what it is made of`);
}

function checkRequest(request: DatasetRequest): void {
  const { size, channels, seed } = request;
  const bad = (message: string) => new BenchError("BAD_CONFIG", message);
  if (!Number.isInteger(size) || size % 4 !== 0 || size < 8 || size > 256)
    throw bad(`image size ${size}: expected a multiple of 4 from 8 to 256`);
  if (channels !== 1 && channels !== 3) throw bad(`${channels} channels: expected 1 (grey) or 3 (RGB)`);
  if (!Number.isSafeInteger(seed)) throw bad(`dataset seed ${seed}: expected a whole number`);
  for (const split of ["train", "test"] as const) {
    const count = request[split];
    if (count !== undefined && (!Number.isInteger(count) || count < 1))
      throw bad(`${count} ${split} images: expected a whole number of at least 1`);
  }
}

/**
 * Loads `spec` (`shapes`, `idx:DIR`, `mnist`, ...): images uint8 [count, size, size, channels], labels, hash.
 * @throws USAGE for an unknown name, BAD_CONFIG for a size, channels, count or seed that cannot be, BAD_DATA
 * for malformed files or fewer images than asked for, DATA_UNAVAILABLE where a download fails.
 */
export async function loadDataset(spec: string, request: DatasetRequest): Promise<Dataset> {
  const { name, argument } = parseDatasetSpec(spec);
  checkRequest(request);
  return datasetSources[name].load(argument, request);
}

/** What the run's record keeps of a dataset. */
export function datasetFacts(dataset: Dataset): DatasetFacts {
  const { name, hash, size, channels, classes, modes = classes, train, test } = dataset;
  return {
    name,
    hash,
    size,
    channels,
    classes: [...classes],
    modes: [...modes],
    train: train.images.count,
    test: test.images.count,
  };
}
