/** A shuffle that does not depend on the order in which the rows came. */
import type { Features } from "./contract.ts";

/** Anything of equal rows: features or images. */
interface Rows {
  readonly data: Float64Array | Uint8Array;
  readonly count: number;
}

const mix = (hash: number, word: number): number => {
  const x = Math.imul(hash ^ word, 0x9e3779b1);
  return (x ^ (x >>> 15)) >>> 0;
};

/**
 * Row numbers in the order of a hash of each row's content, its place among equal rows and the seed, [count]:
 * as good as a random order, the same for the same set in any order. So subsets taken along it are without
 * replacement, and the same for two equal sets.
 */
export function contentOrder({ data, count }: Rows, seed: number): Uint32Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const size = count === 0 ? 0 : bytes.length / count;
  const copies = new Map<number, number>();
  const keys = Float64Array.from({ length: count }, (_, row) => {
    let [high, low] = [mix(0x243f6a88, seed | 0), mix(0x85a308d3, seed / 2 ** 32)];
    for (let at = row * size; at < (row + 1) * size; at++) {
      high = mix(high, bytes[at]!);
      low = mix(low, high);
    }
    const content = high * 2 ** 21 + (low >>> 11);
    const copy = copies.get(content) ?? 0;
    copies.set(content, copy + 1);
    return mix(mix(high, copy), low) * 2 ** 21 + (mix(low, copy + 1) >>> 11);
  });
  return Uint32Array.from({ length: count }, (_, i) => i).sort((i, j) => keys[i]! - keys[j]!);
}

/** The rows at `indices`, in that order, copied. */
export function takeRows(features: Features, indices: ArrayLike<number>): Features {
  const { width } = features;
  const data = new Float64Array(indices.length * width);
  for (let i = 0; i < indices.length; i++)
    data.set(features.data.subarray(indices[i]! * width, (indices[i]! + 1) * width), i * width);
  return { data, count: indices.length, width };
}

/**
 * Disjoint parts that together are the set, by content order, sizes equal to within one row, [parts]. Needs
 * `parts` rows.
 */
export function disjointParts(features: Features, parts: number, seed: number): Features[] {
  const order = contentOrder(features, seed);
  const start = (part: number) => Math.floor((part * features.count) / parts);
  return Array.from({ length: parts }, (_, p) => takeRows(features, order.subarray(start(p), start(p + 1))));
}
