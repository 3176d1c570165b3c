/** What turns images into the features that metrics compare. */
import type { ByteImages } from "../../core/images.ts";
import type { Features } from "../../metrics/contract.ts";
import type { ResizeMode } from "./resize.ts";

/** What the pixels 0 to 255 become, before mean and std. */
export const pixelRanges = {
  "0..1": { low: 0, high: 1 },
  "-1..1": { low: -1, high: 1 },
  "0..255": { low: 0, high: 255 },
} satisfies Record<string, { low: number; high: number }>;

export type PixelRange = keyof typeof pixelRanges;

/** How images are brought to what a model of the user's takes. */
export interface InputOptions {
  /** Edge in pixels; needed where the model's file leaves it open. */
  readonly size?: number;
  /** Order of the input's axes; needed where its shape does not tell. */
  readonly layout?: "NCHW" | "NHWC";
  /** Default `area`. */
  readonly resize?: ResizeMode;
  /** Default `0..1`. */
  readonly range?: PixelRange;
  /** Subtracted, in the unit of `range`: one number or one a channel; default 0. */
  readonly mean?: readonly number[];
  /** Divided by afterwards: one number or one a channel; default 1. */
  readonly std?: readonly number[];
}

export interface FeatureContext extends InputOptions {
  /** Images in one pass, where the model leaves it open; default 32, fewer of large ones. Only rounding depends on it. */
  readonly batch?: number;
  /** Threads of one operation; default: the runtime's choice. */
  readonly threads?: number;
  /** False computes anew and keeps nothing. */
  readonly cache?: boolean;
  /** Where features are kept, in its folder `features`; default: $BENCH_CACHE or the user's cache directory. */
  readonly cacheDir?: string;
  /** Told what went wrong with the cache and was put right. */
  readonly onNotice?: (message: string) => void;
}

export interface FeatureExtractor {
  /** As the user may write it, without folders: `pixels`, `onnx:inception.onnx:pool3`. */
  readonly name: string;
  /** All that decides the numbers, for records. */
  readonly protocol: Readonly<Record<string, string | number>>;
  /** [count, width], float32 values; image i's do not depend on the others. */
  extract(images: ByteImages, onProgress?: (done: number, total: number) => void): Promise<Features>;
  dispose(): void;
}

/** One kind of extractor. `argument` is what follows the colon, as help shows it. */
export interface FeatureSource {
  readonly describe: string;
  readonly argument?: string;
  /** Whether reading features back is quicker than computing them. */
  readonly cached: boolean;
  open(argument: string | undefined, context: FeatureContext): Promise<FeatureExtractor>;
}
