import { createHash } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { parseCifar, readCifarArchive, untar } from "../../../src/harness/datasets/cifar10.ts";
import { loadDataset } from "../../../src/harness/datasets/index.ts";
import { published, publishedSource } from "../../../src/harness/datasets/published.ts";
import { cifarFiles, tarOf, temporaryFolders, writeFiles } from "./fixtures.ts";

const temporary = temporaryFolders();
const request = { size: 32, channels: 3, seed: 0 } as const;

/** One record: label 3, red 1 .. , green 100 .., blue 200 .., counted modulo 50 in row-major order. */
const record = (label: number) =>
  Uint8Array.of(
    label,
    ...[1, 100, 200].flatMap((base) => Array.from({ length: 1024 }, (_, p) => base + (p % 50))),
  );

describe("the binary version", () => {
  it("stores planes; pixels come out with their three channels together", () => {
    const { images, labels } = parseCifar([{ name: "x", bytes: record(3) }]);
    expect([...labels]).toEqual([3]);
    expect(images).toMatchObject({ count: 1, height: 32, width: 32, channels: 3 });
    expect([...images.data.subarray(0, 6)]).toEqual([1, 100, 200, 2, 101, 201]);
    const [row, column] = [5, 7];
    const p = row * 32 + column;
    expect([...images.data.subarray(3 * p, 3 * p + 3)]).toEqual([1, 100, 200].map((base) => base + (p % 50)));
  });

  it("refuses a cut file and a label that is none, naming both", () => {
    const cut = { name: "data_batch_1.bin", bytes: record(1).subarray(0, 3000) };
    expect(() => parseCifar([cut])).toThrow(
      /data_batch_1\.bin: 3000 bytes are no whole number of records of 3073/,
    );
    expect(() => parseCifar([{ name: "y.bin", bytes: record(10) }])).toThrow(/y\.bin: record 0 has label 10/);
  });

  it("joins the training files", async () => {
    const folder = writeFiles(temporary(), {
      "data_batch_2.bin": record(2),
      "data_batch_1.bin": record(1),
      "test_batch.bin": record(9),
      "readme.html": new Uint8Array(3),
    });
    const { train, test, classes, name } = await loadDataset(`cifar10:${folder}`, request);
    expect([...train.labels].sort()).toEqual([1, 2]);
    expect([...test.labels]).toEqual([9]);
    expect(classes[9]).toBe("truck");
    expect(name).toMatch(/^cifar10:[^/]+$/);
  });

  it("says what is missing", async () => {
    const folder = writeFiles(temporary(), { "data_batch_1.bin": record(1) });
    await expect(loadDataset(`cifar10:${folder}`, request)).rejects.toThrow(/no test_batch\.bin is there/);
    await expect(loadDataset(`cifar10:${folder}/none`, request)).rejects.toMatchObject({ code: "BAD_DATA" });
  });
});

describe("the archive", () => {
  const files = cifarFiles({ train: 20, test: 10 });
  const archive = tarOf("cifar-10-batches-bin", files);

  it("holds the files it was made of", () => {
    expect(untar(archive).map(({ name, bytes }) => [name, bytes.length])).toEqual(
      Object.entries(files).map(([name, bytes]) => [`cifar-10-batches-bin/${name}`, bytes.length]),
    );
    expect(() => untar(archive.subarray(0, 20_000))).toThrow(/damaged at byte/);
  });

  it("gives what its files in a folder give, by name from the cache", async () => {
    const cacheDir = temporary();
    const packed = new Uint8Array(gzipSync(archive));
    writeFiles(join(cacheDir, "cifar10"), { "cifar-10-binary.tar.gz": packed });
    const checksum = {
      name: "cifar-10-binary.tar.gz",
      bytes: packed.length,
      sha256: createHash("sha256").update(packed).digest("hex"),
    };
    const source = publishedSource("cifar10", { ...published.cifar10, mirrors: [], files: [checksum] });
    const byName = await source.load("", { ...request, cacheDir });
    const own = await loadDataset(`cifar10:${writeFiles(temporary(), files)}`, request);
    expect(byName.hash).toBe(own.hash);
    expect(byName.name).toBe("cifar10");
    expect((await readCifarArchive(async () => packed, "x")).train.images.count).toBe(20);
  });
});
