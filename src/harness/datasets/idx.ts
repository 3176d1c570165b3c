/**
 * IDX, the format of the MNIST family (LeCun, Cortes & Burges 1998): two zero bytes, a type code, the number
 * of dimensions, each dimension as a big-endian uint32, then the values, row-major. Here: unsigned bytes
 * (type 8), images in 3 dimensions, labels in 1, raw or gzipped.
 */
import { readFile, stat } from "node:fs/promises";
import { constants, gunzipSync } from "node:zlib";
import { BenchError, messageOf, refuseFile } from "../../core/errors.ts";
import { implausible, inflate } from "../../core/inflate.ts";

export interface IdxArray {
  readonly dimensions: readonly number[];
  readonly data: Uint8Array;
}

export type IdxKind = "images" | "labels";

/** Type codes of the format; only unsigned bytes are read. */
const typeNames: Readonly<Record<number, string>> = {
  8: "unsigned bytes",
  9: "signed bytes",
  11: "int16",
  12: "int32",
  13: "float32",
  14: "float64",
};
const UNSIGNED_BYTES = 8;
/** 640 MiB: the largest set of the MNIST family, EMNIST ByClass, has 522. */
const MAX_BYTES = 640 * 2 ** 20;
/** Compressed bytes that are certain to hold the header; they inflate to at most 4 MiB. */
const HEADER_PREFIX = 4096;

const dimensionsOf = { images: 3, labels: 1 } satisfies Record<IdxKind, number>;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const isGzip = (bytes: Uint8Array) => bytes[0] === 0x1f && bytes[1] === 0x8b;

const AGAIN = "Fetch or convert the file again.";

/** Dimensions from the header, and the length in bytes that the whole file must have. */
function parseHeader(
  start: Uint8Array,
  kind: IdxKind,
  file: string,
): { dimensions: number[]; total: number } {
  const refuse = (problem: string, wayOut = AGAIN) => refuseFile(file, problem, wayOut);
  const expected = dimensionsOf[kind];
  const length = 4 + 4 * expected;
  const magic = hex(Uint8Array.of(0, 0, UNSIGNED_BYTES, expected));
  if (start.length < 4) refuse(`${start.length} bytes, expected at least the ${length} of an IDX header`);
  const type = start[2]!;
  const rank = start[3]!;
  if (start[0] !== 0 || start[1] !== 0)
    refuse(
      `starts with ${hex(start.subarray(0, 4))}, expected ${magic} (IDX ${kind}) or 1f8b (gzip)`,
      "Give the MNIST layout: IDX files, raw or gzipped.",
    );
  if (type !== UNSIGNED_BYTES)
    refuse(
      `holds ${typeNames[type] ?? `an unknown type, code ${type}`}, expected unsigned bytes (code 8)`,
      "Convert the values to uint8.",
    );
  if (rank !== expected)
    refuse(
      `has ${rank} dimensions, expected ${expected} for ${kind}`,
      "Check that image and label files are not swapped.",
    );
  if (start.length < length) refuse(`ends after ${start.length} bytes, within its header of ${length}`);
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const dimensions = Array.from({ length: expected }, (_, i) => view.getUint32(4 + 4 * i));
  const shape = dimensions.join("x");
  if (dimensions.includes(0)) refuse(`declares ${shape} values, expected no zero size`);
  const total = length + dimensions.reduce((product, d) => product * d, 1);
  if (total > MAX_BYTES)
    refuse(
      `declares ${shape} values, more than the 640 MiB that are read`,
      "Split the file, or fetch it again if it should be smaller.",
    );
  return { dimensions, total };
}

/** Inflates at most the size that the header declares, so that a small file cannot fill the memory. */
function unpack(packed: Uint8Array, kind: IdxKind, file: string): Uint8Array {
  const corrupt = (error: unknown): never =>
    refuseFile(file, `is not valid gzip (${messageOf(error)})`, AGAIN, error);
  let start: Uint8Array;
  try {
    start = gunzipSync(packed.subarray(0, HEADER_PREFIX), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    return corrupt(error);
  }
  const { dimensions, total } = parseHeader(start, kind, file);
  const problem = implausible(packed.length, total);
  if (problem !== undefined) refuseFile(file, `declares ${dimensions.join("x")} values, ${problem}`, AGAIN);
  try {
    return inflate(packed, total, "gzip");
  } catch (error) {
    return refuseFile(file, messageOf(error), AGAIN, error);
  }
}

/**
 * The array in an IDX file of `kind`, raw or gzipped whatever its name. `file` names it in errors.
 * @throws BAD_DATA naming the file, what was found, what was expected and the way out, for any other content.
 */
export function parseIdx(content: Uint8Array, kind: IdxKind, file: string): IdxArray {
  const bytes = isGzip(content) ? unpack(content, kind, file) : content;
  const { dimensions, total } = parseHeader(bytes, kind, file);
  const shape = dimensions.join("x");
  if (bytes.length < total)
    refuseFile(file, `is truncated: ${bytes.length} bytes, expected ${total} for ${shape} values`, AGAIN);
  if (bytes.length > total)
    refuseFile(file, `has ${bytes.length - total} bytes after its ${shape} values, expected none`, AGAIN);
  const header = 4 + 4 * dimensions.length;
  // A plain array, for a Buffer's slice() does not copy.
  return { dimensions, data: new Uint8Array(bytes.buffer, bytes.byteOffset + header, total - header) };
}

/** Reads and parses one file. @throws BAD_DATA also where it cannot be read. */
export async function readIdx(path: string, kind: IdxKind): Promise<IdxArray> {
  let content: Uint8Array;
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES + HEADER_PREFIX)
      refuseFile(path, `${size} bytes, more than the 640 MiB that are read`, "Split the file.");
    content = await readFile(path);
  } catch (error) {
    if (error instanceof BenchError) throw error;
    return refuseFile(
      path,
      `cannot be read (${messageOf(error)})`,
      "Check that it is a readable file.",
      error,
    );
  }
  return parseIdx(content, kind, path);
}
