/** Reading images that users bring: a folder of PNG, JPEG or WebP files, 8 bits a channel, through sharp (libvips). */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Metadata, Sharp, SharpOptions } from "sharp";
import { BenchError, messageOf } from "../../core/errors.ts";
import type { ByteImages } from "../../core/images.ts";
import { resizeByArea } from "./resize.ts";

/** Pixels of one image, 64 Mi: what is larger by its header is refused before it is decoded. */
const MAX_PIXELS = 2 ** 26;
/** Bytes of all images together. */
const MAX_BYTES = 2 ** 31 - 1;
const PARALLEL = 16;

const formats = new Set(["png", "jpeg", "webp"]);
const imageName = /\.(png|jpe?g|webp)$/i;

export interface ImageFolder {
  /** By name, RGB or, where every image is grey, one channel. */
  readonly images: ByteImages;
  readonly files: readonly string[];
  /** Entries that are no images by their name. */
  readonly ignored: readonly string[];
}

export interface ReadOptions {
  /** Edge that every image is resized to, by area; without it all must have one size. */
  readonly resize?: number;
  /** Refuses images that are not square, which resizing would distort. */
  readonly square?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

type Decode = (path: string, options: SharpOptions) => Sharp;

/** @throws BAD_DATA naming the file and what is wrong with it. */
export async function readImageFolder(folder: string, options: ReadOptions = {}): Promise<ImageFolder> {
  const entries = (await readdir(folder)).sort((a, b) => (a < b ? -1 : 1));
  const files = entries.filter((name) => imageName.test(name) && !name.startsWith("."));
  if (files.length === 0)
    throw new BenchError("BAD_DATA", `${folder} holds no images: PNG, JPEG and WebP files are read.`);
  const { default: sharp } = await import("sharp");
  const headers = await inBatches(files, (name) => readHeader(sharp, join(folder, name)));
  const oblong = headers.findIndex((header) => header.width !== header.height);
  if (options.square && oblong >= 0)
    throw new BenchError(
      "BAD_DATA",
      `${join(folder, files[oblong]!)} is ${headers[oblong]!.width} x ${headers[oblong]!.height} pixels; square ` +
        "images are needed. Crop or pad it.",
    );
  const { width, height } = headers[0]!;
  const shape = options.resize ? { width: options.resize, height: options.resize } : { width, height };
  if (!options.resize) {
    const other = headers.findIndex((header) => header.width !== width || header.height !== height);
    if (other >= 0)
      throw new BenchError(
        "BAD_DATA",
        `${join(folder, files[other]!)} is ${headers[other]!.width} x ${headers[other]!.height} pixels, and ` +
          `${files[0]} is ${width} x ${height}. Bring them to one size, e.g. with --resize ${Math.min(width, height)}.`,
      );
  }
  const size = shape.width * shape.height * 3;
  if (size * files.length > MAX_BYTES)
    throw new BenchError(
      "BAD_DATA",
      `${folder}: ${files.length} images of ${shape.width} x ${shape.height} pixels take more than 2 GiB. ` +
        "Take fewer of them, or --resize them.",
    );
  const data = new Uint8Array(size * files.length);
  let done = 0;
  await inBatches(files, async (name, i) => {
    data.set(await decode(sharp, join(folder, name), headers[i]!, options.resize), i * size);
    options.onProgress?.(++done, files.length);
  });
  const images = greyWhereEqual({ data, count: files.length, ...shape, channels: 3 });
  return { images, files, ignored: entries.filter((name) => !files.includes(name)) };
}

/** Without embedded profiles: the numbers are the file's own. */
const reading = { ignoreIcc: true, failOn: "warning" } as const;

async function readHeader(sharp: Decode, path: string): Promise<{ width: number; height: number }> {
  const refuse = (problem: string, cause?: unknown): never => {
    throw new BenchError("BAD_DATA", `${path} ${problem}.`, { cause });
  };
  let header: Metadata;
  try {
    header = await sharp(path, { ...reading, limitInputPixels: false }).metadata();
  } catch (error) {
    return refuse(`is not an image that can be read (${messageOf(error)})`, error);
  }
  const { format, space, depth, pages = 1, autoOrient } = header;
  if (!formats.has(format)) refuse(`is ${format}, whatever its name; PNG, JPEG and WebP are read`);
  if (space === "cmyk") refuse("is CMYK; convert it to RGB or grey");
  if (depth !== "uchar") refuse(`has more than 8 bits a channel (${space}); convert it to 8`);
  if (space !== "srgb" && space !== "b-w")
    refuse(`is in the colour space ${space}; convert it to RGB or grey`);
  if (pages > 1) refuse(`has ${pages} frames; save each as an image`);
  const { width, height } = autoOrient;
  if (width * height > MAX_PIXELS)
    refuse(`is ${width} x ${height} pixels by its header; at most ${MAX_PIXELS} are decoded`);
  return { width, height };
}

/** RGB bytes, [height, width, 3]. */
async function decode(
  sharp: Decode,
  path: string,
  { width, height }: { width: number; height: number },
  resize: number | undefined,
): Promise<Uint8Array> {
  let pixels: { data: Buffer; info: { channels: number; width: number; height: number } };
  try {
    pixels = await sharp(path, { ...reading, limitInputPixels: MAX_PIXELS })
      .autoOrient()
      .raw()
      .toBuffer({ resolveWithObject: true });
  } catch (error) {
    throw new BenchError(
      "BAD_DATA",
      `${path} cannot be decoded (${messageOf(error)}); it is truncated or damaged.`,
      {
        cause: error,
      },
    );
  }
  const { channels } = pixels.info;
  const count = width * height;
  const data = new Uint8Array(count * 3);
  for (let p = 0; p < count; p++) {
    if (channels % 2 === 0 && pixels.data[p * channels + channels - 1] !== 255)
      throw new BenchError(
        "BAD_DATA",
        `${path} is transparent in places; lay it on the background it is for.`,
      );
    for (let c = 0; c < 3; c++) data[3 * p + c] = pixels.data[p * channels + (channels > 2 ? c : 0)]!;
  }
  const image: ByteImages = { data, count: 1, height, width, channels: 3 };
  return resize ? resizeByArea(image, resize).data : data;
}

/** One channel where red, green and blue are equal in every pixel: grey images, however they were stored. */
export function greyWhereEqual(images: ByteImages): ByteImages {
  const { data, channels } = images;
  if (channels !== 3) return images;
  for (let p = 0; p < data.length; p += 3)
    if (data[p] !== data[p + 1] || data[p] !== data[p + 2]) return images;
  return {
    ...images,
    data: Uint8Array.from({ length: data.length / 3 }, (_, p) => data[3 * p]!),
    channels: 1,
  };
}

async function inBatches<T, R>(items: readonly T[], work: (item: T, i: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += PARALLEL)
    results.push(...(await Promise.all(items.slice(from, from + PARALLEL).map((x, i) => work(x, from + i)))));
  return results;
}
