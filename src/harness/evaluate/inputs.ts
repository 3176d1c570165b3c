/** The two sides of an evaluation, read as their specs say and brought to one size and one number of channels. */
import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { badData } from "../../core/errors.ts";
import { plural } from "../../core/format.ts";
import type { ByteImages } from "../../core/images.ts";
import { knownWords } from "../../core/suggest.ts";
import type { Features } from "../../metrics/contract.ts";
import type { Dataset } from "../datasets/contract.ts";
import { datasetSources, loadDataset } from "../datasets/index.ts";
import { withChannels } from "../images/colour.ts";
import { readImageFolder } from "../images/read.ts";
import { resizeByArea } from "../images/resize.ts";
import { featuresOf, imagesOf } from "./arrays.ts";
import { readArray } from "./npy.ts";

/** Edge of a dataset's images where neither the other side nor --resize gives one: the edge of MNIST. */
const DATASET_SIZE = 28;

export interface Side<Content> {
  /** The spec without the folders of this machine. */
  readonly name: string;
  /** How the content was read, in words. */
  readonly read: string;
  readonly content: Content;
  /** The dataset that the spec names, where it names one. */
  readonly dataset?: Dataset;
}

export type SideName = "real" | "generated" | "training";

/** What an evaluation compares; the training images where they are given. */
export interface Sides<Content> {
  readonly real: Side<Content>;
  readonly generated: Side<Content>;
  readonly training?: Side<Content>;
}

export interface InputRequest {
  readonly real: string;
  readonly generated: string;
  /** What the generator was trained on: of a dataset the training split. */
  readonly training?: string;
  readonly cwd: string;
  readonly resize?: number;
  readonly cacheDir?: string;
  /** Receives what a reader of the result must know. */
  note(message: string): void;
  progress(message: string, done: number, total: number): void;
}

type Place =
  | { readonly kind: "dataset"; readonly spec: string }
  | { readonly kind: "folder" | "array"; readonly spec: string; readonly path: string };

/** The sides that are given, with their specs. */
const givenSides = ({ real, generated, training }: InputRequest): { side: SideName; spec: string }[] => [
  { side: "real", spec: real },
  { side: "generated", spec: generated },
  ...(training === undefined ? [] : [{ side: "training" as const, spec: training }]),
];

/** Whether a spec names a dataset rather than a file or folder. */
export const isDataset = (spec: string): boolean => Object.hasOwn(datasetSources, spec.split(":")[0]!);

async function locate(spec: string, cwd: string): Promise<Place> {
  if (isDataset(spec)) return { kind: "dataset", spec };
  const path = resolve(cwd, spec);
  const found = await stat(path).catch(() => undefined);
  if (!found)
    throw badData(
      `there is no file or folder ${spec}, and no dataset of that name${knownWords(spec, Object.keys(datasetSources))}`,
    );
  if (found.isDirectory()) return { kind: "folder", spec, path };
  if (found.isFile() && /\.np[yz]$/.test(path)) return { kind: "array", spec, path };
  throw badData(`${spec} is neither a folder of images nor a .npy or .npz file.`);
}

/** Feature vectors of both sides. @throws BAD_DATA */
export async function readFeatures(request: InputRequest): Promise<Sides<Features>> {
  const [real, generated, training] = await Promise.all(
    givenSides(request).map(async ({ spec }): Promise<Side<Features>> => {
      const place = await locate(spec, request.cwd);
      if (place.kind !== "array")
        throw badData(
          `${place.spec} is no table of features: --features none takes .npy or .npz files, [n, width].`,
        );
      const content = featuresOf(await readArray(place.path, place.spec), place.spec);
      checkCount(place.spec, content.count);
      return { name: basename(place.path), read: `features, [${content.count}, ${content.width}]`, content };
    }),
  );
  const width = real!.content.width;
  for (const other of [generated, training])
    if (other && other.content.width !== width)
      throw badData(
        `features of ${request[other === generated ? "generated" : "training"]} are ${other.content.width} wide, those of ${request.real} ${width}: take both from one extractor.`,
      );
  return { real: real!, generated: generated!, training };
}

