import { describe, expect, it } from "vitest";
import { type ByteImages, type FloatImages, toBytes, toFloat } from "../../../src/core/images.ts";
import { type Rng, rng } from "../../../src/core/rng.ts";
import type { Engine } from "../../../src/engine/contract.ts";
import { type Dataset, loadDataset } from "../../../src/harness/datasets/index.ts";
import { measureInpainting, type Scored } from "../../../src/harness/stages/control/inpainting.ts";
import { masks } from "../../../src/harness/stages/control/masks.ts";
import type { MaskName } from "../../../src/harness/stages/control/options.ts";
import { floorSet, referenceSet } from "../../../src/harness/stages/shared/sets.ts";
import { evaluateMetrics } from "../../../src/metrics/index.ts";
import type { Inpainter, Model } from "../../../src/models/index.ts";
import { temporaryFolders } from "../datasets/fixtures.ts";

const temporary = temporaryFolders();
const dataset = await loadDataset("shapes", { size: 8, channels: 1, seed: 0, train: 60, test: 60 });
const whole = floorSet(dataset, 20);
const truth = toFloat(whole.images);

type Fill = (images: FloatImages, mask: Float32Array, first: number, stream: Rng) => Float32Array;

interface Measured {
  readonly mask?: MaskName;
  readonly classes?: number;
  readonly told?: boolean;
  readonly data?: Dataset;
  readonly images?: number;
  readonly repeated?: number;
  score?(images: ByteImages): Promise<Scored>;
}

/** Knows the modes of the images filled. */
const byPlace = async ({ count }: ByteImages): Promise<Scored> => ({
  assignments: whole.modes!.slice(0, count),
  fid: 2,
  kid: 3,
});

/** A model that fills as told. */
async function measure(fill: Fill, given: Measured = {}) {
  const { mask = "half", classes = 0, told = false, data = dataset, score = byPlace } = given;
  const seen: (readonly number[] | "no label" | undefined)[] = [];
  const model = {
    title: "fake",
    classes,
    async inpainter(_engine, _weights, _options, batch) {
      return {
        batch,
        networkEvaluations: 3,
        async fill(images, mask, stream, first, asked) {
          seen.push(typeof asked === "string" ? asked : asked && Array.from(asked));
          return { ...images, data: fill(images, mask, first, stream) };
        },
        dispose() {},
      } satisfies Inpainter;
    },
  } as Partial<Model> as Model;
  const context = { engine: {} as Engine, out: temporary(), dataset: async () => data };
  const { images = 20, repeated = 12 } = given;
  const task = { score, reference: 20, options: {}, mask, told, images, fills: 3, repeated, progress() {} };
  const result = await measureInpainting(context, { id: "x", seed: 0, model, weights: {} }, task);
  return { result, filled: result.filled!, seen };
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
    expect(result.grid).toMatchObject({ rows: 5, columns: 10 }); // ten a row: truth, hole, three fills
    const scores = { accuracy: { value: 1, high: 1 }, fid: 2, kid: 3 };
    expect(result.filled).toMatchObject({ told: false, ...scores, real: scores, reference: 20 });
    expect(result.filled).toMatchObject({ diversity: 0, fills: 3, repeated: 12 });
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

  it("tells a conditional model the true labels or none, and another model nothing", async () => {
    const same: Fill = ({ data }) => data;
    expect((await measure(same)).seen).toEqual([undefined, undefined, undefined, undefined]);
    const told = await measure(same, { mask: "centre", classes: 20, told: true });
    expect(told.seen[0]).toEqual([...whole.modes!.slice(0, 16)]);
    expect(told.seen.at(-1)!.slice(0, 12)).toEqual([...whole.modes!.slice(0, 12)]); // a second and a third fill
    expect(told.filled.told).toBe(true);
    const untold = await measure(same, { classes: 20 });
    expect(untold.seen).toEqual(Array(4).fill("no label"));
    expect(untold.filled.told).toBe(false);
  });

  it("counts the labels kept, of the filled images and of the whole ones", async () => {
    let call = 0;
    const score = async (images: ByteImages) => {
      const right = await byPlace(images);
      return call++ === 0
        ? { ...right, assignments: Uint16Array.from(right.assignments, (m, i) => m + (i < 5 ? 1 : 0)) }
        : right;
    };
    const { result, filled } = await measure(({ data }) => data, { score });
    expect(result.accuracy).toBe(0.75);
    expect(filled.accuracy.value).toBe(0.75);
    expect([filled.accuracy.low, filled.accuracy.high].map((x) => x.toFixed(3))).toEqual(["0.531", "0.888"]); // Wilson, 15 of 20
    expect(filled.real.accuracy.value).toBe(1);
  });
});

