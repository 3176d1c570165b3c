/**
 * Resizing images for a feature extractor, in float64 and without rounding to bytes in between. A published protocol
 * names one way of resizing; which one changes FID by whole points (Parmar et al. 2022, arXiv:2104.11222).
 */
import { assert } from "../../core/errors.ts";
import { type ByteImages, checkImages } from "../../core/images.ts";
import { resample, type Taps } from "../images/resize.ts";

/** How much of each input pixel an output pixel takes, along one axis: `from` pixels become `to`. */
interface Resampling {
  readonly describe: string;
  /** Middle of output pixel o on the input's axis, where input pixel i reaches from i to i + 1; ratio = from / to. */
  readonly middle: (o: number, ratio: number) => number;
  /** Distance from the middle beyond which pixels have no weight. */
  readonly reach: (ratio: number) => number;
  /** Weight of a pixel whose middle is `distance` away; weights are then scaled to a sum of 1. */
  readonly weight: (distance: number, ratio: number) => number;
  /** What lies beyond the rim: the pixels of the rim again, or nothing. */
  readonly beyond: "repeated" | "nothing";
}

const triangle = (x: number) => Math.max(0, 1 - Math.abs(x));

/** Keys 1981, eq. 4 with a = -1/2. */
function cubic(x: number): number {
  const d = Math.abs(x);
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
  return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
}

const centred = (o: number, ratio: number) => (o + 0.5) * ratio;
const widened = (ratio: number) => Math.max(1, ratio);

/** The ways of resizing. To add one: one entry here. */
export const resizers = {
  area: {
    describe: "mean of the input under each pixel",
    middle: centred,
    reach: (ratio) => ratio / 2 + 1,
    weight: (distance, ratio) =>
      Math.max(0, Math.min(distance + 0.5, ratio / 2) - Math.max(distance - 0.5, -ratio / 2)),
    beyond: "nothing",
  },
  bilinear: {
    describe: "between the four nearest pixels, middles aligned, no antialiasing (pytorch-fid)",
    middle: centred,
    reach: () => 1,
    weight: triangle,
    beyond: "repeated",
  },
  "bilinear-antialias": {
    describe: "the same, the triangle widened where images shrink (Pillow's bilinear)",
    middle: centred,
    reach: widened,
    weight: (distance, ratio) => triangle(distance / widened(ratio)),
    beyond: "nothing",
  },
  "bilinear-tf1": {
    describe: "between the four nearest pixels, upper left corners aligned (TensorFlow 1, FID as published)",
    middle: (o, ratio) => o * ratio + 0.5,
    reach: () => 1,
    weight: triangle,
    beyond: "repeated",
  },
  "bicubic-antialias": {
    describe: "cubic (a = -1/2), widened where images shrink, cut to 0..255 (Pillow's bicubic, clean-fid)",
    middle: centred,
    reach: (ratio) => 2 * widened(ratio),
    weight: (distance, ratio) => cubic(distance / widened(ratio)),
    beyond: "nothing",
  },
} satisfies Record<string, Resampling>;

export type ResizeMode = keyof typeof resizers;

/** Weights that sum to 1 for each output pixel. */
function tapsOf({ middle, reach, weight, beyond }: Resampling, from: number, to: number): Taps {
  const ratio = from / to;
  const span = Math.min(from, 2 * Math.ceil(reach(ratio)) + 2);
  const first = new Int32Array(to);
  const weights = new Float64Array(to * span);
  for (let o = 0; o < to; o++) {
    const at = middle(o, ratio);
    const start = Math.floor(at - reach(ratio) - 0.5);
    first[o] = Math.max(0, Math.min(from - span, start));
    let sum = 0;
    for (let i = start; i <= at + reach(ratio) + 0.5; i++) {
      const inside = Math.max(0, Math.min(from - 1, i));
      if (beyond === "nothing" && inside !== i) continue;
      const share = weight(i + 0.5 - at, ratio);
      if (share === 0) continue;
      weights[o * span + inside - first[o]!]! += share;
      sum += share;
    }
    for (let t = 0; t < span; t++) weights[o * span + t]! /= sum;
  }
  return { first, count: span, weights };
}

/** `images` resized, as numbers in 0..255, [count, height, width, channels]. */
export function resizeTo(images: ByteImages, height: number, width: number, mode: ResizeMode): Float32Array {
  checkImages(images, "resizeTo");
  assert(images.height > 0 && images.width > 0, `resize of ${images.height}x${images.width}`);
  const { count, channels } = images;
  if (images.height === height && images.width === width) return Float32Array.from(images.data);
  const down = tapsOf(resizers[mode], images.height, height);
  const across = tapsOf(resizers[mode], images.width, width);
  const result = new Float32Array(count * height * width * channels);
  return resample(images, down, across, result, (sum) => Math.max(0, Math.min(255, sum)));
}