/** Images of all sides, of one height, width and number of channels. @throws BAD_DATA, DATA_UNAVAILABLE */
export async function readImages(request: InputRequest): Promise<Sides<ByteImages>> {
  const places = await Promise.all(
    givenSides(request).map(async (given) => ({ ...given, place: await locate(given.spec, request.cwd) })),
  );
  const read: Partial<Record<SideName, Side<ByteImages>>> = {};
  for (const { side, place } of places)
    if (place.kind !== "dataset") read[side] = await readPath(place, request);
  const example = (read.real ?? read.generated ?? read.training)?.content;
  for (const { side, place } of places)
    if (place.kind === "dataset") read[side] = await readDataset(place.spec, side, example, request);
  const [real, generated] = [read.real!, read.generated!];
  const { height, width } = real.content;
  for (const { side, spec } of places) {
    const of = read[side]!.content;
    if (of.height !== height || of.width !== width)
      throw badData(
        `${spec} has images of ${of.height} x ${of.width} pixels, ${request.real} of ${height} x ${width}. ` +
          `Bring them to one size, e.g. with --resize ${Math.min(height, of.height)}.`,
      );
  }
  const channels = Math.max(...Object.values(read).map(({ content }) => content.channels)) as 1 | 3;
  const side = (of: Side<ByteImages>) => ({ ...of, content: withChannels(of.content, channels) });
  return { real: side(real), generated: side(generated), training: read.training && side(read.training) };
}

async function readPath(place: Exclude<Place, { kind: "dataset" }>, request: InputRequest) {
  const { spec, path } = place;
  const name = basename(path);
  const { resize } = request;
  if (place.kind === "folder") {
    const { images, ignored } = await readImageFolder(path, {
      resize,
      onProgress: (done, total) => request.progress(`reading ${name}`, done, total),
    });
    checkCount(spec, images.count);
    if (ignored.length > 0)
      request.note(
        `${spec}: ${ignored.length} entries are left out, as their names are not those of images, e.g. ${ignored[0]}`,
      );
    return { name, read: `folder of images${resized(resize)}`, content: images };
  }
  const { images, range } = imagesOf(await readArray(path, spec), spec);
  checkCount(spec, images.count);
  const content = resize === undefined ? images : resizeByArea(images, resize);
  return { name, read: `array, ${range}${resized(resize)}`, content };
}

const resized = (resize: number | undefined) => (resize === undefined ? "" : ", resized by area");

/** The test split, which no model of this harness has seen; as training images the training split. */
async function readDataset(
  spec: string,
  side: SideName,
  example: ByteImages | undefined,
  { resize, cacheDir, progress }: InputRequest,
): Promise<Side<ByteImages>> {
  const size = resize ?? example?.height ?? DATASET_SIZE;
  const square = resize !== undefined || !example || example.height === example.width;
  if (!square || size % 4 !== 0 || size < 8 || size > 256)
    throw badData(
      `dataset ${spec} comes in squares of a multiple of 4 pixels, from 8 to 256, and the other images are ` +
        `${square ? `${size} x ${size}` : `${example.height} x ${example.width}`}. Bring both to one size with --resize PX.`,
    );
  const dataset = await loadDataset(spec, {
    size,
    channels: example?.channels === 3 ? 3 : 1,
    seed: 0,
    cacheDir,
    onProgress: progress,
  });
  const split = side === "training" ? "train" : "test";
  const { images } = dataset[split];
  checkCount(spec, images.count);
  return {
    name: dataset.name,
    read: `dataset, ${split === "train" ? "training" : "test"} split, ${size} x ${size}`,
    content: images,
    dataset,
  };
}

function checkCount(spec: string, count: number): void {
  if (count < 2) throw badData(`${spec} holds ${plural(count, "image")}; at least 2 are needed.`);
}
