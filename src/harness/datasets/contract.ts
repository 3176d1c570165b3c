/** A dataset as the rest of the harness sees it, and a source of datasets. */
import type { ByteImages } from "../../core/images.ts";
import type { SpecEntry } from "../../core/spec.ts";
import type { Fit } from "../images/fit.ts";
import type { DatasetFacts } from "../record/index.ts";

/** Images in random order: every part of a split is an i.i.d. sample of it. */
export interface Split {
  readonly images: ByteImages;
  /** Class of each image, 0..classes.length-1. */
  readonly labels: Uint8Array;
  /** True mode of each image where the source knows it (`shapes`), 0..modes.length-1. */
  readonly modes?: Uint16Array;
}

export interface Dataset {
  /** As the user wrote it, e.g. `shapes`, `idx:DIR`, `mnist`. Never an absolute path: `idx:` keeps the folder's last name. */
  readonly name: string;
  /** sha256 (hex) over the decoded pixels and labels of both splits, at the size used. */
  readonly hash: string;
  readonly size: number;
  readonly channels: 1 | 3;
  readonly classes: readonly string[];
  readonly modes?: readonly string[];
  readonly train: Split;
  readonly test: Split;
  /**
   * The base images where every channel is an image of its own (`stacked`). A mode is then the classes of the channels as
   * the digits of a number, the first channel the highest digit.
   */
  readonly channelwise?: Dataset;
  /** What reading did to a person's own pictures. */
  readonly pictures?: DatasetFacts["pictures"];
}

/** How a folder of one's own pictures is read; no other source has these options. */
export interface FolderOptions {
  /** `cover` by default: the middle of an oblong picture. `contain`: all of it, between margins. */
  readonly fit?: Fit;
  /** What transparent places and margins become: white by default, `black`, `grey` or `#rrggbb`. */
  readonly background?: string;
  /** Whether files that cannot be read are left out and counted, in place of refused. */
  readonly skipBroken?: boolean;
  /** Share of the pictures that are test images, where the folder has no `test`. */
  readonly testShare?: number;
}

/** Where labels of pictures stand that no folders give: a JSON file beside them. */
export interface LabelSource {
  /** Path of the file within the package. */
  readonly file: string;
  /** The field of an entry that names its picture, by the last part of a path. */
  readonly key: string;
  /** The field that holds its label, of the entry itself or of one around it. */
  readonly field: string;
}

export interface DatasetRequest extends FolderOptions {
  /** Of `npm:` alone; by default the folders of the pictures are their labels. */
  readonly labels?: LabelSource;
  /** Edge in pixels, a multiple of 4; images of another size are resized by area. */
  readonly size: number;
  /** By default as the data are: 3 where an image has colour, else 1; `shapes` are grey, `stacked` has three. */
  readonly channels?: 1 | 3;
  /** Number of images of each split; by default all of the source (`shapes` and `stacked`: their default numbers). */
  readonly train?: number;
  readonly test?: number;
  /** Seed of synthetic data, of the order of images, and so of the subset taken from a larger source. */
  readonly seed: number;
  /** Where downloads are kept; default: $BENCH_CACHE or the user's cache directory. */
  readonly cacheDir?: string;
  readonly onProgress?: (message: string, done: number, total: number) => void;
}

/** One source of data. */
export interface DatasetSource extends SpecEntry {
  readonly describe: string;
  /** Whether it takes the options of `FolderOptions`. */
  readonly ofPictures?: true;
  /** `argument` is what follows the colon in `idx:DIR`; empty where nothing does. */
  load(argument: string, request: DatasetRequest): Promise<Dataset>;
}
