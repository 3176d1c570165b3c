/** Reading the user's images: a folder of PNG, JPEG or WebP files, as 8 bits per channel, through sharp (libvips). */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Metadata, Sharp, SharpOptions } from "sharp";
import { BenchError, badData, messageOf } from "../../core/errors.ts";
import type { ByteImages } from "../../core/images.ts";
import { type Fitting, overBackground, squared } from "./fit.ts";
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

export interface ReadOptions extends Fitting {
  /** Edge in pixels that every image is made square for, as `fit` says, and resized to, by area; without it all must have one size. */
  readonly resize?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** A file that is no picture that can be read, and what is wrong with it. */
export interface Broken {
  readonly file: string;
  readonly problem: string;
}

/** What was done to the pictures of a folder, in numbers of pictures. */
export interface PictureFacts {
  /** Laid on the background. */
  readonly transparent: number;
  /** Cut or padded to a square. */
  readonly oblong: number;
  /** With more than 8 bits per channel, of which the upper 8 are taken. */
  readonly deep: number;
  /** Least and greatest shorter edge in pixels. */
  readonly edges: readonly [least: number, greatest: number];
}

type Decode = (path: string, options: SharpOptions) => Sharp;

/** Most files that a message names. */
const MOST_NAMED = 100;

/** @throws BAD_DATA naming every file that cannot be read, where there are any; `wayOut` ends the message */
export function refuseBroken(broken: readonly Broken[], total: number, wayOut = ""): void {
  const [first, ...others] = broken;
  if (!first) return;
  const texts = broken.slice(0, MOST_NAMED).map(({ file, problem }) => `${file} ${problem}`);
  const more = broken.length > MOST_NAMED ? [`and ${broken.length - MOST_NAMED} more`] : [];
  const head = others.length > 0 ? `${broken.length} of ${total} pictures cannot be read: ` : "";
  throw badData(`${head}${[...texts, ...more].join("; ")}.${wayOut === "" ? "" : ` ${wayOut}`}`);
}

/**
 * All images of a folder, in the order of their names, RGB or, where every image is grey, one channel. `ignored`: entries
 * whose name is not that of an image. @throws BAD_DATA naming each file that cannot be read and what is wrong with it
 */
export async function readImageFolder(folder: string, options: ReadOptions = {}) {
  const { broken, ...read } = await readPictures(folder, options);
  refuseBroken(broken, read.files.length + broken.length);
  return { ...read, images: greyWhereEqual(read.images) };
}

/** The same, always RGB, without the files that cannot be read, which `broken` names. @throws BAD_DATA for a folder without images */
export async function readPictures(folder: string, options: ReadOptions = {}) {
  const entries = (await readdir(folder)).sort((a, b) => (a < b ? -1 : 1));
  const named = entries.filter((name) => imageName.test(name) && !name.startsWith("."));
  if (named.length === 0) throw badData(`${folder} holds no images: PNG, JPEG and WebP files are read.`);
  const { default: sharp } = await import("sharp");
  const { resize } = options;
  const headers = await inBatches(named, PARALLEL, (name) =>
    orProblem(() => readHeader(sharp, join(folder, name))),
  );
  if (!resize) refuseSizes(folder, named, headers);
  const { width, height } = headers.find((header) => typeof header !== "string") ?? { width: 1, height: 1 };
  const shape = resize ? { width: resize, height: resize } : { width, height };
  const size = shape.width * shape.height * 3;
  if (size * named.length > MAX_BYTES)
    throw badData(
      `${folder}: ${named.length} images of ${shape.width} x ${shape.height} pixels take more than 2 GiB. ` +
        "Take fewer of them, or --resize them.",
    );
  const sound = headers.filter((header) => typeof header !== "string");
  const bytes = sound.reduce((sum, header) => sum + header.bytes, 0);
  const expanded = sound.reduce((sum, header) => sum + 3 * header.width * header.height, 0);
  if (expanded > LARGE && expanded > USUAL_EXPANSION * bytes)
    throw badData(
      `${folder}: its ${sound.length} images have ${bytes} bytes and would decode to ${expanded}, ` +
        `${Math.round(expanded / bytes)} times as many, which is a bomb rather than pictures. Leave the largest out.`,
    );
  const largest = sound.reduce((most, header) => Math.max(most, header.width * header.height), 1);
  const atOnce = Math.max(1, Math.min(PARALLEL, Math.floor(PIXELS_AT_ONCE / largest)));
  const data = new Uint8Array(size * named.length);
  let done = 0;
  const decoded = await inBatches(named, atOnce, async (name, i) => {
    const header = headers[i]!;
    const picture =
      typeof header === "string"
        ? header
        : await orProblem(() => decode(sharp, join(folder, name), header, options));
    if (typeof picture !== "string") data.set(picture.data, i * size);
    options.onProgress?.(++done, named.length);
    return typeof picture === "string" ? picture : picture.transparent;
  });
  const good = named.flatMap((_, i) => (typeof decoded[i] === "string" ? [] : [i]));
  for (const [to, from] of good.entries())
    if (to < from) data.copyWithin(to * size, from * size, (from + 1) * size);
  const kept = good.map((i) => headers[i] as Header);
  const edges = kept.map((header) => Math.min(header.width, header.height));
  const facts: PictureFacts = {
    transparent: good.filter((i) => decoded[i] === true).length,
    oblong: resize ? kept.filter((header) => header.width !== header.height).length : 0,
    deep: kept.filter(({ deep }) => deep).length,
    edges: [edges.reduce((a, b) => Math.min(a, b), edges[0] ?? 0), edges.reduce((a, b) => Math.max(a, b), 0)],
  };
  return {
    images: { data: data.subarray(0, good.length * size), count: good.length, ...shape, channels: 3 },
    files: good.map((i) => named[i]!),
    ignored: entries.filter((name) => !named.includes(name)),
    broken: named.flatMap((name, i): Broken[] =>
      typeof decoded[i] === "string" ? [{ file: join(folder, name), problem: decoded[i] }] : [],
    ),
    facts,
  };
}

/** The value of `work`, or what is wrong with the picture. */
async function orProblem<T>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BenchError) return error.message;
    throw error;
  }
}

