/** npy and npz, and what evaluate takes of them. */
import { deflateRawSync } from "node:zlib";
import * as fflate from "fflate";
import { featuresOf, imagesOf } from "../../src/harness/evaluate/arrays.ts";
import { decodeNpy, decodeNpz } from "../../src/harness/evaluate/npy.ts";
import { evaluateMetrics } from "../../src/metrics/index.ts";
import { encodeNpy } from "../harness/evaluate/encode-npy.ts";
import { mutants, type Row, row } from "./table.ts";

/** A .npy file of this header and so many bytes of values. */
function npy(header: string, values = 0, version = 1): Uint8Array {
  const text = Buffer.from(header, "latin1");
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(text.length);
  else length.writeUInt32LE(text.length);
  return Buffer.concat([
    Buffer.from("\x93NUMPY", "latin1"),
    Buffer.of(version, 0),
    length,
    text,
    Buffer.alloc(values),
  ]);
}

const dictionary = (descr: string, order: string, shape: string) =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
const refused = (name: string, bytes: Uint8Array, says: RegExp): Row =>
  row(`npy: ${name}`, () => decodeNpy(bytes, "x.npy"), "BAD_DATA", says);
const F4 = "'<f4'";

const headers: Row[] = [
  refused("no bytes", new Uint8Array(), /not a \.npy file/),
  refused("another format", Buffer.from("PK\u0003\u0004 and more of it"), /not a \.npy file/),
  ...[0, 4, 255].map((version) =>
    refused(
      `version ${version}`,
      npy("{}", 0, 1).map((b, i) => (i === 6 ? version : b)),
      /version/,
    ),
  ),
  ...[
    "'<f2'",
    "'>f4'",
    "'|O'",
    "'<i8'",
    "'<c16'",
    "'|S9'",
    "'__proto__'",
    "'constructor'",
    "'toString'",
    "''",
  ].map((descr) =>
    refused(`values of type ${descr}`, npy(dictionary(descr, "False", "(2,)"), 8), /which is not read/),
  ),
  refused(
    "a type with an escape sequence",
    npy(dictionary("'\u001b[31mred'", "False", "(2,)"), 8),
    /type \ufffd\[31mred/,
  ),
  refused(
    "a type of 60,000 characters",
    npy(dictionary(`'${"x".repeat(60_000)}'`, "False", "(2,)"), 8),
    /which is not read/,
  ),
  refused("records", npy(dictionary("[('a', '<f4')]", "False", "(2,)"), 8), /records/),
  refused("Fortran order", npy(dictionary(F4, "True", "(2, 2)"), 16), /Fortran/),
  ...[
    "(4294967296, 4294967296)",
    "(9007199254740993,)",
    "(2147483647, 2147483647, 2147483647)",
    `(${"9".repeat(400)},)`,
    "(3,)",
    "(1,)",
    "(0, 5)",
    "(,)",
    `(${"1,".repeat(33)}2)`,
  ].map((shape) =>
    refused(
      `a shape ${shape.slice(0, 40)}`,
      npy(dictionary(F4, "False", shape), 8),
      /bytes of values|has the shape/,
    ),
  ),
  ...[
    "hello",
    "{}",
    "{'descr': '<f4'}",
    dictionary(F4, "Maybe", "(2,)"),
    dictionary(F4, "False", "[2]"),
    dictionary(F4, "False", "(-2,)"),
    dictionary(F4, "False", "(2,)").replace("}", ", 'shape': (4,)}"),
    dictionary(F4, "False", "(2,)").replace("}", ", 'more': 3}"),
    dictionary(F4, "__import__('os').system('true')", "(2,)"),
    "\u0000".repeat(100),
    `{${"(".repeat(30_000)}`,
    `{'descr': '<f4', ${"'a': 1, ".repeat(5000)}}`,
  ].map((header) =>
    refused(
      `a header ${JSON.stringify(header.slice(0, 24))}…${header.length}`,
      npy(header, 8),
      /header other than/,
    ),
  ),
  refused(
    "a header of 600 MB",
    Buffer.concat([Buffer.from("\x93NUMPY\x02\x00\x00\x46\xc3\x23", "latin1"), Buffer.alloc(20)]),
    /header of 600000000 bytes/,
  ),
  refused(
    "a header of 100 kB",
    npy(`${" ".repeat(1e5)}${dictionary(F4, "False", "(2,)")}`, 8, 2),
    /header of 100\d+ bytes/,
  ),
  refused(
    "a header beyond its end",
    npy("{}", 0).map((b, i) => (i === 8 ? 200 : b)),
    /ends within its header/,
  ),
];

const array = {
  shape: [6, 4],
  dtype: "float32" as const,
  data: Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)),
};
const saved = encodeNpy(array);
const same = (read: unknown) => JSON.stringify(read) === JSON.stringify(decodeNpy(saved, "x"));
/** A flip among the values cannot be told: npy has no checksum. */
const inHeader = saved.length - 96;
const fuzzedNpy: Row[] = mutants(saved.subarray(0, inHeader), 40, 2).map(({ name, bytes }) => ({
  ...refused(`fuzz: ${name}`, Buffer.concat([bytes, saved.subarray(inHeader)]), /npy/),
  isSame: (read) => (read as { data: unknown[] }).data.length * 4 <= 24 * 8,
}));

