/**
 * NumPy's array files: `.npy`, versions 1 to 3 (NEP 1), and `.npz`, a zip of them. Read strictly: little-endian uint8,
 * float32 and float64 in C order, and every number of a header is checked against the file before an array is made.
 */
import { readFile, stat } from "node:fs/promises";
import { messageOf, refuseFile } from "../../core/errors.ts";
import type { ByteImages } from "../../core/images.ts";
import { readZip } from "./zip.ts";

const MAGIC = "\x93NUMPY";
/** Most bytes that are read: one buffer of Node.js holds them. */
const MAX_BYTES = 2 ** 31 - 1;
/** Most bytes of a header, which NumPy keeps below 10,000, and most dimensions, as in NumPy 1. */
const MAX_HEADER = 2 ** 16;
const MAX_DIMENSIONS = 32;

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
      `holds values of type ${descr.slice(0, 100)}, which is not read`,
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
  if (start - from > MAX_HEADER)
    refuseFile(file, `has a header of ${start - from} bytes; at most ${MAX_HEADER} are read`, SAVE_AGAIN);
  if (start > bytes.length) refuseFile(file, "ends within its header", SAVE_AGAIN);
  const header = text(from, start);
  if (/'descr'\s*:\s*\[/.test(header)) refuseFile(file, "holds records", "Save one plain array.");
  const entries = entriesOf(header);
  const descr = /^'([^']*)'$/.exec(entries?.get("descr") ?? "")?.[1];
  const order = /^(True|False)$/.exec(entries?.get("fortran_order") ?? "")?.[1];
  const sizes = /^\(([\d,\s]*)\)$/.exec(entries?.get("shape") ?? "")?.[1];
  if (entries?.size !== 3 || descr === undefined || order === undefined || sizes === undefined)
    return refuseFile(file, "has a header other than descr, fortran_order and shape, each once", SAVE_AGAIN);
  const shape = sizes
    .split(",")
    .map((size) => size.trim())
    .filter((size) => size !== "")
    .map(Number);
  if (!shape.every(Number.isSafeInteger) || shape.length > MAX_DIMENSIONS)
    refuseFile(file, `has the shape (${sizes.slice(0, 200)})`, SAVE_AGAIN);
  if (order === "True" && shape.length > 1)
    refuseFile(file, "is in Fortran order", "Save numpy.ascontiguousarray of it.");
  return { descr, shape, start };
}

/** The entries of a header, which is a dictionary in Python's words; undefined where it is none, or one is stated twice. */
function entriesOf(header: string): Map<string, string> | undefined {
  const [, inside] = /^\s*\{(.*)\}\s*$/s.exec(header) ?? [];
  if (inside === undefined) return undefined;
  const entries = new Map<string, string>();
  const entry = /\s*'(\w+)'\s*:\s*('[^']*'|\w+|\([^()]*\))\s*(,|$)/y;
  let end = 0;
  for (let found = entry.exec(inside); found; found = entry.exec(inside)) {
    const [, name, value] = found;
    if (entries.has(name!)) return undefined;
    entries.set(name!, value!);
    end = entry.lastIndex;
    if (end === inside.length) break;
  }
  return inside.slice(end).trim() === "" ? entries : undefined;
}

/**
 * The only array of a `.npz`, or `arr_0`, the name that numpy.savez gives its first. Declared sizes are checked before
 * anything is unpacked, and its checksum after. @throws BAD_DATA
 */
export function decodeNpz(bytes: Uint8Array, file: string): NpyArray {
  const refuse = (problem: string, cause?: unknown) =>
    refuseFile(file, `is not a whole .npz file: ${problem}`, "Save it again with numpy.savez.", cause);
  let members: ReturnType<typeof readZip>;
  try {
    members = readZip(bytes, MAX_BYTES);
  } catch (error) {
    return refuse(messageOf(error), error);
  }
  const arrays = members.filter(({ name }) => name.endsWith(".npy"));
  const chosen = arrays.length === 1 ? arrays[0] : arrays.find(({ name }) => name === "arr_0.npy");
  if (chosen === undefined) {
    const names = arrays.slice(0, 10).map(({ name }) => name);
    return refuseFile(
      file,
      `holds ${arrays.length} arrays${arrays.length > 0 ? `, ${names.join(", ")}, and none is arr_0` : ""}`,
      "Save one array with numpy.savez.",
    );
  }
  let content: Uint8Array;
  try {
    content = chosen.unpack();
  } catch (error) {
    return refuse(`${chosen.name}: ${messageOf(error)}`, error);
  }
  return decodeNpy(content, `${file}, ${chosen.name}`);
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
  return path.endsWith(".npz") ? decodeNpz(bytes, file) : decodeNpy(bytes, file);
}