describe("a world whose conditional distribution is known: every pixel the mean of the known half, and noise", () => {
  const [count, size, noise] = [400, 4, 0.25];
  const pixels = size * size;
  const known = pixels / 2;
  const drawn = (of: Rng, mean: number, from: number, to: number) =>
    Array.from({ length: to - from }, () => mean + noise * of.normal());
  const meanOf = (image: ArrayLike<number>) => {
    let sum = 0;
    for (let k = 0; k < known; k++) sum += image[k]! / known;
    return sum;
  };
  const split = (name: string, n: number) => {
    const data = Float32Array.from(
      Array.from({ length: n }, (_, i) => {
        const stream = rng(1).fold(name).fold(i);
        const upper = drawn(stream, 0.2 * stream.normal(), 0, known);
        return [...upper, ...drawn(stream, meanOf(upper), known, pixels)];
      }).flat(),
    );
    return {
      images: toBytes({ data, count: n, height: size, width: size, channels: 1 }),
      labels: new Uint8Array(n),
    };
  };
  const data: Dataset = {
    name: "known",
    hash: "",
    size,
    channels: 1,
    classes: ["one"],
    train: split("train", count),
    test: split("test", 3 * count),
  };
  const sampleOf = ({ data, count }: ByteImages) => ({
    features: { data: Float64Array.from(data, (x) => x / 127.5 - 1), count, width: pixels },
  });
  const reference = sampleOf(referenceSet(data, count).images);
  const score = async (images: ByteImages): Promise<Scored> => {
    const { values } = evaluateMetrics(sampleOf(images), reference, { metrics: ["fid", "kid"] });
    const [fid, kid] = values.map(({ estimate }) => estimate.value);
    return { assignments: new Uint16Array(images.count), fid: fid!, kid: kid! };
  };
  const filling = (hole: (mean: number, stream: Rng) => readonly number[]) =>
    measure(
      (images, _mask, first, stream) =>
        Float32Array.from(
          Array.from({ length: images.count }, (_, i) => {
            const upper = Array.from(images.data.subarray(i * pixels, i * pixels + known));
            return [...upper, ...hole(meanOf(upper), stream.fold(first + i))];
          }).flat(),
        ),
      { data, score, images: count, repeated: 100 },
    );

  it("is filled by draws from it as far apart as they are from the truth, with the FID of whole images", async () => {
    const exact = await filling((mean, stream) => drawn(stream, mean, known, pixels));
    expect(exact.filled.diversity / exact.result.error.value).toBeCloseTo(1, 1);
    expect(exact.result.error.value).toBeCloseTo(Math.SQRT2 * noise, 1);
    expect(Math.abs(exact.filled.fid / exact.filled.real.fid - 1)).toBeLessThan(0.3);
    expect(Math.abs(exact.filled.kid)).toBeLessThan(0.01);
  });

  it("favours by its error what is blurred, and by FID and diversity what is drawn", async () => {
    const exact = await filling((mean, stream) => drawn(stream, mean, known, pixels));
    const blurred = await filling((mean) => Array<number>(known).fill(mean));
    expect(exact.result.error.value / blurred.result.error.value).toBeCloseTo(Math.SQRT2, 1);
    expect(exact.result.error.value).toBeGreaterThan(exact.result.meanFillError); // and so no share of the mean fill's decides
    expect(blurred.filled.fid).toBeGreaterThan(3 * exact.filled.fid);
    expect(blurred.filled.diversity).toBe(0);
    const wild = await filling((mean, stream) =>
      drawn(stream, mean, known, pixels).map((x) => mean + 2 * (x - mean)),
    );
    expect(wild.filled.diversity / wild.result.error.value).toBeGreaterThan(1.2);
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
