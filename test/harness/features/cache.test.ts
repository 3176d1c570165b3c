import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ByteImages } from "../../../src/core/images.ts";
import { cached } from "../../../src/harness/features/cache.ts";
import { clearFeatures, type FeatureExtractor, openFeatures } from "../../../src/harness/features/index.ts";
import { bench } from "../../e2e/entries.ts";
import { handmadeModel } from "./models.ts";

let cacheDir = "";
let extractions = 0;
beforeEach(() => {
  cacheDir = mkdtempSync(join(tmpdir(), "bench-cache-"));
  extractions = 0;
});
afterEach(() => rmSync(cacheDir, { recursive: true, force: true }));

const images: ByteImages = {
  data: Uint8Array.from([0, 10, 20, 30, 40, 50, 60, 70]),
  count: 2,
  height: 2,
  width: 2,
  channels: 1,
};

/** Features a third of the pixels, in float32. */
const extractor = (protocol: Record<string, string | number> = { of: "thirds" }): FeatureExtractor => ({
  name: "thirds",
  protocol,
  async extract({ data, count }, onProgress) {
    extractions++;
    onProgress?.(count, count);
    return { data: Float64Array.from(data, (x) => Math.fround(x / 3)), count, width: data.length / count };
  },
  dispose() {},
});

const entries = () => readdirSync(join(cacheDir, "features"));

function collect() {
  const notices: string[] = [];
  return { notices, context: { cacheDir, onNotice: (message: string) => notices.push(message) } };
}

describe("kept features", () => {
  it("are computed once, and the same to the bit afterwards", async () => {
    const { notices, context } = collect();
    const first = await cached(extractor(), context).extract(images);
    const progress: [number, number][] = [];
    const again = await cached(extractor(), context).extract(images, (...at) => progress.push(at));
    expect(again).toEqual(first);
    expect(extractions).toBe(1);
    expect(progress).toEqual([[2, 2]]);
    expect(notices).toEqual([]);
    expect(entries()).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.safetensors$/)]);
  });

  it("are another's for other pixels, another shape, another protocol", async () => {
    const { context } = collect();
    await cached(extractor(), context).extract(images);
    await cached(extractor(), context).extract({ ...images, data: images.data.with(7, 71) });
    await cached(extractor(), context).extract({ ...images, height: 1, width: 4 });
    await cached(extractor({ of: "thirds", batch: 2 }), context).extract(images);
    expect(extractions).toBe(4);
    expect(entries()).toHaveLength(4);
  });

  it.each([
    ["cut", (bytes: Buffer) => bytes.subarray(0, -3)],
    ["empty", () => Buffer.alloc(0)],
    ["changed in one bit", (bytes: Buffer) => bytes.fill(bytes.at(-1)! ^ 1, bytes.length - 1)],
    [
      "of another name",
      (bytes: Buffer) => Buffer.from(bytes.toString("latin1").replace(/"key":"./, '"key":"x'), "latin1"),
    ],
  ])("that were %s are refused with a notice, computed again and kept anew", async (_, damage) => {
    const { notices, context } = collect();
    const first = await cached(extractor(), context).extract(images);
    const path = join(cacheDir, "features", entries()[0]!);
    const whole = readFileSync(path);
    writeFileSync(path, damage(Buffer.from(whole)));
    expect(await cached(extractor(), context).extract(images)).toEqual(first);
    expect(extractions).toBe(2);
    expect(notices).toEqual([expect.stringContaining("computed again")]);
    expect(readFileSync(path)).toEqual(whole);
  });

  it("that cannot be kept are a notice, not an error", async () => {
    const { notices, context } = collect();
    writeFileSync(join(cacheDir, "features"), "a file in the folder's place");
    expect((await cached(extractor(), context).extract(images)).count).toBe(2);
    expect(notices.at(-1)).toContain("features are not kept");
  });

  it("are all removed by clearing, which counts the bytes, and clearing nothing is fine", async () => {
    expect(await clearFeatures(cacheDir)).toBe(0);
    await cached(extractor(), { cacheDir }).extract(images);
    const bytes = readFileSync(join(cacheDir, "features", entries()[0]!)).length;
    expect(await clearFeatures(cacheDir)).toBe(bytes);
    expect(readdirSync(cacheDir)).toEqual([]);
  });

  it("are of this model file: another one, or cache: false, does not see them", async () => {
    const path = join(cacheDir, "model.onnx");
    const features = async (context: { cache?: boolean }) => {
      const opened = await openFeatures(`onnx:${path}`, { cacheDir, entry: bench, size: 2, ...context });
      const found = await opened.extract(images);
      opened.dispose();
      return found;
    };
    writeFileSync(path, handmadeModel());
    const plain = await features({ cache: false });
    expect(readdirSync(cacheDir)).toEqual(["model.onnx"]);
    expect(await features({})).toEqual(plain);
    expect(await features({})).toEqual(plain);
    expect(entries()).toHaveLength(1);
    writeFileSync(path, handmadeModel({ outputs: ["pooled"] }));
    expect((await features({})).width).toBe(3);
    expect(entries()).toHaveLength(2);
  });
});