const zipped = fflate.zipSync({ "arr_0.npy": saved });
const stored = fflate.zipSync({ "arr_0.npy": saved }, { level: 0 });
const refusedZip = (name: string, bytes: Uint8Array, says: RegExp): Row =>
  row(`npz: ${name}`, () => decodeNpz(bytes, "x.npz"), "BAD_DATA", says);
const DIRECTORY = Buffer.from("PK\u0001\u0002");
const END = Buffer.from("PK\u0005\u0006");
/** The archive with a field of its directory or of its end replaced. */
function changed(
  archive: Uint8Array,
  at: Buffer,
  offset: number,
  value: number,
  size: 2 | 4 = 4,
): Uint8Array {
  const bytes = Buffer.from(archive);
  const place = bytes.lastIndexOf(at) + offset;
  if (size === 2) bytes.writeUInt16LE(value, place);
  else bytes.writeUInt32LE(value, place);
  return bytes;
}
/** An archive whose one member's packed bytes are `packed`, which it says unpack to `length`. */
function bomb(packed: Uint8Array, length: number): Uint8Array {
  const base = Buffer.from(fflate.zipSync({ "a.npy": new Uint8Array(packed.length) }, { level: 0 }));
  const from = base.indexOf(Buffer.alloc(packed.length));
  base.set(packed, from);
  for (const [signature, method, size] of [
    ["PK\u0003\u0004", 8, 22],
    ["PK\u0001\u0002", 10, 24],
  ] as const) {
    const at = base.indexOf(Buffer.from(signature));
    base.writeUInt16LE(8, at + method);
    base.writeUInt32LE(length, at + size);
  }
  return base;
}
const zeros = deflateRawSync(new Uint8Array(1.2e8), { level: 9 });

