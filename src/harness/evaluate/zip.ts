/**
 * Zip archives (PKWARE's APPNOTE 6.3), as NumPy writes them: members stored or deflated, one disk, no encryption. The two
 * descriptions of a member, in the directory and before its bytes, must agree, and its bytes have the checksum that is stated.
 */
import { crc32 } from "node:zlib";
import { inflate } from "../../core/inflate.ts";

const END = 0x06054b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 2 ** 16 - 1;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
/** A size that does not fit its field is in a field of 64 bits, which is not read: it would be above 4 GiB. */
const ELSEWHERE = 0xffffffff;

const ENCRYPTED = 1;
const STORED = 0;
const DEFLATED = 8;

interface Member {
  readonly name: string;
  /** @throws Error saying in words what is wrong with its bytes */
  unpack(): Uint8Array;
}

/** The members of an archive; no one of them unpacks to more than `most` bytes. @throws Error in words, for a reader that knows the file */
export function readZip(bytes: Uint8Array, most: number): Member[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endOf(view);
  const count = view.getUint16(end + 10, true);
  const [size, start] = [view.getUint32(end + 12, true), view.getUint32(end + 16, true)];
  if (view.getUint16(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count)
    throw new Error("it is a part of several");
  if (count === 0xffff || start === ELSEWHERE || start + size !== end)
    throw new Error("its directory does not lie before its end");
  const members: Member[] = [];
  const names = new Set<string>();
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at + ENTRY_BYTES > end || view.getUint32(at, true) !== ENTRY)
      throw new Error("its directory is damaged");
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true)) as [
      number,
      number,
      number,
    ];
    const next = at + ENTRY_BYTES + nameLength + extra + comment;
    if (next > end) throw new Error("its directory is damaged");
    const name = Buffer.from(bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameLength)).toString(
      "utf8",
    );
    if (names.has(name)) throw new Error(`it holds ${name} twice`);
    names.add(name);
    const entry = at;
    members.push({ name, unpack: () => unpack(bytes, view, entry, nameLength, start, most) });
    at = next;
  }
  if (at !== end) throw new Error("its directory is damaged");
  return members;
}

/** Where the last record begins: the archive ends with it and a comment. */
function endOf(view: DataView): number {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--)
    if (
      view.getUint32(at, true) === END &&
      at + END_BYTES + view.getUint16(at + 20, true) === view.byteLength
    )
      return at;
  throw new Error("it has no directory at its end: it is cut, or not a zip archive");
}

function unpack(
  bytes: Uint8Array,
  view: DataView,
  entry: number,
  nameLength: number,
  directory: number,
  most: number,
): Uint8Array {
  const flags = view.getUint16(entry + 8, true);
  const method = view.getUint16(entry + 10, true);
  const [crc, packed, length, local] = [16, 20, 24, 42].map((offset) =>
    view.getUint32(entry + offset, true),
  ) as [number, number, number, number];
  if (flags & ENCRYPTED) throw new Error("it is encrypted");
  if (method !== STORED && method !== DEFLATED) throw new Error(`it is packed by method ${method}`);
  if (length > most) throw new Error(`it would unpack to ${length} bytes, and at most ${most} are read`);
  if (local + LOCAL_BYTES > directory || view.getUint32(local, true) !== LOCAL)
    throw new Error("it is not where the directory says");
  const [localName, localExtra] = [view.getUint16(local + 26, true), view.getUint16(local + 28, true)];
  const name = local + LOCAL_BYTES;
  const from = name + localName + localExtra;
  if (from + packed > directory) throw new Error("it reaches into the directory");
  const same =
    localName === nameLength &&
    view.getUint16(local + 8, true) === method &&
    Buffer.compare(
      bytes.subarray(name, name + localName),
      bytes.subarray(entry + ENTRY_BYTES, entry + ENTRY_BYTES + nameLength),
    ) === 0;
  if (!same || view.getUint16(local + 6, true) & ENCRYPTED)
    throw new Error("the directory describes another member there");
  const content = bytes.subarray(from, from + packed);
  if (method === STORED && packed !== length)
    throw new Error(`it is stored in ${packed} bytes, and ${length} are declared`);
  const result = method === STORED ? content : inflate(content, length, "deflate");
  if (crc32(result) !== crc) throw new Error("its checksum (CRC-32) is not the one stated: it is damaged");
  return result;
}
