import { join } from "node:path";
import { describe, expect, it } from "vitest";
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

describe("folder:DIR", () => {
  it("takes folders as classes, by name, and a sixth of the images, drawn at random, for testing", async () => {
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
    expect([train.images.count, test.images.count]).toEqual([20, 4]);
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
    expect([train.images.count, test.images.count]).toEqual([5, 1]);
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

  it("refuses what would be distorted, too few images, and no folder", async () => {
    const folder = temporary();
    writeFiles(folder, { "a.png": plain(1, 12, 10) });
    await expect(loadDataset(`folder:${folder}`, request)).rejects.toThrow(
      /12 x 10 pixels; square images are needed/,
    );
    const few = writeFiles(temporary(), { "a.png": plain(1) });
    await expect(loadDataset(`folder:${few}`, request)).rejects.toThrow(/fewer than 6 images/);
    await expect(loadDataset(`folder:${few}/none`, request)).rejects.toMatchObject({ code: "BAD_DATA" });
  });
});
