import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type ByteImages, imageSize, takeImages } from "../../../src/core/images.ts";
import { rng } from "../../../src/core/rng.ts";
import { type FeatureContext, openFeatures } from "../../../src/harness/features/index.ts";
import { parseModel } from "../../../src/harness/features/onnx.ts";
import { bench } from "../../e2e/entries.ts";
import { handmadeModel, tracedModel, weights } from "./models.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-features-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function write(model: Uint8Array | string): string {
  const path = join(folder, `model${files++}.onnx`);
  writeFileSync(path, model);
  return path;
}

function noise(seed: number, count: number, size: number, channels: number): ByteImages {
  const stream = rng(seed);
  const data = Uint8Array.from({ length: count * size * size * channels }, () => stream.integer(256));
  return { data, count, height: size, width: size, channels };
}

async function extract(spec: string, images: ByteImages, context: FeatureContext = {}) {
  const extractor = await openFeatures(spec, { cache: false, entry: bench, ...context });
  try {
    return await extractor.extract(images);
  } finally {
    extractor.dispose();
  }
}

/** Mean colour of each image, `to(value, channel)`, times the weights: what the models compute. */
function expected(images: ByteImages, to: (value: number, channel: number) => number): number[] {
  const { count, channels, data } = images;
  const size = imageSize(images);
  const { data: w } = weights(channels);
  return Array.from({ length: count * 4 }, (_, at) => {
    const [n, d] = [Math.floor(at / 4), at % 4];
    let sum = 0;
    for (let i = 0; i < size; i++)
      sum += (to(data[n * size + i]!, i % channels) * w[(i % channels) * 4 + d]!) / (size / channels);
    return sum;
  });
}

function expectClose(actual: ArrayLike<number>, wanted: ArrayLike<number>, tolerance = 1e-5): void {
  expect(actual.length).toBe(wanted.length);
  const scale = Math.max(...Array.from(wanted, Math.abs));
  const worst = Math.max(...Array.from(actual, (value, i) => Math.abs(value - wanted[i]!)));
  expect(worst / scale).toBeLessThan(tolerance);
}

const images = noise(1, 11, 8, 3);
const unit = (x: number) => x / 255;