/** @throws BAD_DATA where images differ in size and nothing is resized */
function refuseSizes(folder: string, files: readonly string[], headers: readonly (Header | string)[]): void {
  const first = headers.findIndex((header) => typeof header !== "string");
  if (first < 0) return;
  const { width, height } = headers[first] as Header;
  const others = headers.flatMap((header, i) =>
    typeof header !== "string" && (header.width !== width || header.height !== height)
      ? [{ ...header, i }]
      : [],
  );
  const [other] = others;
  if (!other) return;
  const all = others.length > 1 ? ` (so are ${others.length - 1} more of another size)` : "";
  throw badData(
    `${join(folder, files[other.i]!)} is ${other.width} x ${other.height} pixels, and ${files[first]} is ${width} x ${height}${all}. ` +
      `Bring them to one size, e.g. with --resize ${Math.min(width, height)}.`,
  );
}

/** What libvips says, without what its other threads met at the same time. */
function reasonOf(error: unknown): string {
  const reason = messageOf(error)
    .split("\n")[0]!
    .replace(/:? ?Vips.*$/, "");
  return reason === "" ? "" : ` (${reason})`;
}

/** Embedded colour profiles are ignored: the numbers are those in the file. */
const reading = { ignoreIcc: true, failOn: "warning" } as const;

interface Header {
  /** In pixels, upright. */
  readonly width: number;
  readonly height: number;
  /** Of the file. */
  readonly bytes: number;
  /** More than 8 bits per channel. */
  readonly deep: boolean;
}

/** Of each, 8 bits and more. */
const colourSpaces = ["srgb", "b-w", "rgb16", "grey16"];

/** @throws BAD_DATA with what is wrong, as it reads behind the file's name */
async function readHeader(sharp: Decode, path: string): Promise<Header> {
  const refuse = (problem: string, cause?: unknown): never => {
    throw badData(problem, cause);
  };
  let header: Metadata;
  const { size: bytes } = await stat(path).catch((error: unknown) =>
    refuse(`cannot be read (${messageOf(error)})`, error),
  );
  try {
    header = await sharp(path, { ...reading, limitInputPixels: false }).metadata();
  } catch (error) {
    return refuse(`is not an image that can be read${reasonOf(error)}`, error);
  }
  const { format, space, depth, pages = 1, autoOrient } = header;
  if (!formats.has(format)) refuse(`is ${format}, whatever its name; PNG, JPEG and WebP are read`);
  if (space === "cmyk") refuse("is CMYK; convert it to RGB or grey");
  if (!colourSpaces.includes(space) || (depth !== "uchar" && depth !== "ushort"))
    refuse(`is in the colour space ${space} with ${depth} values; convert it to RGB or grey of 8 or 16 bits`);
  if (pages > 1) refuse(`has ${pages} frames; save each as an image`);
  const { width, height } = autoOrient;
  if (width * height > MAX_PIXELS)
    refuse(`is ${width} x ${height} pixels by its header; at most ${MAX_PIXELS} are decoded`);
  if (format === "png") {
    const problem = pngProblem(await readFile(path));
    if (problem !== undefined) refuse(problem);
  }
  return { width, height, bytes, deep: depth === "ushort" };
}

/** RGB bytes, [height, width, 3]; with `resize` [resize, resize, 3]. @throws BAD_DATA as `readHeader` does */
async function decode(
  sharp: Decode,
  path: string,
  { width, height }: Header,
  { resize, fit, background }: ReadOptions,
): Promise<{ data: Uint8Array; transparent: boolean }> {
  let pixels: { data: Buffer; info: { channels: number; width: number; height: number } };
  try {
    // libvips gives 8 bits here, of 16 the upper ones
    pixels = await sharp(path, { ...reading, limitInputPixels: MAX_PIXELS })
      .autoOrient()
      .raw()
      .toBuffer({ resolveWithObject: true });
  } catch (error) {
    throw badData(`cannot be decoded${reasonOf(error)}; it is truncated or damaged`, error);
  }
  const { data, transparent } = overBackground(pixels.data, pixels.info.channels, background);
  if (!resize) return { data, transparent };
  const whole: ByteImages = { data, count: 1, height, width, channels: 3 };
  return { data: resizeByArea(squared(whole, { fit, background }), resize).data, transparent };
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
