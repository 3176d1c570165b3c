/** What a dataset is to the rest of the harness. */
import type { ByteImages } from "../../core/images.ts";

export interface Split {
  readonly images: ByteImages;
  /** Class of each image, 0..classes.length-1. */
  readonly labels: Uint8Array;
  /** True mode of each image where the data's maker knows it (`shapes`), 0..modes.length-1. */
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
   * Where every channel is an image of its own (`stacked`): those images. A mode is then the classes of the channels, the
   * first one counting most.
   */
  readonly channelwise?: Dataset;
}

export interface DatasetRequest {
  /** Edge in pixels, a multiple of 4; images of another size are resized by area. */
  readonly size: number;
  readonly channels: 1 | 3;
  /** Images of each split; undefined takes all that the source has (`shapes`: its default). */
  readonly train?: number;
  readonly test?: number;
  /** Seed of made data and of the subset taken from a larger source. */
  readonly seed: number;
  /** Where downloads are kept; default: $BENCH_CACHE or the user's cache directory. */
  readonly cacheDir?: string;
  readonly onProgress?: (message: string, done: number, total: number) => void;
}

/** One source of data. `argument` is what follows the colon in `idx:DIR`. */
export interface DatasetSource {
  readonly describe: string;
  /** Text shown as the argument in help, e.g. `DIR`; undefined if the source takes none. */
  readonly argument?: string;
  /** Whether it can be named without its argument, too. */
  readonly optional?: boolean;
  load(argument: string | undefined, request: DatasetRequest): Promise<Dataset>;
}
