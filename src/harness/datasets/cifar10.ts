/**
 * CIFAR-10 (Krizhevsky 2009), binary version: records of a label byte and 3,072 pixel bytes, the 1,024 of red, then
 * green, then blue, row-major; five training files and a test file of 10,000 records each.
 */
import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { messageOf, refuseFile } from "../../core/errors.ts";
import { assemble, listFolder, type RawDataset } from "./assemble.ts";
import type { DatasetSource, Split } from "./contract.ts";

const EDGE = 32;
const PIXELS = EDGE * EDGE;
const RECORD = 1 + 3 * PIXELS;

export const cifarClasses = [
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck",
] as const;

const trainName = /(^|\/)data_batch_\d+\.bin$/;
const testName = /(^|\/)test_batch\.bin$/;

const LAYOUT =
  "A folder of CIFAR-10's binary version holds data_batch_1.bin to data_batch_5.bin and test_batch.bin, as " +
  "cifar-10-binary.tar.gz unpacks them.";

/** A file of the binary version. */
interface BinaryFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** All records of the files, in their order. @throws BAD_DATA for an impossible length or label */
export function parseCifar(files: readonly BinaryFile[]): Split {
  for (const { name, bytes } of files)
    if (bytes.length === 0 || bytes.length % RECORD !== 0)
      refuseFile(
        name,
        `${bytes.length} bytes are no whole number of records of ${RECORD}`,
        "It is truncated, or not of the binary version. Fetch it again.",
      );
  const count = files.reduce((sum, { bytes }) => sum + bytes.length / RECORD, 0);
  const labels = new Uint8Array(count);
  const data = new Uint8Array(count * 3 * PIXELS);
  let at = 0;
  for (const { name, bytes } of files)
    for (let from = 0; from < bytes.length; from += RECORD, at++) {
      const label = bytes[from]!;
      if (label >= cifarClasses.length)
        refuseFile(name, `record ${from / RECORD} has label ${label}; expected 0 to 9`, "Fetch it again.");
      labels[at] = label;
      for (let channel = 0; channel < 3; channel++)
        for (let p = 0; p < PIXELS; p++)
          data[(at * PIXELS + p) * 3 + channel] = bytes[from + 1 + channel * PIXELS + p]!;
    }
  return { images: { data, count, height: EDGE, width: EDGE, channels: 3 }, labels };
}

/** Both splits from their files; errors call the place of the files `from`. */
function splitsOf(files: readonly BinaryFile[], name: string, from: string): RawDataset {
  const pick = (pattern: RegExp, what: string) => {
    const chosen = files.filter((file) => pattern.test(file.name)).sort((a, b) => (a.name < b.name ? -1 : 1));
    if (chosen.length === 0) refuseFile(from, `no ${what} is there`, LAYOUT);
    return parseCifar(chosen);
  };
  return {
    name,
    classes: cifarClasses,
    train: pick(trainName, "data_batch_*.bin"),
    test: pick(testName, "test_batch.bin"),
  };
}

async function readFolder(folder: string, name: string): Promise<RawDataset> {
  const entries = await listFolder(folder, LAYOUT);
  const paths = entries
    .map((entry) => join(folder, entry.name))
    .filter((path) => trainName.test(path) || testName.test(path));
  const files = paths.map(async (path) => {
    const bytes = await readFile(path).catch((cause) => refuseFile(path, messageOf(cause), LAYOUT, cause));
    return { name: path, bytes };
  });
  return splitsOf(await Promise.all(files), name, folder);
}

const ARCHIVE = "cifar-10-binary.tar.gz";
const TAR_BLOCK = 512;

/** Plain files of a tar archive (POSIX ustar): a header of 512 bytes, the content, padding to 512. */
export function untar(archive: Uint8Array): BinaryFile[] {
  const text = (from: number, length: number) =>
    Buffer.from(archive.subarray(from, from + length))
      .toString("latin1")
      .replace(/\0.*$/s, "");
  const files: BinaryFile[] = [];
  for (let at = 0; at + TAR_BLOCK <= archive.length && archive[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    const from = at + TAR_BLOCK;
    if (!Number.isInteger(size) || size < 0 || from + size > archive.length)
      refuseFile(ARCHIVE, `it is damaged at byte ${at}`, "Fetch it again.");
    const type = text(at + 156, 1);
    if (type === "" || type === "0")
      files.push({ name: text(at, 100), bytes: archive.subarray(from, from + size) });
    at = from + TAR_BLOCK * Math.ceil(size / TAR_BLOCK);
  }
  return files;
}

/** The data of the published archive, whose bytes `open` gives; it is unpacked in memory only. */
export async function readCifarArchive(
  open: (file: string) => Promise<Uint8Array>,
  name: string,
): Promise<RawDataset> {
  return splitsOf(untar(gunzipSync(await open(ARCHIVE))), name, ARCHIVE);
}

/** `cifar10:DIR`; a plain `cifar10` is loaded by `byName`. */
export function cifar10Source(byName: DatasetSource): DatasetSource {
  return {
    describe: `${byName.describe}, or your own copy of its binary files in a folder`,
    argument: "DIR",
    optional: true,
    async load(folder, request) {
      if (folder === "") return byName.load(folder, request);
      return assemble(await readFolder(folder, `cifar10:${basename(resolve(folder))}`), request);
    },
  };
}
