/** What every source promises, whatever it reads or makes. */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkImages } from "../../../src/core/images.ts";
import type { DatasetRequest, DatasetSource } from "../../../src/harness/datasets/contract.ts";
import { datasetFacts, datasetSources } from "../../../src/harness/datasets/index.ts";
import { published, publishedSource } from "../../../src/harness/datasets/published.ts";
import { datasetFactsSchema } from "../../../src/harness/record/index.ts";
import { cifarFiles, gzipped, mnistFiles, pngFolders, temporaryFolders, writeFiles } from "./fixtures.ts";

const temporary = temporaryFolders();
const files = gzipped(mnistFiles({ train: 60, test: 40, edge: 28 }));

/** Made sources run as they are; those that read files are given small ones, in the published ones' place. */
function prepare(
  name: string,
  source: DatasetSource,
): { source: DatasetSource; argument?: string; cacheDir: string } {
  const cacheDir = temporary();
  if (name === "folder")
    return { source, argument: pngFolders(join(cacheDir, name), ["a", "b"], 126), cacheDir };
  if (name === "npm") {
    // as npm has left it in the cache
    const place = join(cacheDir, "npm/made@1.0.0");
    pngFolders(join(place, "node_modules/made"), ["a", "b"], 126);
    const packages = { "node_modules/made": { version: "1.0.0", integrity: "sha512-made" } };
    writeFileSync(join(place, "package-lock.json"), JSON.stringify({ packages }));
    return { source, argument: "made@1.0.0/*/*.png", cacheDir };
  }
  if (name === "cifar10")
    return { source, argument: writeFiles(join(cacheDir, name), cifarFiles()), cacheDir };
  const folder = writeFiles(join(cacheDir, name), files);
  if (name === "stacked") return { source, argument: `idx:${folder}`, cacheDir };
  if (source.argument) return { source, argument: folder, cacheDir };
  if (!Object.hasOwn(published, name)) return { source, cacheDir };
  const checksums = Object.entries(files).map(([file, bytes]) => ({
    name: file,
    bytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  }));
  const dataset = { ...published[name as keyof typeof published], mirrors: [], files: checksums };
  return { source: publishedSource(name, dataset), cacheDir };
}

describe.each(Object.entries<DatasetSource>(datasetSources))("%s", (name, registered) => {
  const load = async (request: Partial<DatasetRequest> = {}) => {
    const { source, argument, cacheDir } = prepare(name, registered);
    return source.load(argument ?? "", {
      size: 16,
      seed: 0,
      train: 50,
      test: 40,
      cacheDir,
      ...request,
      channels: name === "stacked" ? 3 : (request.channels ?? 1),
    });
  };

  it.each([
    [16, 1],
    [16, 3],
    [28, 1],
    [32, 3],
    [64, 1],
  ] as const)("gives %d pixels and %d channels, labels and modes within their names", async (size, asked) => {
    const channels = name === "stacked" ? 3 : asked;
    const dataset = await load({ size, channels });
    expect(dataset.name.split(":")[0]).toBe(name);
    expect([dataset.size, dataset.channels]).toEqual([size, channels]);
    for (const [split, count] of [
      [dataset.train, 50],
      [dataset.test, 40],
    ] as const) {
      const { images, labels, modes } = split;
      expect(images).toMatchObject({ count, height: size, width: size, channels });
      checkImages(images, name);
      expect(labels).toHaveLength(count);
      expect(Math.max(...labels)).toBeLessThan(dataset.classes.length);
      expect(new Set(labels).size).toBeGreaterThan(dataset.classes.length / 2);
      expect(modes === undefined).toBe(dataset.modes === undefined);
      if (modes) expect(modes).toHaveLength(count);
      for (const mode of modes ?? []) expect(mode).toBeLessThan(dataset.modes!.length);
      expect(new Set(images.data).size).toBeGreaterThan(2);
    }
    expect(new Set(dataset.classes).size).toBe(dataset.classes.length);
    expect(new Set(dataset.modes ?? []).size).toBe(dataset.modes?.length ?? 0);
  });

  it("is the same for the same seed, and another for another seed, size or count", async () => {
    const base = await load();
    expect(await load()).toEqual(base);
    const hashes = [base, await load({ seed: 1 }), await load({ size: 20 }), await load({ train: 49 })].map(
      ({ hash }) => hash,
    );
    expect(new Set(hashes).size).toBe(4);
  });

  it("holds no path in what the record keeps of it", async () => {
    const facts = datasetFacts(await load());
    expect(datasetFactsSchema.parse(facts)).toEqual(facts);
    expect(facts).toMatchObject({ train: 50, test: 40 });
    expect(JSON.stringify(facts)).not.toContain("bench-datasets-");
  });

  it("says in words what it is", () => {
    expect(registered.describe.length).toBeGreaterThan(20);
    expect(registered.describe).not.toMatch(/[A-Z].*\.$/s);
  });
});
