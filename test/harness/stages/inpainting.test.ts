import { describe, expect, it } from "vitest";
import { type FloatImages, toFloat } from "../../../src/core/images.ts";
import type { Engine } from "../../../src/engine/contract.ts";
import { loadDataset } from "../../../src/harness/datasets/index.ts";
import { measureInpainting } from "../../../src/harness/stages/control/inpainting.ts";
import { masks } from "../../../src/harness/stages/control/masks.ts";
import type { MaskName } from "../../../src/harness/stages/control/options.ts";
import type { Judge } from "../../../src/harness/stages/shared/judge.ts";
import { floorSet } from "../../../src/harness/stages/shared/sets.ts";
import type { Inpainter, Model } from "../../../src/models/index.ts";
import { temporaryFolders } from "../datasets/fixtures.ts";

const temporary = temporaryFolders();
const dataset = await loadDataset("shapes", { size: 8, channels: 1, seed: 0, train: 60, test: 60 });
const whole = floorSet(dataset, 20);
const truth = toFloat(whole.images);

type Fill = (images: FloatImages, mask: Float32Array, first: number) => Float32Array;

/** A model that fills as told, and a judge that knows the modes of the images filled. */
function measure(fill: Fill, mask: MaskName = "half", classes = 0) {
  const seen: (readonly number[] | undefined)[] = [];
  const model = {
    title: "fake",
    classes,
    async inpainter(_engine, _weights, _options, batch) {
      return {
        batch,
        networkEvaluations: 3,
        async fill(images, mask, _stream, first, labels) {
          seen.push(labels && Array.from(labels));
          return { ...images, data: fill(images, mask, first) };
        },
        dispose() {},
      } satisfies Inpainter;
    },
  } as Partial<Model> as Model;
  const judge = {
    judge: async ({ count }) => ({
      features: { data: new Float64Array(count), count, width: 1 },
      assignments: whole.modes!.slice(0, count),
    }),
    dispose() {},
  } as Judge;
  const context = { engine: {} as Engine, out: temporary(), dataset: async () => dataset };
  const opened = { id: "x", seed: 0, model, weights: {} };
  const task = { judge, options: {}, mask, images: 20, progress() {} };
  return measureInpainting(context, opened, task).then((result) => ({ result, seen }));
}

const trainingMean = (() => {
  const { data, count } = dataset.train.images;
  return Float64Array.from({ length: 64 }, (_, k) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += data[i * 64 + k]! / 127.5 - 1;
    return sum / count;
  });
})();

describe("inpainting", () => {
  it("of the truth has no error, in batches that do not divide the count", async () => {
    const { result } = await measure((_images, _mask, first) => {
      const data = new Float32Array(16 * 64);
      data.set(truth.data.subarray(first * 64, Math.min(first + 16, 20) * 64));
      return data;
    });
    expect(result.error).toMatchObject({ value: 0, low: 0, high: 0 });
    expect(result).toMatchObject({ images: 20, missing: 0.5, accuracy: 1, networkEvaluations: 3 });
    expect(result.grid).toMatchObject({ rows: 3, columns: 10 }); // ten a row: truth, hole, filled
  });

  it("of the training images' mean has the error that stands beside", async () => {
    const { result } = await measure((images, mask) =>
      images.data.map((x, i) => (mask[i % 64] === 0 ? trainingMean[i % 64]! : x)),
    );
    expect(result.error.value).toBeCloseTo(result.meanFillError, 6);
    expect(result.error.low).toBeLessThan(result.error.value);
    expect(result.error.high).toBeGreaterThan(result.error.value);
  });

  it("of everything off by 0.5 is off by 0.5 in the hole, whatever the known pixels are", async () => {
    const { result } = await measure((images, mask) =>
      images.data.map((x, i) => (mask[i % 64] === 0 ? x + 0.5 : 77)),
    );
    expect(result.error.value).toBeCloseTo(0.5, 6);
  });

  it("tells a conditional model the true labels, and only such a one", async () => {
    const same: Fill = ({ data }) => data;
    expect((await measure(same)).seen).toEqual([undefined, undefined]);
    const { seen } = await measure(same, "centre", 20);
    expect(seen[0]).toEqual([...whole.modes!.slice(0, 16)]);
  });
});

describe("masks", () => {
  const share = (mask: Float32Array) => mask.filter((known) => known === 0).length / mask.length;
  it.each([8, 16, 28])("are holes of their size at %i pixels", (size) => {
    expect(share(masks.centre(size))).toBeCloseTo(0.25, 1);
    expect(share(masks.half(size))).toBe(0.5);
    expect(share(masks.random(size))).toBeCloseTo(0.5, 0);
    expect(masks.centre(size)[0]).toBe(1);
    expect(masks.centre(size)[(size / 2) * size + size / 2]).toBe(0);
    expect(masks.half(size)[0]).toBe(1);
    expect(masks.half(size).at(-1)).toBe(0);
    expect(masks.random(size)).toEqual(masks.random(size));
  });
});
