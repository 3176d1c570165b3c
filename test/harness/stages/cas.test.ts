/** What a classifier learns from generated images: real ones given as generated, and labels that say nothing. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import type { Engine } from "../../../src/engine/contract.ts";
import { type Dataset, loadDataset, takeSplit } from "../../../src/harness/datasets/index.ts";
import { measureCas } from "../../../src/harness/stages/control/cas.ts";
import { range } from "../../../src/harness/stages/shared/batches.ts";
import { targetsOf } from "../../../src/harness/stages/shared/judge.ts";
import { referenceSet } from "../../../src/harness/stages/shared/sets.ts";
import type { Labelled } from "../../../src/harness/stages/shared/train-classifier.ts";
import { compiledEngine } from "../../models/evaluate.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await compiledEngine();
});
afterAll(() => engine.dispose());

const given = { size: 8, channels: 1, seed: 0, train: 800, test: 900 } as const;

/** `generated` against 300 real images, after each classifier has seen 3,200 images. */
const score = (dataset: Dataset, generated: Labelled, images = 3200) =>
  measureCas({ engine, dataset: async () => dataset }, generated, {
    seed: 0,
    batch: 64,
    images,
    test: referenceSet(dataset, 300),
    progress() {},
  });

/** Real images that nothing else has seen, under their own labels. */
function fresh(dataset: Dataset, n: number): { images: Labelled["images"]; labels: Uint16Array } {
  const split = takeSplit(dataset.test, range(300, n));
  return { images: split.images, labels: Uint16Array.from(targetsOf(dataset, split).labels) };
}

describe("classification accuracy score", () => {
  it("of real images is that of real images, and of labels that say nothing is chance", async () => {
    const dataset = await loadDataset("shapes", given);
    const real = fresh(dataset, 600);
    const same = await score(dataset, real);
    expect(same).toMatchObject({ n: 600, imagesSeen: 3200, tested: 300 });
    expect(same.real.value).toBeGreaterThan(0.7);
    expect(Math.abs(same.accuracy.value - same.real.value)).toBeLessThan(0.08);
    const order = rng(5).permutation(600);
    const labels = real.labels.map((_, i) => real.labels[order[i]!]!);
    const shuffled = await score(dataset, { ...real, labels });
    const chance = 1 / dataset.modes!.length;
    expect(Math.abs(shuffled.accuracy.value - chance)).toBeLessThan(0.06);
    expect(shuffled.real).toEqual(same.real); // the classifier beside it does not depend on the model
  });

  it("of images that are all alike is lower than of varied ones, whatever the judge says of each", async () => {
    const dataset = await loadDataset("shapes", given);
    const real = fresh(dataset, 600);
    const { length: modes } = dataset.modes!;
    const one = range(0, modes).map((mode) => real.labels.indexOf(mode));
    const alike = takeSplit(
      dataset.test,
      range(0, 600).map((i) => 300 + one[i % modes]!),
    );
    const collapsed = await score(dataset, {
      images: alike.images,
      labels: targetsOf(dataset, alike).labels,
    });
    expect(collapsed.accuracy.value).toBeLessThan(collapsed.real.value - 0.1);
  });

  it("takes stacked images apart, channel by channel, under the digits of their mode", async () => {
    const dataset = await loadDataset("stacked:shapes", { ...given, channels: 3 });
    const { accuracy, real } = await score(dataset, fresh(dataset, 600), 1920);
    expect(real.value).toBeGreaterThan(0.3); // three channels right, of 1,000 modes
    expect(Math.abs(accuracy.value - real.value)).toBeLessThan(0.15);
  });
});
