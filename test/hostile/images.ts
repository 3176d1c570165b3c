/** IDX files, and folders of pictures. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync, gzipSync } from "node:zlib";
import { parseCifar, untar } from "../../src/harness/datasets/cifar10.ts";
import { parseIdx } from "../../src/harness/datasets/idx.ts";
import { readImageFolder } from "../../src/harness/images/read.ts";
import { encodeIdx } from "../harness/datasets/fixtures.ts";
import { bombPng } from "../harness/images/bomb.ts";
import { mutants, type Row, row } from "./table.ts";

const idx = (name: string, bytes: Uint8Array, says: RegExp): Row =>
  row(`idx: ${name}`, () => parseIdx(bytes, "images", "x-idx3-ubyte.gz"), "BAD_DATA", says);
const zeros = gzipSync(new Uint8Array(1.2e8), { level: 9 });
/** The gzipped header of these dimensions, and 120 MB of zeros in 117 kB. */
const packed = (dimensions: number[], copies = 1) =>
  Buffer.concat([
    gzipSync(encodeIdx(dimensions, new Uint8Array())),
    ...Array<Uint8Array>(copies).fill(zeros),
  ]);
const small = encodeIdx([2, 2, 2], Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]));

const idxRows: Row[] = [
  ...[0, 1, 3, 4, 15].map((length) =>
    idx(`${length} bytes`, small.subarray(0, length), /bytes|within its header/),
  ),
  ...[0, 7, 9, 11, 12, 13, 14, 255].map((type) =>
    idx(`type ${type}`, encodeIdx([2, 2, 2], new Uint8Array(8), type), /expected unsigned bytes/),
  ),
  ...[[], [8], [2, 4], [2, 2, 2, 1]].map((shape) =>
    idx(`${shape.length} dimensions`, encodeIdx(shape, new Uint8Array(8)), /dimensions/),
  ),
  ...[
    [0, 2, 2],
    [2, 0, 2],
    [2, 2, 0],
  ].map((shape) => idx(`${shape.join("x")} values`, encodeIdx(shape, new Uint8Array()), /zero size/)),
  ...[
    [2 ** 32 - 1, 1, 1],
    [2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1],
    [65536, 65536, 1],
    [1, 30_000, 30_000],
  ].map((shape) =>
    idx(`${shape.join("x")} values in 8 bytes`, encodeIdx(shape, new Uint8Array(8)), /more than the 640 MiB/),
  ),
  idx("fewer values than declared", encodeIdx([3, 2, 2], new Uint8Array(8)), /truncated/),
  idx("more values than declared", encodeIdx([1, 2, 2], new Uint8Array(8)), /after its/),
  idx("120 MB in 117 kB", packed([120_000, 1000, 1]), /bomb/),
  idx("480 MB in 470 kB", packed([480_000, 1000, 1], 4), /bomb/),
  idx("600 MB in 117 kB", packed([600_000, 1000, 1]), /packed bytes can hold/),
  idx("120 MB that say that they are 8", packed([2, 2, 2]), /inflates to more than the 24/),
  idx("a gigabyte that says that it is 60 MB", packed([60_000, 1000, 1], 9), /inflates to more than/),
  idx(
    "fewer bytes than declared, packed",
    gzipSync(encodeIdx([3, 2, 2], new Uint8Array(8))),
    /inflates to 24 bytes/,
  ),
  idx(
    "gzip of junk",
    Buffer.concat([gzipSync(small).subarray(0, 10), Buffer.alloc(40, 0xff)]),
    /gzip|inflate/,
  ),
  idx("gzip of no bytes", gzipSync(new Uint8Array()), /0 bytes/),
  idx("gzip of gzip", gzipSync(gzipSync(small)), /starts with 1f8b/),
  ...[5, 12, 20].map((length) =>
    idx(`gzip cut after ${length} bytes`, gzipSync(small).subarray(0, length), /gzip|inflate|bytes/),
  ),
];
const random = encodeIdx(
  [4, 4, 4],
  Uint8Array.from({ length: 64 }, (_, i) => (i * 37) % 256),
);
const fuzzedIdx: Row[] = mutants(gzipSync(random), 60, 5).map(({ name, bytes }, i) => ({
  ...idx(`fuzz ${i}: ${name}`, bytes, /x-idx3/),
  isSame: (read) => Buffer.from((read as { data: Uint8Array }).data).equals(random.subarray(16)),
}));

