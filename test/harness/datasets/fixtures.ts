/** Files in MNIST layout, made for the tests. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach } from "vitest";
import { rng } from "../../../src/core/rng.ts";

/** An IDX file of any rank and type code. */
export function encodeIdx(dimensions: readonly number[], data: Uint8Array, type = 8): Uint8Array {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header[2] = type;
  header[3] = dimensions.length;
  for (const [i, d] of dimensions.entries()) header.writeUInt32BE(d, 4 + 4 * i);
  return Buffer.concat([header, data]);
}

export interface LayoutOptions {
  readonly train?: number;
  readonly test?: number;
  readonly edge?: number;
  readonly classes?: number;
}

/** The four files: random pixels; label of image i is i modulo `classes`. */
export function mnistFiles(options: LayoutOptions = {}): Record<string, Uint8Array> {
  const { train = 30, test = 20, edge = 12, classes = 10 } = options;
  const random = rng(7);
  const files: Record<string, Uint8Array> = {};
  for (const [prefix, count] of [
    ["train", train],
    ["t10k", test],
  ] as const) {
    const pixels = Uint8Array.from({ length: count * edge * edge }, () => random.integer(256));
    files[`${prefix}-images-idx3-ubyte`] = encodeIdx([count, edge, edge], pixels);
    files[`${prefix}-labels-idx1-ubyte`] = encodeIdx(
      [count],
      Uint8Array.from({ length: count }, (_, i) => i % classes),
    );
  }
  return files;
}

export const gzipped = (files: Record<string, Uint8Array>): Record<string, Uint8Array> =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes)]));

export function writeFiles(folder: string, files: Record<string, Uint8Array>): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return folder;
}

/** A maker of temporary folders that are removed after each test. */
export function temporaryFolders(): () => string {
  const made: string[] = [];
  afterEach(() => {
    for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const folder = mkdtempSync(join(tmpdir(), "bench-datasets-"));
    made.push(folder);
    return folder;
  };
}
