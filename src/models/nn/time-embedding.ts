/**
 * Sinusoidal encodings of a diffusion step: pairs (sin(t f_i), cos(t f_i)) of falling frequencies f_i. Published code
 * agrees neither on the frequencies nor on the order; networks trained with one cannot read another.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assert } from "../../core/errors.ts";

export interface TimeEncoding {
  readonly title: string;
  readonly paper: string;
  /** f_i of pair i of `pairs`. */
  frequency(i: number, pairs: number, period: number): number;
  /** Where the sine and the cosine of pair i stand. */
  place(i: number, pairs: number): readonly [sine: number, cosine: number];
}

const geometric = (i: number, pairs: number, period: number) => period ** (-i / pairs);
/** The last frequency is 1 / period itself; one pair has f_0 = 1. */
const reachingTheEnd = (i: number, pairs: number, period: number) => period ** (-i / Math.max(1, pairs - 1));

export const timeEncodings = {
  /** P(k, 2i) = sin(k / n^(2i/d)), P(k, 2i + 1) = cos(k / n^(2i/d)): section 3.5 as printed. */
  interleaved: {
    title: "interleaved sines and cosines",
    paper: "arXiv:1706.03762",
    frequency: geometric,
    place: (i) => [2 * i, 2 * i + 1],
  },
  /** The same values, all sines before all cosines. */
  concatenated: {
    title: "sines, then cosines",
    paper: "arXiv:1706.03762",
    frequency: geometric,
    place: (i, pairs) => [i, pairs + i],
  },
  /** Sines first, frequencies down to 1/n itself: the code of Ho et al. 2020. */
  ddpm: {
    title: "sines, then cosines, down to the lowest frequency",
    paper: "arXiv:2006.11239",
    frequency: reachingTheEnd,
    place: (i, pairs) => [i, pairs + i],
  },
  /** Cosines first: the code of Nichol & Dhariwal 2021. */
  openai: {
    title: "cosines, then sines",
    paper: "arXiv:2102.09672",
    frequency: geometric,
    place: (i, pairs) => [pairs + i, i],
  },
} satisfies Record<string, TimeEncoding>;

export type TimeEncodingName = keyof typeof timeEncodings;

export interface TimeEmbeddingOptions {
  /** Components; even. */
  readonly width: number;
  /** Default concatenated. */
  readonly encoding?: TimeEncodingName;
  /** n: the longest wavelength is about 2 pi n steps; default 10,000. */
  readonly period?: number;
}

/** In float64 for one t, in steps; fractions allowed. Values in [-1, 1]. */
export function timeEmbeddingOf(t: number, options: TimeEmbeddingOptions): Float64Array {
  const { width, encoding = "concatenated", period = 10_000 } = options;
  assert(width % 2 === 0, `timeEmbedding: the width is even, not ${width}`);
  const { frequency, place }: TimeEncoding = timeEncodings[encoding];
  const pairs = width / 2;
  const embedding = new Float64Array(width);
  for (let i = 0; i < pairs; i++) {
    const angle = t * frequency(i, pairs, period);
    const [sine, cosine] = place(i, pairs);
    embedding[sine] = Math.sin(angle);
    embedding[cosine] = Math.cos(angle);
  }
  return embedding;
}

/**
 * t [n], whole steps 0..steps-1 -> [n, width]: rows of a table that the host computes in float64. Computed on a device,
 * sin(999) would be as good as its driver: Vulkan promises 2^-11 within [-pi, pi] and nothing beyond.
 */
export function timeEmbedding(t: tf.Tensor1D, steps: number, options: TimeEmbeddingOptions): tf.Tensor2D {
  const { width } = options;
  const table = new Float32Array(steps * width);
  for (let step = 0; step < steps; step++) table.set(timeEmbeddingOf(step, options), step * width);
  return tf.gather(tf.tensor2d(table, [steps, width]), tf.cast(t, "int32")) as tf.Tensor2D;
}