const cifarRows: Row[] = [
  ...[0, 1, 3072, 3074].map((length) =>
    row(
      `cifar: ${length} bytes`,
      () => parseCifar([{ name: "x.bin", bytes: new Uint8Array(length) }]),
      "BAD_DATA",
      /whole number of records/,
    ),
  ),
  row(
    "cifar: label 200",
    () => parseCifar([{ name: "x.bin", bytes: new Uint8Array(3073).fill(200) }]),
    "BAD_DATA",
    /label 200/,
  ),
  ...["77777777777", "99999999999", "xyz", "-1"].map((size) =>
    row(
      `tar: a size of ${size}`,
      () => {
        const header = Buffer.alloc(1024);
        header.write("a.bin");
        header.write(size, 124);
        return untar(header);
      },
      "BAD_DATA",
      /damaged at byte 0/,
    ),
  ),
];

function chunk(type: string, data: Uint8Array = new Uint8Array(), length = data.length): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");
function header(width: number, height: number, depth: number, colour: number, interlaced = 0): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([depth, colour, 0, 0, interlaced], 8);
  return chunk("IHDR", data);
}
const END = chunk("IEND");
const png = (...chunks: Buffer[]) => Buffer.concat([SIGNATURE, ...chunks]);
/** A 4 x 4 image of palette indices, one byte per pixel, whose palette has `colours`. */
const indexed = (colours: number, index: number, filter = 0) => {
  const rows = Buffer.alloc(4 * 5, index);
  for (let y = 0; y < 4; y++) rows[5 * y] = filter;
  return png(
    header(4, 4, 8, 3),
    chunk("PLTE", Buffer.alloc(3 * colours)),
    chunk("IDAT", deflateSync(rows)),
    END,
  );
};
const grey = (edge = 4) =>
  [header(edge, edge, 8, 0), chunk("IDAT", deflateSync(Buffer.alloc(edge * (edge + 1))))] as const;
const good = png(...grey(), END);

const folderOf = (
  name: string,
  files: Readonly<Record<string, Uint8Array>>,
  says: RegExp,
  resize?: number,
): Row =>
  row(
    `images: ${name}`,
    (folder) => {
      const place = join(folder, "pictures");
      mkdirSync(place);
      for (const [file, bytes] of Object.entries(files)) writeFileSync(join(place, file), bytes);
      return readImageFolder(place, { resize });
    },
    "BAD_DATA",
    says,
  );
const picture = (name: string, bytes: Uint8Array, says: RegExp, file = "a.png") =>
  folderOf(name, { [file]: bytes }, says);

const webp = (frames: number) => {
  const frame = Buffer.from(
    "414e4d461c000000000000000000000000000000640000005650384c0f0000002f00000000070710fd8ffe070a",
    "hex",
  );
  const body = Buffer.concat([
    Buffer.from("57454250", "hex"),
    Buffer.from("565038580a0000000200000000000000000000", "hex"),
    ...Array<Buffer>(frames).fill(frame),
  ]);
  const size = Buffer.alloc(8);
  size.write("RIFF");
  size.writeUInt32LE(body.length, 4);
  return Buffer.concat([size, body]);
};

