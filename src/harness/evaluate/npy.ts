/**
 * NumPy's array files: `.npy`, versions 1 to 3 (NEP 1), and `.npz`, a zip of them. Read strictly: little-endian uint8,
 * float32 and float64 in C order, and every number of a header is checked against the file before an array is made.
 */
import { readFile, stat } from "node:fs/promises";
import type * as fflate from "fflate";
import { BenchError, messageOf } from "../../core/errors.ts";

const MAGIC = "\x93NUMPY";
/** What one buffer of Node.js surely holds. */
const MAX_BYTES = 2 ** 31 - 1;
/** Deflate packs at most 258 bytes into 2 bits, so no honest member grows more than this. */
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

function refuse(file: string, problem: string, wayOut: string, cause?: unknown): never {
  throw new BenchError("BAD_DATA", `${file}: ${problem}. ${wayOut}`, { cause });
}

const SAVE_AGAIN = "Save it again with numpy.save.";

/** The array of a `.npy` file. @throws BAD_DATA, naming `file` and what is wrong with it. */
export function decodeNpy(bytes: Uint8Array, file: string): NpyArray {
  const { descr, shape, start } = readHeader(bytes, file);
  if (!isType(descr))
    return refuse(
      file,
      `holds values of type ${descr}, which is not read`,
      "Convert them to uint8 (|u1), float32 (<f4) or float64 (<f8).",
    );
  const { name, bytes: width, view } = types[descr];
  const expected = shape.reduce((product, d) => product * d, width);
  const found = bytes.length - start;
  if (found !== expected)
    refuse(
      file,
      `has ${found} bytes of values, but ${name} [${shape.join(", ")}] takes ${expected}`,
      `It is ${found < expected ? "truncated" : "damaged"}. ${SAVE_AGAIN}`,
    );
  const copy = Uint8Array.from(bytes.subarray(start)); // aligned, and not tied to the file's buffer
  return { shape, dtype: name, data: view(copy.buffer) };
}

function readHeader(bytes: Uint8Array, file: string) {
  const text = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).toString("latin1");
  if (bytes.length < 10 || text(0, 6) !== MAGIC) refuse(file, "is not a .npy file", SAVE_AGAIN);
  const version = bytes[6]!;
  if (version < 1 || version > 3) refuse(file, `is of .npy version ${version}`, "Versions 1 to 3 are read.");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const from = version === 1 ? 10 : 12;
  if (bytes.length < from) refuse(file, "ends within its header", SAVE_AGAIN);
  const start = from + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (start > bytes.length) refuse(file, "ends within its header", SAVE_AGAIN);
  const header = text(from, start);
  if (/'descr'\s*:\s*\[/.test(header)) refuse(file, "holds records", "Save one plain array.");
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const sizes = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (descr === undefined || order === undefined || sizes === undefined)
    return refuse(file, "has a header without descr, fortran_order or shape", SAVE_AGAIN);
  const shape = sizes
    .split(",")
    .map((size) => size.trim())
    .filter((size) => size !== "")
    .map(Number);
  if (!shape.every(Number.isSafeInteger)) refuse(file, `has the shape (${sizes})`, SAVE_AGAIN);
  if (order === "True" && shape.length > 1)
    refuse(file, "is in Fortran order", "Save numpy.ascontiguousarray of it.");
  return { descr, shape, start };
}

/** A version 1 file of the array, as numpy.save writes it. */
export function encodeNpy({ shape, dtype, data }: NpyArray): Uint8Array {
  const [descr] = Object.entries(types).find(([, { name }]) => name === dtype)!;
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const length = Math.ceil((10 + header.length + 1) / 64) * 64 - 10; // values start at a multiple of 64
  const prefix = Buffer.concat([
    Buffer.from(MAGIC, "latin1"),
    Buffer.from([1, 0, length & 255, length >> 8]),
  ]);
  const values = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat([prefix, Buffer.from(`${header.padEnd(length - 1)}\n`, "latin1"), values]);
}

/**
 * The one array of a `.npz`, or its `arr_0` (what numpy.savez calls its first). Declared sizes are checked before
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
          refuse(file, `${name} would unpack from ${size} to ${originalSize} bytes`, "Save a smaller array.");
        return true;
      },
    });
  try {
    unzip(undefined);
    const arrays = names.filter((name) => name.endsWith(".npy"));
    const chosen = arrays.length === 1 ? arrays[0] : arrays.find((name) => name === "arr_0.npy");
    if (chosen === undefined)
      return refuse(
        file,
        `holds ${arrays.length} arrays${arrays.length > 0 ? `, ${arrays.join(", ")}, and none is arr_0` : ""}`,
        "Save one array with numpy.savez.",
      );
    return decodeNpy(unzip(chosen)[chosen]!, `${file}, ${chosen}`);
  } catch (error) {
    if (error instanceof BenchError) throw error;
    return refuse(
      file,
      `is not a whole .npz file (${messageOf(error)})`,
      "Save it again with numpy.savez.",
      error,
    );
  }
}

/** A `.npy` or `.npz` file, told apart by its name; errors call it `file`. @throws BAD_DATA */
export async function readArray(path: string, file: string): Promise<NpyArray> {
  const { size } = await stat(path);
  if (size > MAX_BYTES)
    refuse(file, `${size} bytes, and at most ${MAX_BYTES} are read`, "Split it, or save float32 or uint8.");
  const bytes = await readFile(path);
  return path.endsWith(".npz") ? decodeNpz(bytes, file, await import("fflate")) : decodeNpy(bytes, file);
}
