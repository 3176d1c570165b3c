/** Files of the run folder that records name by path, sha256 and size. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { badCheckpoint, messageOf } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import type { FileEntry } from "../record/index.ts";
import { writeAtomic } from "../store/index.ts";
import { decodeSafetensors, encodeSafetensors, type TensorFile } from "./safetensors.ts";

const again = "continue with bench run --resume, which makes it again";

/** Writes a file of the run folder `out`, whole or not at all. `path` is relative to the folder. */
export async function publish(out: string, path: string, bytes: Uint8Array): Promise<FileEntry> {
  await writeAtomic(join(out, path), bytes);
  return { path, sha256: sha256(bytes), bytes: bytes.length };
}

export function publishTensors(out: string, path: string, file: TensorFile): Promise<FileEntry> {
  return publish(out, path, encodeSafetensors(file));
}

/** A checkpoint of the run. @throws BAD_CHECKPOINT where it is missing or its hash is not the recorded one. */
export const readTensors = async (out: string, entry: FileEntry): Promise<TensorFile> =>
  decodeSafetensors(await checkFile(out, entry), entry.path);

/** The bytes of a file that a record names. @throws BAD_CHECKPOINT where it is missing or its hash is not the recorded one. */
export async function checkFile(out: string, entry: FileEntry): Promise<Uint8Array> {
  const bytes = await readFile(join(out, entry.path)).catch((cause: unknown) => {
    const message = `${entry.path} cannot be read (${messageOf(cause)}); ${again}`;
    throw badCheckpoint(message, cause);
  });
  if (sha256(bytes) !== entry.sha256)
    throw badCheckpoint(`${entry.path} is not the file that was recorded, its sha256 differs; ${again}`);
  return bytes;
}
