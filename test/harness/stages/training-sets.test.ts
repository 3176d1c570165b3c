import { expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import { loadDataset } from "../../../src/harness/datasets/index.ts";
import { trainingSubset } from "../../../src/harness/stages/data/run.ts";
import { nearestImages } from "../../../src/harness/stages/shared/neighbours.ts";
import { sampledLabels } from "../../../src/harness/stages/shared/sampling.ts";
import { snapshotSteps } from "../../../src/harness/stages/shared/training.ts";
import type { Model } from "../../../src/models/index.ts";

const dataset = await loadDataset("shapes", { size: 8, channels: 1, seed: 0, train: 400, test: 20 });
const image = (data: Uint8Array, i: number) => data.subarray(64 * i, 64 * (i + 1)).join();

it("a smaller training set lies within a larger, with its labels", () => {
  const [small, large] = [30, 100].map((size) => trainingSubset(dataset.train, { size, seed: 5 }));
  for (let i = 0; i < 30; i++) expect(image(small!.images.data, i)).toBe(image(large!.images.data, i));
  expect([...small!.labels]).toEqual([...large!.labels.slice(0, 30)]);
  expect([...small!.modes!]).toEqual([...large!.modes!.slice(0, 30)]);
  const at = Array.from({ length: 400 }, (_, i) => image(dataset.train.images.data, i)).indexOf(
    image(small!.images.data, 7),
  );
  expect(small!.modes![7]).toBe(dataset.train.modes![at]);
});

it("each training seed has its own set, of which the dataset's seed decides nothing", () => {
  const sets = [0, 1, 2].map((seed) => trainingSubset(dataset.train, { size: 30, seed }).images.data.join());
  expect(new Set(sets).size).toBe(3);
});

it("the nearest image of a training image is itself", () => {
  const some = trainingSubset(dataset.train, { size: 20, seed: 1 }).images;
  const all = Array.from({ length: 400 }, (_, i) => image(dataset.train.images.data, i));
  const found = nearestImages(some, dataset.train.images);
  found.forEach((index, i) => {
    expect(all[index]).toBe(image(some.data, i));
  });
});

it("the nearest image is the one of least squared difference", () => {
  const of = (...pixels: number[]) => ({
    data: Uint8Array.from(pixels),
    count: pixels.length / 2,
    height: 1,
    width: 2,
    channels: 1,
  });
  expect(nearestImages(of(10, 10, 200, 0), of(0, 0, 12, 9, 255, 255, 190, 10))).toEqual([1, 3]);
});

it("snapshots are taken at equal distances, the end among them, none twice", () => {
  expect(snapshotSteps(100, 4)).toEqual([25, 50, 75, 100]);
  expect(snapshotSteps(10, 3)).toEqual([3, 7, 10]);
  expect(snapshotSteps(2, 5)).toEqual([1, 2]);
  expect(snapshotSteps(7, 0)).toEqual([]);
});

it("labels asked for are as frequent as the training images', image i's its own", () => {
  const model = { classes: 20 } as Model;
  const labelOf = sampledLabels(model, dataset, rng(1))!;
  const counts = Array<number>(20).fill(0);
  for (let i = 0; i < 4000; i++) counts[labelOf(i)]!++;
  const frequencies = Array<number>(20).fill(0);
  for (const mode of dataset.train.modes!) frequencies[mode]!++;
  for (let mode = 0; mode < 20; mode++) expect(counts[mode]! / 10).toBeCloseTo(frequencies[mode]!, -1);
  expect(labelOf(3)).toBe(sampledLabels(model, dataset, rng(1))!(3));
  expect(sampledLabels({ classes: 0 } as Model, dataset, rng(1))).toBeUndefined();
});
