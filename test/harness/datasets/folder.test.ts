import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { testCount } from "../../../src/harness/datasets/folder.ts";
import { loadDataset } from "../../../src/harness/datasets/index.ts";
import { encodePng } from "../../../src/harness/images/png.ts";
import { pngFolders, temporaryFolders, writeFiles } from "./fixtures.ts";

const temporary = temporaryFolders();
const request = { size: 12, channels: 3, seed: 0 } as const;

/** A picture of one grey value. */
const plain = (value: number, width = 12, height = 12) =>
  encodePng({
    data: new Uint8Array(width * height * 3).fill(value),
    count: 1,
    height,
    width,
    channels: 3,
  });

const coloured = (width: number, height: number) =>
  encodePng({
    data: Uint8Array.from({ length: width * height * 3 }, (_, i) => 80 * (i % 3)),
    count: 1,
    height,
    width,
    channels: 3,
  });

describe("folder:DIR", () => {
  it("takes folders as classes, by name, and a third of the images, drawn at random, for testing", async () => {
    const folder = temporary();
    for (const [label, name] of ["apple", "berry"].entries())
      writeFiles(
        join(folder, name),
        Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${i + 10}.png`, plain(100 * label + i)])),
      );
    const { classes, train, test, name } = await loadDataset(`folder:${folder}`, request);
    expect(classes).toEqual(["apple", "berry"]);
    const values = ({ images }: typeof train) =>
      Array.from({ length: images.count }, (_, i) => images.data[i * 12 * 12 * 3]!);
    expect([train.images.count, test.images.count]).toEqual([16, 8]);
    expect([...values(train), ...values(test)].sort((a, b) => a - b)).toEqual(
      [0, 100].flatMap((base) => Array.from({ length: 12 }, (_, i) => base + i)),
    );
    for (const split of [train, test])
      expect([...split.labels]).toEqual(values(split).map((value) => Number(value >= 100)));
    const other = await loadDataset(`folder:${folder}`, { ...request, seed: 1 });
    expect(values(other.test)).not.toEqual(values(test));
    expect(name).toMatch(/^folder:[^/]+$/);
  });

  it("takes images without folders as one class", async () => {
    const folder = temporary();
    writeFiles(folder, Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`${i}.png`, plain(i)])));
    const { classes, train, test } = await loadDataset(`folder:${folder}`, request);
    expect(classes).toEqual(["image"]);
    expect([train.images.count, test.images.count]).toEqual([4, 2]);
  });

  it("takes train and test as they are given, and their classes must agree", async () => {
    const folder = temporary();
    pngFolders(join(folder, "train"), ["x", "y"], 4);
    pngFolders(join(folder, "test"), ["x", "y"], 2);
    const { train, test } = await loadDataset(`folder:${folder}`, request);
    expect([train.images.count, test.images.count]).toEqual([8, 4]);
    pngFolders(join(folder, "test"), ["z"], 1);
    await expect(loadDataset(`folder:${folder}`, request)).rejects.toThrow(
      /has the classes x, y, z, the training images x, y/,
    );
  });

  it("tests a third of few pictures, 2,000 of more, a sixth of many, or the share that is asked for", async () => {
    expect([90, 6000, 9000, 12_000, 60_000].map((count) => testCount(count))).toEqual([
      30, 2000, 2000, 2000, 10_000,
    ]);
    expect(testCount(200, 0.1)).toBe(20);
    const folder = pngFolders(temporary(), ["a"], 20);
    const { test } = await loadDataset(`folder:${folder}`, { ...request, testShare: 0.5 });
    expect(test.images.count).toBe(10);
    const none = loadDataset(`folder:${folder}`, { ...request, testShare: 0.01 });
    await expect(none).rejects.toThrow("dataset.testShare 0.01 of 20 pictures is 0");
    const made = loadDataset("shapes", { ...request, fit: "contain" });
    await expect(made).rejects.toThrow("dataset.fit is of folder:DIR");
  });

  it("is in the data's own colours where none are asked for, over both splits", async () => {
    const { channels: _, ...open } = request;
    const folder = writeFiles(
      temporary(),
      Object.fromEntries([..."abcdef"].map((c, i) => [`${c}.png`, plain(i)])),
    );
    expect((await loadDataset(`folder:${folder}`, open)).channels).toBe(1);
    writeFiles(folder, { "g.png": coloured(12, 12) });
    const { channels, pictures } = await loadDataset(`folder:${folder}`, open);
    expect([channels, pictures!.colour]).toEqual([3, true]);
    expect((await loadDataset(`folder:${folder}`, { ...open, channels: 1 })).channels).toBe(1);
  });

  it("takes alpha, 16 bits, oblong pictures and any size, and counts what it did", async () => {
    const folder = temporary();
    const clear = sharp(Buffer.alloc(40 * 20 * 4), { raw: { width: 40, height: 20, channels: 4 } });
    writeFiles(join(folder, "x"), {
      ...Object.fromEntries([..."abcde"].map((c, i) => [`${c}.png`, plain(i)])),
      "clear.png": await clear.png().toBuffer(),
      "deep.png": await sharp(plain(9)).toColourspace("rgb16").png().toBuffer(),
      "notes.txt": Buffer.from("x"),
    });
    writeFiles(folder, { "loose.png": plain(1) });
    const load = (more: object) => loadDataset(`folder:${folder}`, { ...request, channels: 1, ...more });
    const { pictures, train, test } = await load({ background: "#808080" });
    expect(pictures).toEqual({
      ...{ skipped: 0, ignored: 2, transparent: 1, oblong: 1, deep: 1, edges: [12, 20], colour: false },
      counts: [[5, 2]],
    });
    const values = [train, test].flatMap(({ images }) =>
      Array.from({ length: images.count }, (_, i) => images.data[i * 144]!),
    );
    expect(values.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 9, 0x80]);
    expect((await load({})).hash).not.toBe((await load({ background: "black" })).hash); // white by default
  });

  it("names every file that cannot be read, or leaves them out and counts them", async () => {
    const folder = pngFolders(temporary(), ["a", "b"], 6);
    writeFiles(join(folder, "a"), { "one.png": Buffer.from("hello") });
    writeFiles(join(folder, "b"), { "two.png": plain(3).subarray(0, 60) });
    await expect(loadDataset(`folder:${folder}`, request)).rejects.toThrow(
      /2 of 14 pictures cannot be read: .*a\/one\.png is not an image.*; .*b\/two\.png .*--skip-broken/,
    );
    const { train, test, pictures } = await loadDataset(`folder:${folder}`, { ...request, skipBroken: true });
    expect([train.images.count + test.images.count, pictures!.skipped]).toEqual([12, 2]);
  });

  it("refuses too few images, another tool's name for the test images, and no folder", async () => {
    const few = writeFiles(temporary(), { "a.png": plain(1) });
    await expect(loadDataset(`folder:${few}`, request)).rejects.toThrow(/fewer than 6 images/);
    await expect(loadDataset(`folder:${few}/none`, request)).rejects.toMatchObject({ code: "BAD_DATA" });
    const folder = temporary();
    pngFolders(join(folder, "train"), ["x"], 4);
    pngFolders(join(folder, "val"), ["x"], 4);
    await expect(loadDataset(`folder:${folder}`, request)).rejects.toThrow("Name the second one test");
  });
});
