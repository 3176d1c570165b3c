/** Reading the user's images: a folder of PNG, JPEG or WebP files, 8 bits per channel, through sharp (libvips). */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Metadata, Sharp, SharpOptions } from "sharp";
import { badData, messageOf } from "../../core/errors.ts";
import type { ByteImages } from "../../core/images.ts";
import { pngProblem } from "./png-chunks.ts";
import { resizeByArea } from "./resize.ts";

/** Most pixels of one image, 64 Mi: an image that is larger by its header is refused before it is decoded. */
const MAX_PIXELS = 2 ** 26;
/** Most bytes of all images together. */
const MAX_BYTES = 2 ** 31 - 1;
/** Images that are read at once, and most pixels of those that are decoded at once. */
const PARALLEL = 16;
const PIXELS_AT_ONCE = 2 ** 24;
/** By how much images may be larger than their files, from 256 MiB on: pictures of anything pack far less. */
const LARGE = 2 ** 28;
const USUAL_EXPANSION = 200;

const formats = new Set(["png", "jpeg", "webp"]);
const imageName = /\.(png|jpe?g|webp)$/i;

export interface ReadOptions {
  /** Edge in pixels that every image is resized to, by area; without it all must have one size. */
  readonly resize?: number;
  /** Whether to refuse images that are not square, which resizing would distort. */
  readonly square?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

type Decode = (path: string, options: SharpOptions) => Sharp;

/**
 * All images of a folder, in the order of their names, RGB or, where every image is grey, one channel. `ignored`: entries
 * whose name is not that of an image. @throws BAD_DATA naming the file and what is wrong with it
 */
export async function readImageFolder(folder: string, options: ReadOptions = {}) {
  const entries = (await readdir(folder)).sort((a, b) => (a < b ? -1 : 1));
  const files = entries.filter((name) => imageName.test(name) && !name.startsWith("."));
  if (files.length === 0) throw badData(`${folder} holds no images: PNG, JPEG and WebP files are read.`);
  const { default: sharp } = await import("sharp");
  const headers = await inBatches(files, PARALLEL, (name) => readHeader(sharp, join(folder, name)));
  const { width, height } = headers[0]!;
  const { resize, square } = options;
  headers.forEach((header, i) => {
    const problem = `${join(folder, files[i]!)} is ${header.width} x ${header.height} pixels`;
    if (square && header.width !== header.height)
      throw badData(`${problem}; square images are needed. Crop or pad it.`);
    if (!resize && (header.width !== width || header.height !== height))
      throw badData(
        `${problem}, and ${files[0]} is ${width} x ${height}. Bring them to one size, e.g. with --resize ` +
          `${Math.min(width, height)}.`,
      );
  });
  const shape = resize ? { width: resize, height: resize } : { width, height };
  const size = shape.width * shape.height * 3;
  if (size * files.length > MAX_BYTES)
    throw badData(
      `${folder}: ${files.length} images of ${shape.width} x ${shape.height} pixels take more than 2 GiB. ` +
        "Take fewer of them, or --resize them.",
    );
  const bytes = headers.reduce((sum, header) => sum + header.bytes, 0);
  const decoded = headers.reduce((sum, header) => sum + 3 * header.width * header.height, 0);
  if (decoded > LARGE && decoded > USUAL_EXPANSION * bytes)
    throw badData(
      `${folder}: its ${files.length} images have ${bytes} bytes and would decode to ${decoded}, ` +
        `${Math.round(decoded / bytes)} times as many, which is a bomb rather than pictures. Leave the largest out.`,
    );
  const data = new Uint8Array(size * files.length);
  let done = 0;
  const largest = Math.max(...headers.map((header) => header.width * header.height));
  const atOnce = Math.max(1, Math.min(PARALLEL, Math.floor(PIXELS_AT_ONCE / largest)));
  await inBatches(files, atOnce, async (name, i) => {
    data.set(await decode(sharp, join(folder, name), headers[i]!, resize), i * size);
    options.onProgress?.(++done, files.length);
  });
  const images = greyWhereEqual({ data, count: files.length, ...shape, channels: 3 });
  return { images, files, ignored: entries.filter((name) => !files.includes(name)) };
}

/** Embedded colour profiles are ignored: the numbers are those in the file. */
const reading = { ignoreIcc: true, failOn: "warning" } as const;

interface Header {
  /** In pixels, upright. */
  readonly width: number;
  readonly height: number;
  /** Of the file. */
  readonly bytes: number;
}

async function readHeader(sharp: Decode, path: string): Promise<Header> {
  const refuse = (problem: string, cause?: unknown): never => {
    throw badData(`${path} ${problem}.`, cause);
  };
  let header: Metadata;
  const { size: bytes } = await stat(path).catch((error: unknown) =>
    refuse(`cannot be read (${messageOf(error)})`, error),
  );
  try {
    header = await sharp(path, { ...reading, limitInputPixels: false }).metadata();
  } catch (error) {
    return refuse(`is not an image that can be read (${messageOf(error)})`, error);
  }
  const { format, space, depth, pages = 1, autoOrient } = header;
  if (!formats.has(format)) refuse(`is ${format}, whatever its name; PNG, JPEG and WebP are read`);
  if (space === "cmyk") refuse("is CMYK; convert it to RGB or grey");
  if (depth !== "uchar") refuse(`has more than 8 bits per channel (${space}); convert it to 8`);
  if (space !== "srgb" && space !== "b-w")
    refuse(`is in the colour space ${space}; convert it to RGB or grey`);
  if (pages > 1) refuse(`has ${pages} frames; save each as an image`);
  const { width, height } = autoOrient;
  if (width * height > MAX_PIXELS)
    refuse(`is ${width} x ${height} pixels by its header; at most ${MAX_PIXELS} are decoded`);
  if (format === "png") {
    const problem = pngProblem(await readFile(path));
    if (problem !== undefined) refuse(problem);
  }
  return { width, height, bytes };
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
    const message = `${path} cannot be decoded (${messageOf(error)}); it is truncated or damaged.`;
    throw badData(message, error);
  }
  const { channels } = pixels.info;
  const count = width * height;
  const data = new Uint8Array(count * 3);
  for (let p = 0; p < count; p++) {
    if (channels % 2 === 0 && pixels.data[p * channels + channels - 1] !== 255)
      throw badData(`${path} is transparent in places; put it on an opaque background.`);
    for (let c = 0; c < 3; c++) data[3 * p + c] = pixels.data[p * channels + (channels > 2 ? c : 0)]!;
  }
  const image: ByteImages = { data, count: 1, height, width, channels: 3 };
  return resize ? resizeByArea(image, resize).data : data;
}

/** The images with one channel where red, green and blue are equal in every pixel, else as they are. */
export function greyWhereEqual(images: ByteImages): ByteImages {
  const { data, channels } = images;
  if (channels !== 3) return images;
  for (let p = 0; p < data.length; p += 3)
    if (data[p] !== data[p + 1] || data[p] !== data[p + 2]) return images;
  return { ...images, data: data.filter((_, i) => i % 3 === 0), channels: 1 };
}

/** `work` for every item, `atOnce` of them at a time. */
async function inBatches<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, i: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += atOnce)
    results.push(...(await Promise.all(items.slice(from, from + atOnce).map((x, i) => work(x, from + i)))));
  return results;
}