const archives: Row[] = [
  refusedZip("no bytes", new Uint8Array(), /no directory/),
  refusedZip("an array that is no archive", saved, /no directory/),
  refusedZip("only the end of an archive", Buffer.concat([END, Buffer.alloc(18)]), /holds 0 arrays/),
  ...Array.from({ length: 16 }, (_, bit) => {
    const bytes = Buffer.from(stored);
    const at = bytes.indexOf(Buffer.from(array.data.buffer)) + 6 * bit;
    bytes[at]! ^= 1 << (bit % 8);
    return refusedZip(`a flipped bit in value ${bit} of a stored array`, bytes, /checksum/);
  }),
  refusedZip("another checksum", changed(zipped, DIRECTORY, 16, 1), /checksum/),
  refusedZip("an encrypted member", changed(zipped, DIRECTORY, 8, 1, 2), /encrypted/),
  ...[1, 9, 12, 14, 93, 95, 99].map((method) =>
    refusedZip(`method ${method}`, changed(zipped, DIRECTORY, 10, method, 2), /method/),
  ),
  ...[0, 1, 1000, 2 ** 31, 0xfffffff0].map((size) =>
    refusedZip(
      `an unpacked size of ${size}`,
      changed(zipped, DIRECTORY, 24, size),
      /declare|would unpack|inflates/,
    ),
  ),
  ...[0, 10, 2 ** 31, 0xffffffff].map((size) =>
    refusedZip(
      `a packed size of ${size}`,
      changed(zipped, DIRECTORY, 20, size),
      /inflate|reaches|packed bytes/,
    ),
  ),
  ...[7, 2 ** 31, 0xffffffff].map((place) =>
    refusedZip(`a member at ${place}`, changed(zipped, DIRECTORY, 42, place), /not where/),
  ),
  ...[0, 2, 65535].map((count) =>
    refusedZip(
      `${count} members by its end`,
      changed(changed(zipped, END, 8, count, 2), END, 10, count, 2),
      /directory|holds 0/,
    ),
  ),
  refusedZip("a part of several", changed(zipped, END, 4, 3, 2), /part of several/),
  ...[0, 5, 0xffffffff].map((place) =>
    refusedZip(`a directory at ${place}`, changed(zipped, END, 16, place), /directory/),
  ),
  refusedZip("a name longer than the archive", changed(zipped, DIRECTORY, 28, 60_000, 2), /damaged/),
  refusedZip(
    "two members of one name",
    (() => {
      const two = Buffer.from(fflate.zipSync({ "arr_0.npy": saved, "arr_1.npy": saved }));
      for (let at = two.indexOf("arr_1"); at >= 0; at = two.indexOf("arr_1")) two.write("arr_0", at);
      return two;
    })(),
    /twice/,
  ),
  refusedZip(
    "a directory that names another member",
    (() => {
      const bytes = Buffer.from(zipped);
      bytes.write("arr_9", bytes.lastIndexOf("arr_0"));
      return bytes;
    })(),
    /another member/,
  ),
  refusedZip("no arrays", fflate.zipSync({ "a.txt": saved }), /0 arrays/),
  refusedZip("an array that is none", fflate.zipSync({ "a.npy": Buffer.from("hello") }), /not a \.npy/),
  refusedZip("120 MB in 117 kB", bomb(zeros, 1.2e8), /bomb/),
  refusedZip("1.8 GB in 117 kB", bomb(zeros, 1.8e9), /packed bytes can hold/),
  refusedZip("120 MB that say that they are 40 bytes", bomb(zeros, 40), /inflates to more than the 40/),
  refusedZip("120 MB that say that they are 60 MB", bomb(zeros, 6e7), /inflates to more than/),
  refusedZip("junk for deflate", bomb(Buffer.alloc(1000, 0xff), 4000), /does not inflate/),
];
const fuzzedNpz: Row[] = [...mutants(zipped, 60, 3), ...mutants(stored, 60, 4)].map(({ name, bytes }, i) => ({
  ...refusedZip(`fuzz ${i}: ${name}`, bytes, /npz|npy/),
  isSame: same,
}));

const features = (data: number[], width: number) => ({
  shape: [data.length / width, width],
  dtype: "float64" as const,
  data: Float64Array.from(data),
});
const table = (values: number[], width = 2) => {
  const set = featuresOf(features(values, width), "x.npy");
  return evaluateMetrics({ features: set }, { features: set }, { ks: [1], seed: 0 });
};
const spread = (scale: number) => Array.from({ length: 24 }, (_, i) => scale * Math.sin(7 * i));
const values: Row[] = [
  ...[1e13, 1e100, 1e200, 1.7e308, -1e200].map((scale) =>
    row(`features of ${scale}`, () => table(spread(scale)), "BAD_DATA", /metrics hold values up to/),
  ),
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((value) =>
    row(`a feature of ${value}`, () => table([...spread(1), 0, value]), "BAD_DATA", /Only finite values/),
  ),
  row(
    "features 10,000 wide",
    () => table(Array(30_000).fill(0), 10_000),
    "BAD_DATA",
    /10000 wide, and at most/,
  ),
  ...[[5], [2, 0], [2, 2, 2], []].map((shape) =>
    row(
      `features of shape [${shape}]`,
      () => featuresOf({ ...features([], 1), shape }, "x.npy"),
      "BAD_DATA",
      /has the shape/,
    ),
  ),
  ...[
    [2, 2],
    [2, 0, 2],
    [2, 2, 2, 2],
    [2, 2, 2, 4],
    [2, 3, 2, 2],
    [1, 1, 1, 1, 1],
  ].map((shape) =>
    row(
      `images of shape [${shape}]`,
      () => imagesOf({ ...features([], 1), shape }, "x.npy"),
      "BAD_DATA",
      /has the shape/,
    ),
  ),
  ...[
    [-0.2, 1],
    [-3, 1],
    [0, 255],
    [0, 1.01],
    [Number.NaN, 0],
  ].map((range) =>
    row(
      `images from ${range[0]} to ${range[1]}`,
      () => imagesOf({ shape: [2, 1, 1], dtype: "float64", data: Float64Array.from(range) }, "x.npy"),
      "BAD_DATA",
      /holds/,
    ),
  ),
];

export const rows: readonly Row[] = [...headers, ...fuzzedNpy, ...archives, ...fuzzedNpz, ...values];
