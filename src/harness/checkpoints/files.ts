import { createHash } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder } from "../../core/disk.ts";
import { BenchError, messageOf } from "../../core/errors.ts";
import type { FileEntry } from "../record/index.ts";
import { decodeSafetensors, encodeSafetensors, type TensorFile } from "./safetensors.ts";

export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Writes a file of the run folder whole or not at all; the entry names it relative to the folder. */
export async function publish(out: string, path: string, bytes: Uint8Array): Promise<FileEntry> {
  const target = join(out, path);
  await makeFolder(dirname(target));
  const part = `${target}.${process.pid}.part`; // two processes may write one file, where a killed run's is not gone yet
  try {
    await writeFile(part, bytes);
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  return { path, sha256: sha256(bytes), bytes: bytes.length };
}

export function publishTensors(out: string, path: string, file: TensorFile): Promise<FileEntry> {
  return publish(out, path, encodeSafetensors(file));
}

/** A checkpoint of the run; BAD_CHECKPOINT where it is missing or its hash is not the recorded one. */
export async function readTensors(out: string, entry: FileEntry): Promise<TensorFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(join(out, entry.path));
  } catch (error) {
    throw new BenchError(
      "BAD_CHECKPOINT",
      `${entry.path} cannot be read (${messageOf(error)}); train it again`,
      {
        cause: error,
      },
    );
  }
  if (sha256(bytes) !== entry.sha256)
    throw new BenchError("BAD_CHECKPOINT", `${entry.path} is not the file that was written; train it again`);
  return decodeSafetensors(bytes, entry.path);
}
