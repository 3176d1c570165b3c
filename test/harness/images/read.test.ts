import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "fast-png";
import sharp from "sharp";
import { beforeEach, describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import { encodePng } from "../../../src/harness/images/png.ts";
import { readImageFolder } from "../../../src/harness/images/read.ts";
import { resizeByArea } from "../../../src/harness/images/resize.ts";
import { temporaryFolders } from "../datasets/fixtures.ts";
import { bombPng } from "./bomb.ts";

const temporary = temporaryFolders();
let folder: string;
beforeEach(() => {
  folder = temporary();
});

const put = (name: string, bytes: Uint8Array) => writeFileSync(join(folder, name), bytes);

function picture(seed: number, channels: 1 | 3, height = 6, width = height) {
  const random = rng(seed);
  const data = Uint8Array.from({ length: height * width * channels }, () => random.integer(256));
  return { data, count: 1, height, width, channels };
}

const raw = (channels: 1 | 3 | 4, value = 90) =>
  sharp(Buffer.alloc(36 * channels, value), { raw: { width: 6, height: 6, channels } });

describe("a folder of images", () => {
  it("gives their pixels by name, whatever the order and the lossless format", async () => {
    const [a, b] = [picture(1, 3), picture(2, 3)];
    put("10.png", encodePng(b));
    const webp = sharp(a.data, { raw: { width: 6, height: 6, channels: 3 } }).webp({ lossless: true });
    put("02.webp", await webp.toBuffer());
    put("notes.txt", Buffer.from("no image"));
    const { images, files, ignored } = await readImageFolder(folder);
    expect({ files, ignored }).toEqual({ files: ["02.webp", "10.png"], ignored: ["notes.txt"] });
    expect(images).toEqual({
      data: Uint8Array.of(...a.data, ...b.data),
      count: 2,
      height: 6,
      width: 6,
      channels: 3,
    });
  });

  it("is grey where every image is, and RGB where one has colour", async () => {
    const [a, b] = [picture(1, 1), picture(2, 1)];
    put("a.png", encodePng(a));
    put("b.png", encodePng(b));
    expect((await readImageFolder(folder)).images).toMatchObject({
      channels: 1,
      data: Uint8Array.of(...a.data, ...b.data),
    });
    put("c.png", encodePng(picture(3, 3)));
    expect((await readImageFolder(folder)).images).toMatchObject({ channels: 3, count: 3 });
  });

  it("of mixed sizes is refused, or resized by area", async () => {
    const [a, b] = [picture(1, 1, 6), picture(2, 1, 4, 8)];
    put("a.png", encodePng(a));
    put("b.png", encodePng(b));
    await expect(readImageFolder(folder)).rejects.toThrow(
      /b\.png is 8 x 4 pixels, and a\.png is 6 x 6.*--resize 6/,
    );
    const { images, facts } = await readImageFolder(folder, { resize: 4 });
    const middle = Uint8Array.from({ length: 16 }, (_, i) => b.data[(i >> 2) * 8 + 2 + (i % 4)]!); // no pixel distorted
    expect(images.data).toEqual(Uint8Array.of(...resizeByArea(a, 4).data, ...middle));
    expect(facts).toEqual({ transparent: 0, oblong: 1, deep: 0, edges: [4, 6] });
  });

  it("reads photographs: JPEG, near enough", async () => {
    put("a.jpg", await raw(3, 120).jpeg().toBuffer());
    const { images } = await readImageFolder(folder);
    for (const value of images.data) expect(Math.abs(value - 120)).toBeLessThanOrEqual(2);
  });

  const bad: [string, string, () => Promise<Uint8Array> | Uint8Array, RegExp][] = [
    ["CMYK", "x.jpg", () => raw(3).toColourspace("cmyk").jpeg().toBuffer(), /x\.jpg is CMYK/],
    ["another format behind the name", "x.png", () => raw(3).gif().toBuffer(), /x\.png is gif/],
    ["text", "x.png", () => Buffer.from("hello"), /x\.png is not an image/],
    [
      "a truncated image",
      "x.png",
      () => {
        const whole = encodePng(picture(9, 3));
        return whole.subarray(0, whole.length / 2);
      },
      /x\.png .*(truncated|not an image)/,
    ],
    ["a bomb", "x.png", bombPng, /x\.png is 60000 x 60000 pixels by its header/],
  ];
  it.each(bad)("with %s among good ones is refused by name", async (_, name, make, says) => {
    put("a.png", encodePng(picture(1, 3)));
    put(name, await make());
    await expect(readImageFolder(folder)).rejects.toMatchObject({
      code: "BAD_DATA",
      message: expect.stringMatching(says),
    });
  });

  it("of 16 bits gives the upper 8, grey and with alpha too", async () => {
    const values = Uint16Array.of(0, 0x00ff, 0x8070, 0xffff);
    put("a.png", encode({ width: 2, height: 2, data: values, channels: 1, depth: 16 }));
    const { images, facts } = await readImageFolder(folder);
    expect([...images.data]).toEqual([0, 0, 0x80, 0xff]);
    expect(facts.deep).toBe(1);
  });

  it("names every file that cannot be read, not the first alone", async () => {
    for (const name of ["a", "b", "c"]) put(`${name}.png`, Buffer.from(name));
    put("good.png", encodePng(picture(1, 3)));
    await expect(readImageFolder(folder)).rejects.toThrow(
      /3 of 4 pictures cannot be read: .*a\.png is not .*; .*b\.png is not .*; .*c\.png is not/,
    );
  });

  it("without images is refused", async () => {
    put("readme.txt", Buffer.from("soon"));
    await expect(readImageFolder(folder)).rejects.toThrow(`${folder} holds no images`);
  });
});