describe("features of an ONNX model", () => {
  it("are the model's, whether NHWC with a fixed batch or NCHW with an open one", async () => {
    const traced = await extract(`onnx:${write(tracedModel(4, 8, 3))}`, images);
    expect([traced.count, traced.width]).toEqual([11, 4]);
    expectClose(traced.data, expected(images, unit));
    const handmade = await extract(`onnx:${write(handmadeModel())}`, images, { size: 8 });
    expectClose(handmade.data, expected(images, unit));
  });

  it.each([
    ["range -1..1", { range: "-1..1" }, (x) => x / 127.5 - 1],
    ["range 0..255, mean and std 128", { range: "0..255", mean: [128], std: [128] }, (x) => (x - 128) / 128],
    [
      "mean and std a channel",
      { mean: [0.4, 0.5, 0.6], std: [0.1, 0.2, 0.4] },
      (x, c) => (x / 255 - [0.4, 0.5, 0.6][c]!) / [0.1, 0.2, 0.4][c]!,
    ],
  ] as [string, FeatureContext, (x: number, c: number) => number][])(
    "take the pixels in %s",
    async (_, context, to) => {
      const path = write(handmadeModel());
      expectClose(
        (await extract(`onnx:${path}`, images, { size: 8, ...context })).data,
        expected(images, to),
      );
    },
  );

  it("do not depend on the batch size beyond rounding, nor on the other images at all", async () => {
    const path = write(handmadeModel());
    const whole = await extract(`onnx:${path}`, images, { size: 8, batch: 4 });
    for (const batch of [1, 3, 11, 64])
      expectClose((await extract(`onnx:${path}`, images, { size: 8, batch })).data, whole.data, 1e-6);
    const chosen = [9, 2, 5];
    const few = await extract(`onnx:${path}`, takeImages(images, chosen), { size: 8, batch: 4 });
    expect(few.data).toEqual(
      Float64Array.from(chosen.flatMap((i) => [...whole.data.subarray(4 * i, 4 * i + 4)])),
    );
  });

  it("of grey images take the grey thrice, of colour in a grey model the luma", async () => {
    const grey = noise(2, 5, 8, 1);
    const data = Uint8Array.from({ length: 5 * 64 * 3 }, (_, i) => grey.data[Math.floor(i / 3)]!);
    const thrice = { ...grey, channels: 3, data };
    const path = write(handmadeModel());
    expect(await extract(`onnx:${path}`, grey, { size: 8 })).toEqual(
      await extract(`onnx:${path}`, thrice, { size: 8 }),
    );
    const one = write(tracedModel(2, 8, 1));
    expectClose((await extract(`onnx:${one}`, thrice)).data, expected(grey, unit));
  });

  it("are squeezed from [n, d, 1, 1]", async () => {
    const path = write(handmadeModel({ outputs: ["image", "pooled"] }));
    const { data, width } = await extract(`onnx:${path}:pooled`, images, { size: 8 });
    expect(width).toBe(3);
    const means = Array.from({ length: 33 }, (_, at) => {
      let sum = 0;
      for (let p = 0; p < 64; p++) sum += images.data[Math.floor(at / 3) * 192 + 3 * p + (at % 3)]!;
      return sum / 64 / 255;
    });
    expectClose(data, means);
  });

  it("of a model of bytes take the pixels as they are, resized ones rounded", async () => {
    const path = write(handmadeModel({ bytes: true }));
    expectClose(
      (await extract(`onnx:${path}`, images, { size: 8 })).data,
      expected(images, (x) => x),
    );
    const pair = { data: Uint8Array.from([10, 11, 10, 12]), count: 1, height: 2, width: 2, channels: 1 };
    const mean = { data: Uint8Array.from([11, 11, 11]), count: 1, height: 1, width: 1, channels: 3 }; // of 10.75
    expectClose(
      (await extract(`onnx:${path}`, pair, { size: 1 })).data,
      expected(mean, (x) => x),
    );
  });

  it("state their protocol and no folder, and count images", async () => {
    const path = write(handmadeModel({ outputs: ["features", "pooled"] }));
    const extractor = await openFeatures(`onnx:${path}:features`, {
      cache: false,
      entry: bench,
      size: 6,
      resize: "bilinear-tf1",
      range: "0..255",
      mean: [128],
      std: [128],
      batch: 5,
    });
    const progress: [number, number][] = [];
    await extractor.extract(images, (done, total) => progress.push([done, total]));
    extractor.dispose();
    expect(progress).toEqual([
      [5, 11],
      [10, 11],
      [11, 11],
    ]);
    expect(extractor.protocol).toMatchObject({
      output: "features",
      input: "float32 NCHW",
      size: "6x6x3",
      resize: "bilinear-tf1",
      range: "0..255",
      mean: "128,128,128",
      std: "128,128,128",
      batch: 5,
    });
    expect(JSON.stringify([extractor.name, extractor.protocol])).not.toContain(folder);
  });
});

