/** Files in MNIST layout, made for the tests. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import { encodePng } from "../../../src/harness/images/png.ts";

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

/** Files of CIFAR-10's binary version, 10 training and 10 test images a class: random pixels, labels in turn. */
export function cifarFiles(options: { train?: number; test?: number } = {}): Record<string, Uint8Array> {
  const { train = 100, test = 100 } = options;
  const random = rng(8);
  const records = (count: number) =>
    Uint8Array.from({ length: count * 3073 }, (_, i) =>
      i % 3073 === 0 ? Math.floor(i / 3073) % 10 : random.integer(256),
    );
  const half = Math.ceil(train / 2);
  return {
    "data_batch_1.bin": records(half),
    "data_batch_2.bin": records(train - half),
    "test_batch.bin": records(test),
  };
}

/** A tar archive (ustar) of plain files under `folder/`. */
export function tarOf(folder: string, files: Record<string, Uint8Array>): Uint8Array {
  const blocks = Object.entries(files).flatMap(([name, bytes]) => {
    const header = Buffer.alloc(512);
    header.write(`${folder}/${name}`, 0, "latin1");
    header.write(`${bytes.length.toString(8).padStart(11, "0")} `, 124, "latin1");
    header.write("0", 156, "latin1");
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** PNG files of `folder:DIR`, 12 x 12: so many of each class, in a folder per class. */
export function pngFolders(folder: string, classes: readonly string[], count: number): string {
  const random = rng(9);
  for (const name of classes)
    writeFiles(
      join(folder, name),
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => {
          const data = Uint8Array.from({ length: 12 * 12 * 3 }, () => random.integer(256));
          const picture = { data, count: 1, height: 12, width: 12, channels: 3 };
          return [`${String(i).padStart(3, "0")}.png`, encodePng(picture)];
        }),
      ),
    );
  return folder;
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
