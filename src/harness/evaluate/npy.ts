/**
 * NumPy's array files: `.npy`, versions 1 to 3 (NEP 1), and `.npz`, a zip of them. Read strictly: little-endian uint8,
 * float32 and float64 in C order, and every number of a header is checked against the file before an array is made.
 */
import { readFile, stat } from "node:fs/promises";
import type * as fflate from "fflate";
import { BenchError, messageOf, refuseFile } from "../../core/errors.ts";
import type { ByteImages } from "../../core/images.ts";

const MAGIC = "\x93NUMPY";
/** Most bytes that are read: one buffer of Node.js holds them. */
const MAX_BYTES = 2 ** 31 - 1;
/** Deflate packs at most 258 bytes into 2 bits, so no valid member grows by more than this factor. */
const MAX_EXPANSION = 1032;

const types = {
  "|u1": { name: "uint8", bytes: 1, view: (b: ArrayBuffer) => new Uint8Array(b) },
  "<f4": { name: "float32", bytes: 4, view: (b: ArrayBuffer) => new Float32Array(b) },
  "<f8": { name: "float64", bytes: 8, view: (b: ArrayBuffer) => new Float64Array(b) },
} as const;

/** Row-major. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly dtype: "uint8" | "float32" | "float64";
  readonly data: Uint8Array | Float32Array | Float64Array;
}

const isType = (descr: string): descr is keyof typeof types => Object.hasOwn(types, descr);

const SAVE_AGAIN = "Save it again with numpy.save.";

/** Images as a `.npy` file of version 1: uint8 [count, height, width, channels], C order. */
export function encodeNpy({ data, count, height, width, channels }: ByteImages): Uint8Array {
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${count}, ${height}, ${width}, ${channels}), }`;
  const length = Math.ceil((10 + header.length + 1) / 64) * 64 - 10; // values begin at a multiple of 64 bytes
  const text = Buffer.from(`${MAGIC}\x01\x00  ${header.padEnd(length - 1)}\n`, "latin1");
  text.writeUInt16LE(length, 8);
  return Buffer.concat([text, data]);
}

/** The array of a `.npy` file. @throws BAD_DATA, naming `file` and what is wrong with it. */
export function decodeNpy(bytes: Uint8Array, file: string): NpyArray {
  const { descr, shape, start } = readHeader(bytes, file);
  if (!isType(descr))
    return refuseFile(
      file,
      `holds values of type ${descr}, which is not read`,
      "Convert them to uint8 (|u1), float32 (<f4) or float64 (<f8).",
    );
  const { name, bytes: width, view } = types[descr];
  const expected = shape.reduce((product, d) => product * d, width);
  const found = bytes.length - start;
  if (found !== expected)
    refuseFile(
      file,
      `has ${found} bytes of values, but ${name} [${shape.join(", ")}] takes ${expected}`,
      `It is ${found < expected ? "truncated" : "damaged"}. ${SAVE_AGAIN}`,
    );
  const copy = Uint8Array.from(bytes.subarray(start)); // aligned, and not tied to the file's buffer
  return { shape, dtype: name, data: view(copy.buffer) };
}

function readHeader(bytes: Uint8Array, file: string) {
  const text = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).toString("latin1");
  if (bytes.length < 10 || text(0, 6) !== MAGIC) refuseFile(file, "is not a .npy file", SAVE_AGAIN);
  const version = bytes[6]!;
  if (version < 1 || version > 3)
    refuseFile(file, `is of .npy version ${version}`, "Versions 1 to 3 are read.");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const from = version === 1 ? 10 : 12;
  if (bytes.length < from) refuseFile(file, "ends within its header", SAVE_AGAIN);
  const start = from + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (start > bytes.length) refuseFile(file, "ends within its header", SAVE_AGAIN);
  const header = text(from, start);
  if (/'descr'\s*:\s*\[/.test(header)) refuseFile(file, "holds records", "Save one plain array.");
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const sizes = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (descr === undefined || order === undefined || sizes === undefined)
    return refuseFile(file, "has a header without descr, fortran_order or shape", SAVE_AGAIN);
  const shape = sizes
    .split(",")
    .map((size) => size.trim())
    .filter((size) => size !== "")
    .map(Number);
  if (!shape.every(Number.isSafeInteger)) refuseFile(file, `has the shape (${sizes})`, SAVE_AGAIN);
  if (order === "True" && shape.length > 1)
    refuseFile(file, "is in Fortran order", "Save numpy.ascontiguousarray of it.");
  return { descr, shape, start };
}

/**
 * The only array of a `.npz`, or `arr_0`, the name that numpy.savez gives its first. Declared sizes are checked before
 * anything is unpacked. @throws BAD_DATA
 */
export function decodeNpz(
  bytes: Uint8Array,
  file: string,
  { unzipSync }: Pick<typeof fflate, "unzipSync">,
): NpyArray {
  const names: string[] = [];
  const unzip = (wanted: string | undefined) =>
    unzipSync(bytes, {
      filter({ name, size, originalSize }) {
        if (wanted === undefined) names.push(name);
        if (name !== wanted) return false;
        if (originalSize > MAX_BYTES || originalSize > size * MAX_EXPANSION)
          refuseFile(
            file,
            `${name} would unpack from ${size} to ${originalSize} bytes`,
            "Save a smaller array.",
          );
        return true;
      },
    });
  try {
    unzip(undefined);
    const arrays = names.filter((name) => name.endsWith(".npy"));
    const chosen = arrays.length === 1 ? arrays[0] : arrays.find((name) => name === "arr_0.npy");
    if (chosen === undefined)
      return refuseFile(
        file,
        `holds ${arrays.length} arrays${arrays.length > 0 ? `, ${arrays.join(", ")}, and none is arr_0` : ""}`,
        "Save one array with numpy.savez.",
      );
    return decodeNpy(unzip(chosen)[chosen]!, `${file}, ${chosen}`);
  } catch (error) {
    if (error instanceof BenchError) throw error;
    return refuseFile(
      file,
      `is not a whole .npz file (${messageOf(error)})`,
      "Save it again with numpy.savez.",
      error,
    );
  }
}

/** The array of a `.npy` or `.npz` file, as its name says; errors call it `file`. @throws BAD_DATA */
export async function readArray(path: string, file: string): Promise<NpyArray> {
  const { size } = await stat(path);
  if (size > MAX_BYTES)
    refuseFile(
      file,
      `${size} bytes, and at most ${MAX_BYTES} are read`,
      "Split it, or save float32 or uint8.",
    );
  const bytes = await readFile(path);
  return path.endsWith(".npz") ? decodeNpz(bytes, file, await import("fflate")) : decodeNpy(bytes, file);
}