describe("refused is", () => {
  const two = write(handmadeModel({ shape: [undefined, 3, 8, 8], outputs: ["features", "image"] }));
  const plain = write(handmadeModel());
  const fixed = write(tracedModel(4, 8, 3));
  const ambiguous = write(handmadeModel({ shape: [undefined, 3, 8, 3] }));
  const size = 8;

  it.each([
    [
      "a kind that is unknown",
      "dino",
      {},
      "USAGE",
      /unknown feature extractor "dino"; known: pixels, onnx:FILE\[:output\]/,
    ],
    ["onnx without a file", "onnx:", {}, "USAGE", /feature extractor onnx needs FILE\[:output\]: onnx:FILE/],
    ["pixels with an argument", "pixels:x", {}, "USAGE", /nothing after a colon/],
    ["pixels with a size", "pixels", { size }, "USAGE", /take no size/],
    ["a missing file", `onnx:${folder}/none.onnx`, {}, "BAD_DATA", /none\.onnx cannot be read/],
    ["a folder", `onnx:${folder}`, {}, "BAD_DATA", /cannot be read/],
    ["a picture", `onnx:${write("GIF89a, not a model at all")}`, {}, "BAD_DATA", /is not an ONNX model/],
    ["an empty file", `onnx:${write("")}`, {}, "BAD_DATA", /is not an ONNX model: it has no graph/],
    [
      "a cut model",
      `onnx:${write(tracedModel(1, 8, 3).subarray(0, 200))}`,
      {},
      "BAD_DATA",
      /is not an ONNX model/,
    ],
    [
      "weights elsewhere",
      `onnx:${write(handmadeModel({ external: true }))}`,
      {},
      "BAD_DATA",
      /\(w\) in another file/,
    ],
    [
      "an unknown output",
      `onnx:${two}:pool`,
      { size },
      "USAGE",
      /no output "pool"; it has: features float32.*image/,
    ],
    ["no output, of two", `onnx:${two}`, { size }, "USAGE", /has 2 outputs; name one.*features.*image/],
    [
      "an output that is no vector",
      `onnx:${two}:image`,
      { size },
      "BAD_DATA",
      /not one vector per image, \[n, d\]/,
    ],
    ["no size, where it is open", `onnx:${plain}`, {}, "USAGE", /leaves the images' size open; state it/],
    [
      "a size against the model",
      `onnx:${fixed}`,
      { size: 16 },
      "USAGE",
      /size 16 was stated, but .* takes 8x8/,
    ],
    ["half a pixel", `onnx:${plain}`, { size: 7.5 }, "USAGE", /whole number of pixels/],
    [
      "a batch against the model",
      `onnx:${fixed}`,
      { batch: 5 },
      "USAGE",
      /batch of 5 was stated, but .* takes 4/,
    ],
    ["no layout, where it is open", `onnx:${ambiguous}`, {}, "USAGE", /state the layout, NCHW or NHWC/],
    [
      "an unknown layout",
      `onnx:${plain}`,
      { size, layout: "CHWN" },
      "USAGE",
      /unknown layout "CHWN"; known: NCHW/,
    ],
    ["the wrong layout", `onnx:${plain}`, { size, layout: "NHWC" }, "BAD_DATA", /channels as NHWC/],
    ["two means", `onnx:${plain}`, { size, mean: [0, 1] }, "USAGE", /2 values of mean, where .* 3 channels/],
    ["a std of 0", `onnx:${plain}`, { size, std: [0] }, "USAGE", /std of 0: a positive number/],
    [
      "an unknown range",
      `onnx:${plain}`,
      { size, range: "0..2" },
      "USAGE",
      /unknown range "0\.\.2"; known: 0\.\.1/,
    ],
    [
      "a range of bytes",
      `onnx:${write(handmadeModel({ bytes: true }))}`,
      { size, range: "0..1" },
      "USAGE",
      /takes bytes as they are/,
    ],
  ] as [string, string, FeatureContext, string, RegExp][])("%s", async (_, spec, context, code, message) => {
    await expect(openFeatures(spec, { cache: false, entry: bench, ...context })).rejects.toMatchObject({
      name: "BenchError",
      code,
      message: expect.stringMatching(message),
    });
  });

  it("a feature that is no number, by image", async () => {
    const path = write(handmadeModel({ outputs: ["logarithm"] }));
    const few = noise(3, 7, 8, 3);
    few.data.fill(255); // sin 1 + sin 5 + sin 9 > 0, but sin 4 + sin 8 + sin 12 < 0
    await expect(extract(`onnx:${path}`, few, { size, batch: 3 })).rejects.toMatchObject({
      code: "BAD_DATA",
      message: expect.stringMatching(/feature \d of image 0 is NaN/),
    });
  });

  it("an output that turns out to be no vector, where the file leaves its shape open", async () => {
    const path = write(handmadeModel({ outputs: ["image"] }));
    await expect(extract(`onnx:${path}`, images, { size })).rejects.toMatchObject({
      code: "BAD_DATA",
      message: expect.stringMatching(/output image float32 \[32, 3, 8, 8\] is not one vector per image/),
    });
  });

  it("no images", async () => {
    await expect(extract(`onnx:${plain}`, takeImages(images, []), { size })).rejects.toMatchObject({
      code: "BAD_DATA",
    });
  });
});

it.each([
  ["a/b.onnx", { path: "a/b.onnx" }],
  ["C:\\b.ONNX:pool:0", { path: "C:\\b.ONNX", output: "pool:0" }],
  ["b.onnx.d/c.onnx:x", { path: "b.onnx.d/c.onnx", output: "x" }],
  ["model:v2", { path: "model:v2" }],
])("%s is read as %o", (argument, read) => {
  expect(parseModel(argument)).toEqual(read);
});

it("pixels are the pixels, in [-1, 1]", async () => {
  const extractor = await openFeatures("pixels");
  const { data, width } = await extractor.extract(images);
  expect(width).toBe(192);
  expectClose(
    data,
    Array.from(images.data, (x) => x / 127.5 - 1),
  );
  expect(extractor.protocol).toEqual({ features: "pixels", range: "-1..1" });
});
