/** What libvips passes over in a PNG (ISO/IEC 15948): a second frame, a missing end, and colours that the palette does not have. */

import { inflateSync } from "node:zlib";
import { messageOf } from "../../core/errors.ts";

const SIGNATURE = 8;
/** Length, type and checksum of a chunk. */
const AROUND = 12;
const INDEXED = 3;

/** The problem with a PNG file in words, after its name; undefined where there is none. */
export function pngProblem(file: Uint8Array): string | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const data: Uint8Array[] = [];
  let palette: number | undefined;
  let ended = false;
  for (let at = SIGNATURE; !ended; ) {
    if (at + AROUND > file.length) return "has no end (chunk IEND); it is truncated or damaged";
    const length = view.getUint32(at);
    const type = Buffer.from(file.subarray(at + 4, at + 8)).toString("latin1");
    const next = at + AROUND + length;
    if (next > file.length) return `ends within its chunk ${type}; it is truncated or damaged`;
    if (type === "acTL") return "is animated (APNG); save each frame as an image";
    if (type === "PLTE") palette = length / 3;
    if (type === "IDAT") data.push(file.subarray(at + 8, at + 8 + length));
    ended = type === "IEND";
    at = next;
  }
  const [width, height, depth, colour, interlaced] = [
    view.getUint32(16),
    view.getUint32(20),
    file[24]!,
    file[25]!,
    file[28]!,
  ];
  if (colour !== INDEXED || palette === undefined || palette >= 2 ** depth) return undefined;
  const passes = interlaced ? adam7(width, height) : [{ width, height }];
  try {
    const most = largestIndex(Buffer.concat(data), passes, depth);
    return most < palette ? undefined : `uses colour ${most} of a palette of ${palette}; it is damaged`;
  } catch (error) {
    return `cannot be decoded (${messageOf(error)}); it is truncated or damaged`;
  }
}

interface Pass {
  readonly width: number;
  readonly height: number;
}

/** The sizes of the seven passes of an interlaced image. */
const adam7 = (width: number, height: number): Pass[] =>
  [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ].map(([left, top, across, down]) => ({
    width: Math.ceil(Math.max(0, width - left!) / across!),
    height: Math.ceil(Math.max(0, height - top!) / down!),
  }));

/** The largest index among the pixels; a row's last bits are padding. */
function largestIndex(packed: Uint8Array, passes: readonly Pass[], depth: number): number {
  const sizes = passes
    .filter(({ width, height }) => width > 0 && height > 0)
    .map(({ width, height }) => ({ width, height, row: Math.ceil((width * depth) / 8) }));
  const total = sizes.reduce((sum, { height, row }) => sum + height * (row + 1), 0);
  const rows = inflateSync(packed, {
    chunkSize: Math.max(total + 1, 64),
    maxOutputLength: Math.max(1, total),
  });
  if (rows.length < total) throw new Error("its pixels end too early");
  let largest = 0;
  let at = 0;
  for (const { width, height, row } of sizes) {
    let above = new Uint8Array(row);
    for (let y = 0; y < height; y++, at += row + 1) {
      const line = unfiltered(rows[at]!, rows.subarray(at + 1, at + 1 + row), above);
      for (let x = 0; x < width; x++) {
        const bit = x * depth;
        const index = (line[bit >> 3]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
        if (index > largest) largest = index;
      }
      above = line;
    }
  }
  return largest;
}

/** A row of one byte per step, as it was before it was filtered (ISO/IEC 15948, section 9). */
function unfiltered(filter: number, row: Uint8Array, above: Uint8Array): Uint8Array<ArrayBuffer> {
  const line = new Uint8Array(row.length);
  for (let i = 0; i < row.length; i++) {
    const a = i > 0 ? line[i - 1]! : 0;
    const b = above[i]!;
    const c = i > 0 ? above[i - 1]! : 0;
    const guess = [0, a, b, (a + b) >> 1, paeth(a, b, c)][filter];
    if (guess === undefined) throw new Error(`filter ${filter} of a row is unknown`);
    line[i] = row[i]! + guess;
  }
  return line;
}

function paeth(a: number, b: number, c: number): number {
  const p = a + b - c;
  const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
  if (pa <= pb && pa <= pc) return a;
  return pb <= pc ? b : c;
}
