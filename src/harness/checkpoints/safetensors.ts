/**
 * The safetensors format (github.com/huggingface/safetensors): eight bytes of header length, little-endian, a JSON
 * header that gives each tensor's type, shape and place, and the tensors' bytes. Nothing in it is executed, and every
 * number in the header is checked against the file before a tensor is made.
 */
import { badCheckpoint } from "../../core/errors.ts";
import { type HostTensor, sizeOf } from "../../engine/contract.ts";

const MAX_HEADER = 2 ** 26;
const types = { F32: Float32Array, I32: Int32Array } as const;

export interface TensorFile {
  readonly tensors: Readonly<Record<string, HostTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

export function encodeSafetensors({ tensors, metadata }: TensorFile): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const end = offset + data.byteLength;
    header[name] = { dtype: data instanceof Int32Array ? "I32" : "F32", shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padding = (8 - (json.length % 8)) % 8; // readers map the tensors where they lie: keep them aligned
  const file = Buffer.alloc(8 + json.length + padding + offset, 0x20);
  file.writeBigUInt64LE(BigInt(json.length + padding), 0);
  json.copy(file, 8);
  let at = 8 + json.length + padding;
  for (const { data } of Object.values(tensors)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

interface Entry {
  readonly dtype: unknown;
  readonly shape: unknown;
  readonly data_offsets: unknown;
}

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);

const isType = (dtype: unknown): dtype is keyof typeof types =>
  typeof dtype === "string" && Object.hasOwn(types, dtype);

/** Most dimensions of a tensor; weights have four. */
const MOST_DIMENSIONS = 8;

/**
 * The tensors lie in the order of their places without overlap or gap, and end with the file, as the format says: no byte
 * is read twice or not at all. @throws BAD_CHECKPOINT, naming `file` and the problem, for anything but a well-formed file
 * of F32 and I32 tensors
 */
export function decodeSafetensors(bytes: Uint8Array, file: string): TensorFile {
  const refuse = (what: string): never => {
    throw badCheckpoint(`${file}: ${what}; the file is damaged or not a checkpoint of this harness`);
  };
  if (bytes.length < 8) refuse(`${bytes.length} bytes, too short for a header`);
  const length = Number(Buffer.from(bytes.buffer, bytes.byteOffset, 8).readBigUInt64LE(0));
  if (length > MAX_HEADER || 8 + length > bytes.length)
    refuse(`its header would be ${length} bytes long in a file of ${bytes.length}`);
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + 8, length).toString("utf8"));
  } catch {
    return refuse("its header is not JSON");
  }
  if (typeof header !== "object" || header === null || Array.isArray(header))
    return refuse("its header is not an object");
  const start = 8 + length;
  const places: { name: string; from: number; to: number }[] = [];
  const entries = Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, value]) => {
      const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Entry;
      if (!isType(dtype))
        return refuse(`tensor ${name} has ${typeof dtype === "string" ? `type ${dtype}` : "no type"}`);
      if (!isSizes(shape) || shape.length > MOST_DIMENSIONS || !isSizes(offsets) || offsets.length !== 2)
        return refuse(`tensor ${name} has no valid shape and place`);
      const [from, to] = offsets as [number, number];
      if (to - from !== 4 * sizeOf(shape) || start + to > bytes.length)
        return refuse(`tensor ${name} [${shape}] does not fit its place, ${from} to ${to}`);
      places.push({ name, from, to });
      return { name, shape, from, to, Data: types[dtype] };
    });
  let end = 0;
  for (const { name, from, to } of places.sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== end) refuse(`tensor ${name} begins at ${from}, where ${end} is the end of those before it`);
    end = to;
  }
  if (start + end !== bytes.length)
    refuse(`${bytes.length - start - end} bytes at its end belong to no tensor`);
  const tensors = Object.fromEntries(
    entries.map(({ name, shape, from, to, Data }): [string, HostTensor] => {
      const copy = Uint8Array.from(bytes.subarray(start + from, start + to)); // Buffer.slice would share the whole file
      return [name, { shape, data: new Data(copy.buffer) }];
    }),
  );
  return {
    tensors,
    metadata: metadataOf(header.__metadata__) ?? refuse("its metadata are not texts by name"),
  };
}

/** Without a prototype, so that a name such as `constructor` is absent where the file does not state it. */
function metadataOf(value: unknown): Record<string, string> | undefined {
  const metadata: Record<string, string> = Object.create(null);
  if (value === undefined) return metadata;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== "string") return undefined;
    metadata[name] = text;
  }
  return metadata;
}