const pictures: Row[] = [
  picture("no bytes", new Uint8Array(), /not an image that can be read/),
  picture("text", Buffer.from("hello"), /not an image that can be read/),
  picture("only a signature", SIGNATURE, /not an image/),
  picture(
    "an animated PNG",
    png(grey()[0], chunk("acTL", Buffer.alloc(8)), grey()[1], END),
    /animated \(APNG\)/,
  ),
  picture("no end", png(...grey()), /has no end/),
  ...[40, 50, 60].map((length) =>
    picture(
      `cut after ${length} bytes`,
      good.subarray(0, length),
      /truncated|damaged|not an image|cannot be decoded/,
    ),
  ),
  picture(
    "a chunk longer than the file",
    png(grey()[0], chunk("tEXt", new Uint8Array(), 2 ** 31 - 1), END),
    /truncated|damaged|not an image/,
  ),
  ...[2, 3, 100, 255].map((index) =>
    picture(
      `colour ${index} of a palette of 2`,
      indexed(2, index),
      new RegExp(`uses colour ${index} of a palette of 2`),
    ),
  ),
  picture("colours beyond the palette by a filter", indexed(20, 9, 2), /uses colour \d+ of a palette of 20/),
  picture("an unknown filter", indexed(2, 1, 7), /filter 7|cannot be decoded|not an image/),
  picture(
    "colours beyond the palette, interlaced",
    png(
      header(4, 4, 8, 3, 1),
      chunk("PLTE", Buffer.alloc(6)),
      chunk(
        "IDAT",
        deflateSync(Buffer.from("000900090009090009090009090009090009090909000909090900", "hex")),
      ),
      END,
    ),
    /of a palette of 2|cannot be decoded/,
  ),
  picture(
    "pixels that end early",
    png(header(4, 4, 8, 3), chunk("PLTE", Buffer.alloc(6)), chunk("IDAT", deflateSync(Buffer.alloc(9))), END),
    /end too early|cannot be decoded/,
  ),
  picture("60,000 x 60,000 pixels", bombPng(), /60000 x 60000 pixels by its header/),
  picture(
    "another format by its name",
    Buffer.from(
      "GIF89a\u0001\u0000\u0001\u0000\u0080\u0000\u0000\u0000\u0000\u0000\u00ff\u00ff\u00ff,\u0000\u0000\u0000\u0000\u0001\u0000\u0001\u0000\u0000\u0002\u0002D\u0001\u0000;",
      "latin1",
    ),
    /is gif|not an image/,
  ),
  picture("an animated WebP", webp(3), /3 frames|not an image|cannot be decoded/, "a.webp"),
  picture(
    "a cut JPEG",
    Buffer.from("ffd8ffe000104a46494600010101000100010000ffdb0043", "hex"),
    /not an image|cannot be decoded/,
    "a.jpg",
  ),
  picture("a size of 0", png(header(0, 4, 8, 0), grey()[1], END), /not an image/),
  folderOf("two sizes", { "a.png": good, "b.png": png(...grey(8), END) }, /Bring them to one size/),
  folderOf("no images", { "a.txt": good }, /holds no images/),
  folderOf(
    "six of 64 million grey pixels each, in 65 kB each",
    Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`${i}.png`, png(...grey(8000), END)])),
    /bomb/,
    8,
  ),
];
const noisy = png(
  header(4, 4, 8, 0),
  chunk("IDAT", deflateSync(Buffer.from("0001020304000506070800090a0b0c000d0e0f10", "hex"))),
  END,
);
const fuzzedPng: Row[] = mutants(noisy, 60, 6).map(({ name, bytes }, i) => ({
  ...picture(`fuzz ${i}: ${name}`, bytes, /a\.png/),
  // bytes after the end and ancillary chunks are no part of the picture
  isSame: (read) =>
    Buffer.from((read as { images: { data: Uint8Array } }).images.data).equals(
      Buffer.from(Array.from({ length: 16 }, (_, p) => p + 1)),
    ),
}));

export const rows: readonly Row[] = [...idxRows, ...fuzzedIdx, ...cifarRows, ...pictures, ...fuzzedPng];
