/** Extractors, which turn images into the features that metrics compare. */
import type { ByteImages } from "../../core/images.ts";
import type { SpecEntry } from "../../core/spec.ts";
import type { Features } from "../../metrics/contract.ts";
import type { ResizeMode } from "./resize.ts";

/** Ranges that the pixels 0 to 255 are scaled to, before mean and std. */
export const pixelRanges = {
  "0..1": { low: 0, high: 1 },
  "-1..1": { low: -1, high: 1 },
  "0..255": { low: 0, high: 255 },
} satisfies Record<string, { low: number; high: number }>;

export type PixelRange = keyof typeof pixelRanges;

/** How images are converted to the input of the user's model. */
export interface InputOptions {
  /** Edge in pixels; needed where the model's file leaves it open. */
  readonly size?: number;
  /** Order of the input's axes; needed where its shape does not tell. */
  readonly layout?: "NCHW" | "NHWC";
  /** Default `area`. */
  readonly resize?: ResizeMode;
  /** Default `0..1`. */
  readonly range?: PixelRange;
  /** Subtracted, in the unit of `range`: one number, or one per channel; default 0. */
  readonly mean?: readonly number[];
  /** Divided by afterwards: one number, or one per channel; default 1. */
  readonly std?: readonly number[];
}

export interface FeatureContext extends InputOptions {
  /** Images in one pass, where the model leaves it open; default 32, or fewer large ones. Only rounding depends on it. */
  readonly batch?: number;
  /** Threads of one operation; default: the runtime's choice. */
  readonly threads?: number;
  /** For one pass of the user's model, in seconds, and for its process, in GiB; network.ts says what they are by default. */
  readonly timeLimit?: number;
  readonly memoryLimit?: number;
  /** Script of this harness that a model's process is started with; this process's own by default. */
  readonly entry?: string;
  /** False computes all features and keeps none. */
  readonly cache?: boolean;
  /** Where features are kept, in its folder `features`; default: $BENCH_CACHE or the user's cache directory. */
  readonly cacheDir?: string;
  /** Receives what went wrong with the cache and how it was handled. */
  readonly onNotice?: (message: string) => void;
}

export interface FeatureExtractor {
  /** The spec without folders: `pixels`, `onnx:inception.onnx:pool3`. */
  readonly name: string;
  /** Everything that decides the numbers, for records. */
  readonly protocol: Readonly<Record<string, string | number>>;
  /** [count, width], float32 values; the features of an image do not depend on the other images. */
  extract(images: ByteImages, onProgress?: (done: number, total: number) => void): Promise<Features>;
  dispose(): void;
}

/** One kind of extractor. */
export interface FeatureSource extends SpecEntry {
  readonly describe: string;
  /** Whether reading features from the cache is quicker than computing them. */
  readonly cached: boolean;
  /** `argument` is what follows the colon in `onnx:FILE`. */
  open(argument: string | undefined, context: FeatureContext): Promise<FeatureExtractor>;
}
